import { PARTITION_NAMES, partitionOfArn, partitionOfRegion } from '../../../../shared/org/aws-partition.ts'
import { emergencyRoles, identityOf, type RegionFact, type SetupFacts, type Told, userOf } from './facts.ts'
import { type Line, line } from './line.ts'
import { SOURCES } from './sources.ts'

/** What is said of the key, its user, and the regions. */
export function userLines(facts: SetupFacts): Line[] {
  return [
    ...keyLines(facts),
    ...facts.regions.flatMap(regionLines),
    ...distance(facts),
    ...codeLines(facts),
    ...accountLines(facts),
    ...listLines(facts),
    ...moreLines(facts),
  ]
}

function keyLines(facts: SetupFacts): Line[] {
  const { regions, setup, accessKeyId } = facts
  const refusal = regions.find(({ told }) => told.is === 'refused')
  const arn = identityOf(facts)
  if (refusal?.told.is === 'refused' && arn === null)
    return [
      line(
        'key',
        'wrong',
        `AWS (${refusal.region}) does not accept the key ${accessKeyId} (${refusal.told.name}): it was replaced, turned off or mistyped. See that all of it is there and right, or make a new one.`,
        SOURCES.fault,
      ),
    ]
  if (arn === null)
    return [
      line('key', 'unknown', 'No region answered, so nothing is known of the key. Check the network.', SOURCES.fault),
    ]
  const user = userOf(arn)
  if (user === null)
    return [
      line('key', 'wrong', `The key is not of an IAM user but of ${arn}. Make a user that may do little.`, SOURCES.sec),
    ]
  if (setup.user !== null && setup.user !== user)
    return [
      line('key', 'wrong', `The key is of ${user}, and the rotator is to replace keys of ${setup.user}.`, SOURCES.sec),
    ]
  return [line('key', 'right', `The long-lived key ${accessKeyId} works; it is of ${arn}.`, SOURCES.fault)]
}

/** How far a clock may be off: AWS takes 5 minutes for some calls. */
const SKEW_MS = 60_000
/** After so long the next region is asked as well. */
const PATIENCE_MS = 1800

function regionLines({ region, told, tookMs, skewMs }: RegionFact): Line[] {
  const clock =
    skewMs === null || Math.abs(skewMs) <= SKEW_MS
      ? []
      : [
          line(
            'clock',
            'wrong',
            `The clock of this device is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'behind' : 'ahead of'} that of AWS (${region}). Set it.`,
            SOURCES.time,
          ),
        ]
  if (told.is === 'unreached' || told.is === 'unasked')
    return [
      line(
        'region',
        'unknown',
        `STS in ${region} gave no answer that counts${told.is === 'unreached' ? ` (${told.code})` : ''}. Check the network, the endpoint, and whether the region is switched on.`,
        SOURCES.regional,
      ),
      ...clock,
    ]
  if (told.is === 'refused')
    return [line('region', 'wrong', `STS in ${region} refused the key (${told.name}).`, SOURCES.regional), ...clock]
  const skew = skewMs === null ? 'its clock is not known' : `its clock is ${skewMs} ms from this one`
  return [
    tookMs > PATIENCE_MS
      ? line(
          'region',
          'wrong',
          `STS in ${region} took ${tookMs} ms; choose a nearer region or a better network.`,
          SOURCES.regional,
        )
      : line('region', 'right', `STS in ${region} answered in ${tookMs} ms; ${skew}.`, SOURCES.regional),
    ...clock,
  ]
}

function distance({ setup }: SetupFacts): Line[] {
  const count = new Set(setup.regions.map(({ region }) => region)).size
  return [
    count < 2
      ? line(
          'regions',
          'wrong',
          'There is one region: when it fails there is no other. Name two, far apart.',
          SOURCES.regional,
        )
      : line('regions', 'right', `There are ${count} regions to fall back on one another.`, SOURCES.regional),
  ]
}

function codeLines({ setup, code }: SetupFacts): Line[] {
  if (code === null) return []
  if (code.is === 'done') return [line('code', 'right', `AWS took a code of ${setup.mfa}.`, SOURCES.mfa)]
  if (code.is === 'refused')
    return [
      line(
        'code',
        'wrong',
        `AWS did not take a code of ${setup.mfa} (${code.name}). Is it this user's device and its seed, and was no code used within 30 s? ${code.words}`.trim(),
        SOURCES.mfa,
      ),
    ]
  return [line('code', 'unknown', 'AWS did not answer whether it takes the code.', SOURCES.mfa)]
}

function accountLines(facts: SetupFacts): Line[] {
  const arn = identityOf(facts)
  if (arn === null) return []
  const { setup } = facts
  const partition = partitionOfArn(arn)
  const account = accountOf(arn)
  const arns = [...emergencyRoles(setup), ...[setup.revoker, setup.rotator].filter((one) => one !== null)]
  const strangers = [
    ...arns.filter((one) => partitionOfArn(one) !== partition),
    // Test servers have regions of any name.
    ...setup.regions.map(({ region }) => region).filter((one) => (partitionOfRegion(one) ?? partition) !== partition),
  ]
  const name = partition === null ? 'a partition that Lockbox does not know' : PARTITION_NAMES[partition]
  const { revoker, rotator } = setup
  const apart = emergencyRoles(setup).filter((role) => revoker !== null && accountOf(role) !== accountOf(revoker))
  return [
    partition === null || strangers.length > 0
      ? line(
          'partition',
          'wrong',
          `The key is of ${name}; not so ${strangers.join(', ')}. One partition knows nothing of another.`,
          SOURCES.arn,
        )
      : line('partition', 'right', `All is in the partition ${name}, the key in the account ${account}.`, SOURCES.arn),
    ...apart.map((role) =>
      line(
        'account',
        'wrong',
        `The revoker is in another account than ${role}, whose sessions it has to end.`,
        SOURCES.revoke,
      ),
    ),
    ...(rotator !== null && accountOf(rotator) !== account
      ? [
          line(
            'account',
            'wrong',
            'The rotator is in another account than the user whose keys it has to replace.',
            SOURCES.sec,
          ),
        ]
      : []),
  ]
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? ''
}

const DAY_MS = 86_400_000
/** A drill replaces the key, and one is due so often. */
const MOST_DAYS = 90

function listLines({ keys, now, accessKeyId }: SetupFacts): Line[] {
  if (keys.is === 'unasked') return []
  if (keys.is === 'unreached')
    return [line('keys', 'unknown', 'IAM did not say in full which keys the user has. Try again.', SOURCES.rotate)]
  if (keys.is === 'refused')
    return [
      line(
        'keys',
        'wrong',
        `The user may not list its own keys; see ManageOwnKeys in the template. ${keys.words}`.trim(),
        SOURCES.rotate,
      ),
    ]
  const own = keys.good.find((key) => key.accessKeyId === accessKeyId)
  const others = keys.good.filter((key) => key !== own).map((key) => key.accessKeyId)
  const days = own === undefined ? Number.NaN : Math.floor((now - own.created) / DAY_MS)
  return [
    others.length > 0
      ? line(
          'keys',
          'wrong',
          `The user has another key, ${others.join(', ')}: AWS gives a user two, so no new one can be made. Find out whose it is, and delete it.`,
          SOURCES.keys,
        )
      : own === undefined
        ? line(
            'keys',
            'unknown',
            'The key is not among those that IAM lists; a new one may take a while.',
            SOURCES.keys,
          )
        : line('keys', 'right', 'The user has this one key, so that another can be made beside it.', SOURCES.keys),
    ...(own === undefined
      ? []
      : [
          days > MOST_DAYS
            ? line(
                'age',
                'wrong',
                `The key is ${days} days old: no drill has replaced it for more than ${MOST_DAYS} days. Do a drill.`,
                SOURCES.drill,
              )
            : line('age', 'right', `The key is ${Math.max(0, days)} days old.`, SOURCES.drill),
        ]),
  ]
}

/**
 * Only an explicit deny outlasts a policy that somebody attaches, and only AWS's word for it shows one: what nothing allows
 * is refused as well. A deny may be for those without a code alone, so that it counts once it was seen with one.
 */
function moreLines(facts: SetupFacts): Line[] {
  const { more, code } = facts
  if (identityOf(facts) === null) return []
  const named = (is: (told: Told) => boolean) => more.flatMap(({ what, told }) => (is(told) ? [what] : []))
  const done = named((told) => told.is === 'done')
  const lax = named((told) => told.is === 'refused' && told.rule === 'no-allow')
  const open = named((told) => told.is !== 'refused' || told.rule !== 'own-deny')
  const least = (says: Line['says'], words: string) => [line('least', says, words, SOURCES.least)]
  if (done.length > 0)
    return least(
      'wrong',
      `The user may do more than it needs: ${done.join(', ')}. Detach other policies and groups; see NothingElse and NowhereElse in the template.`,
    )
  if (lax.length > 0)
    return least(
      'wrong',
      `Nothing allows the user ${lax.join(', ')}, and nothing denies it: a policy that somebody attaches would. Give it the explicit denies NothingElse and NowhereElse of the template.`,
    )
  if (open.length > 0 || more.length === 0)
    return least('unknown', `Not settled whether the user may do more than it needs: ${open.join(', ')}.`)
  const seen = `An explicit deny keeps the user from what it does not need: ${named(() => true).join(', ')}.`
  if (code !== null) return least('right', seen)
  return least(
    'by-hand',
    `${seen} That was without an MFA code. Whether one opens more: read in the user's policies that NothingElse and NowhereElse have no condition, or check with the MFA device and its seed.`,
  )
}
