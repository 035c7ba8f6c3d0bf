import type { Digest } from '../../shared/bytes.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import { hasEndorsedBeside } from '../../shared/org/siblings.ts'
import { memberOf, type VerifiedOf, type VerifiedStatement } from '../../shared/statements/door.ts'
import { ruleWords } from '../../shared/views/plans.ts'
import { AppError } from './app-error.ts'
import { acceptShare } from './custody.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'
import { checkOnlySuccessor, checkOwnEntry, isAdminOf } from './people.ts'

/** Drafts the owner's endorsement of a roster, a plan or a deposit; each is checked in its own way first. */
export function draftEndorsement(device: Device, drafts: Drafts, of: Digest, compared: boolean): DraftView {
  const statement = device.store.get(of) ?? device.offers.upTo(of).at(-1)
  switch (statement?.kind) {
    case 'roster':
      return endorseRoster(device, drafts, statement, compared)
    case 'plan':
      return endorsePlan(device, drafts, statement)
    case 'deposit':
      return acceptShare(device, drafts, statement)
    default:
      return notEndorsable(statement)
  }
}

function notEndorsable(statement: VerifiedStatement | undefined): never {
  throw new AppError(
    'not-found',
    statement === undefined ? 'What you want to endorse is not here any more.' : `A ${statement.kind} is not endorsed.`,
  )
}

function endorseRoster(device: Device, drafts: Drafts, roster: VerifiedOf<'roster'>, compared: boolean): DraftView {
  if (!compared)
    throw new AppError(
      'not-compared',
      'Compare the 12 words aloud with everyone first. Only that shows that all of you endorse the same list.',
    )
  checkOwnEntry(device, roster.payload)
  const genesis = roster.payload.predecessor === null
  if (genesis && device.org() !== null)
    throw new AppError('already-founded', 'This app belongs to an organization already.')
  const org = device.org()
  const joining = !genesis && org === null
  checkOnlySuccessor(device, roster.id, roster.payload.predecessor)
  if (org !== null && !genesis && ![org.head.roster, roster.payload].some((one) => isAdminOf(one, device)))
    throw new AppError(
      'not-allowed',
      'Only admins endorse a change of people: those of now, and those to come. Nothing is wanted of you.',
    )
  const people = roster.payload.members.map(({ name }) => name).join(', ')
  return drafts.add({
    kind: 'endorsement',
    sentence: genesis
      ? `Found “${roster.payload.name}” together with ${people}.`
      : joining
        ? `Join “${roster.payload.name}”: ${people}.`
        : `Endorse the change of people: from then on ${people}.${besideWords(device, roster)}`,
    fields: { of: roster.id },
    subject: roster,
    ...(genesis || joining
      ? {
          under: { organization: roster.payload.organization ?? roster.id, roster: roster.id },
          // The endorsement names this roster, so it has to stand in the store before the endorsement is recorded.
          check: () => pinOffered(device, roster),
        }
      : {
          // Another may have come into force while the key was looked for.
          check: () => Promise.resolve(checkOnlySuccessor(device, roster.id, roster.payload.predecessor)),
        }),
  })
}

function besideWords(device: Device, { id, payload: { predecessor } }: VerifiedOf<'roster'>): string {
  const org = device.org()
  if (org === null || predecessor === null) return ''
  return hasEndorsedBeside(org, { id, predecessor }, device.profile.member)
    ? ' You endorsed another change of the same list before. If both get enough endorsements, the organization splits for good. Agree with the other admins, aloud, which one nobody endorses any more.'
    : ''
}

/**
 * Takes a roster that was handed over into the log, with all before it, and acts on it from now on.
 *
 * @throws {AppError} `draft-refused` if one of them is not taken in; then this app acts on what it acted on before.
 */
async function pinOffered(device: Device, roster: VerifiedOf<'roster'>): Promise<void> {
  const offered = device.offers.upTo(roster.id)
  const chain = offered.length > 0 ? offered : [roster]
  // Another organization may be pinned whose founding was endorsed here, and never came about: it is given up for this one.
  device.store.pinOrganization(roster.payload.organization ?? roster.id)
  try {
    for (const one of chain) await takeOffered(device, one)
    await device.movePin(roster.id)
  } catch (error) {
    device.store.pinOrganization(device.organizationId())
    throw error
  }
}

async function takeOffered(device: Device, { id, envelope }: VerifiedOf<'roster'>): Promise<void> {
  const receipt = await device.store.receive(envelope, device.offers.cameFrom(id), true)
  if (receipt.verdict === 'new' || receipt.verdict === 'known') return
  const why = receipt.verdict === 'refused' ? receipt.message : 'a list of people before it is not here'
  throw new AppError(
    'draft-refused',
    `A list of people in this draft was not taken in: ${why}. Nothing was endorsed. Ask for the draft anew, open it, and endorse it then.`,
  )
}

function endorsePlan(device: Device, drafts: Drafts, plan: VerifiedOf<'plan'>): DraftView {
  const { id, payload } = plan
  const head = device.org()?.head.roster
  const me = head && memberOf(head, device.profile.member)
  const names = device.names()
  const custodian = payload.custodians.includes(device.profile.member)
  if (!me || !(me.roles.includes('admin') || custodian))
    throw new AppError('not-allowed', 'Only admins and the plan’s custodians endorse a plan.')
  const requesters = payload.requesters.map((member) => names(member).name).join(', ')
  return drafts.add({
    kind: 'endorsement',
    sentence: `Endorse the plan “${payload.name}”: ${requesters} may ask for ${payload.access.roleArn}; ${ruleWords(payload)} must approve.`,
    fields: { of: id },
    subject: plan,
  })
}
