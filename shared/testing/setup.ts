import type { VerifiedOf } from '../statements/door.ts'
import type { Plan } from '../statements/kinds.ts'
import { person } from './keys.ts'
import { type GrantBasis, Story } from './story.ts'
import type { Said, Standing } from './world.ts'

/** An organization with an effective plan and a key that every custodian holds. */
export interface Setup {
  readonly story: Story
  readonly plan: VerifiedOf<'plan'>
  readonly deposit: VerifiedOf<'deposit'>
  readonly people: Readonly<Record<string, Standing>>
}

/** What is not as usual in a set-up. */
export interface Unusual {
  readonly signatures?: 'real' | 'blank'
  readonly people?: Readonly<Record<string, Standing>>
  readonly plan?: Partial<Plan>
  /** Who takes their share of the key, if not every custodian. */
  readonly holds?: readonly string[]
}

/** What each of these people is, when nothing else is said: see {@link setup}. */
export function standings(names: readonly string[]): Record<string, Standing> {
  return Object.fromEntries(
    names.map((name, at): [string, Standing] => [
      name,
      {
        roles: at === 0 ? ['admin', 'commander'] : at < 3 ? ['admin', 'approver'] : ['approver'],
        groups: at === 0 ? [] : [at % 2 === 1 ? 'platform' : 'security'],
      },
    ]),
  )
}

/**
 * An organization of these people: the first asks, all others hold shares and decide, two of them are enough (three of
 * five or more), the second and the third have devices that may issue, and the first three are admins. Keys come from
 * the names, so a failure repeats.
 */
export function setup(...names: readonly string[]): Promise<Setup> {
  return setupWith(names)
}

/** As {@link setup}, but for what is unusual. */
export async function setupWith(names: readonly string[], unusual: Unusual = {}): Promise<Setup> {
  const people = { ...standings(names), ...unusual.people }
  const story = new Story(unusual.signatures ?? 'blank')
  await story.found(people)
  const [first = '', ...others] = names
  const member = (name: string) => person(name).member
  const plan = await story.draftPlan(first, {
    requesters: [member(first)],
    custodians: others.map(member),
    issuers: others.slice(0, 2).map(member),
    quorum: { count: others.length >= 5 ? 3 : 2, groups: [], veto: [] },
    ...unusual.plan,
  })
  const admins = Object.keys(people).filter((name) => people[name]?.roles.includes('admin'))
  for (const admin of admins) await story.endorse(admin, plan)
  const deposit = await story.deposit(first, plan)
  await story.hold(deposit, unusual.holds ?? others.filter((name) => plan.payload.custodians.includes(member(name))))
  story.pass(60)
  return { story, plan, deposit, people }
}

/** A whole case up to its grant: alice asks, these people approve and release, the first of the issuers issues. */
export async function grantedCase(
  { story, plan, deposit }: Setup,
  asker: string,
  approvers: readonly string[],
  issuer: string,
  asked: Partial<Said<'request'>> = {},
  granted: Partial<Said<'grant'>> = {},
): Promise<GrantBasis & { readonly grant: VerifiedOf<'grant'> }> {
  const request = await story.ask(asker, plan, asked)
  story.pass(1)
  const decisions: VerifiedOf<'decision'>[] = []
  for (const name of approvers) decisions.push(await story.decide(name, request))
  const ready = await story.ready(issuer, request, deposit)
  const releases: VerifiedOf<'release'>[] = []
  for (const name of approvers) releases.push(await story.release(name, ready))
  const issuing = await story.issuing(issuer, ready)
  story.pass(1)
  const basis = { request, plan, ready, issuing, decisions, releases }
  return { ...basis, grant: await story.grant(issuer, basis, granted) }
}
