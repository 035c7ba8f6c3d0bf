import type { PlanForm } from '../../shared/ipc-values.ts'
import type { Statement } from '../../shared/statements/envelope.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import type { Sandbox, SandboxOptions } from '../sandbox-aws/sandbox.ts'
import type { LocalOptions } from './local-app.ts'
import type { Party } from './party.ts'
import { acceptShares, approves, asks, caseOf, isDone, type Person } from './people.ts'
import type { TestClock } from './test-clock.ts'
import { agree, deposit, found, type LocalParty, newWorld, planForm, type World } from './world.ts'

type Four<Who> = readonly [Who, Who, Who, Who]

/** Four people with a plan that any two others can approve, and a credential that all of them hold. */
export interface Setting<Who extends Party = Party> {
  readonly sandbox: Sandbox
  /** Ana asks and deposits; Raj and Leo approve; Mia's device issues first, Leo's next. */
  readonly parties: Four<Who>
  readonly plan: string
}

/** Four people whose apps run in this process. */
export interface LocalSetting extends Setting<LocalParty> {
  readonly world: World
}

/** Sets four people up, whose apps were just started. */
export async function settle<Who extends Party>(
  parties: Four<Who>,
  sandbox: Sandbox,
  more: Partial<PlanForm['access']> = {},
): Promise<Setting<Who>> {
  await found(parties)
  const form = await planForm(parties[0], sandbox, 2)
  const plan = await agree(parties, { ...form, access: { ...form.access, ...more } })
  await deposit(parties, parties[0], plan, sandbox.accessKey)
  return { sandbox, parties, plan }
}

/** Sets four people up in this process. @param given - what they are given instead of the real thing. */
export async function newFour(
  given: {
    readonly clock?: TestClock
    readonly apps?: Partial<LocalOptions>
    readonly sandbox?: SandboxOptions
    /** Whether the plan has a revoker. */
    readonly revoker?: boolean
    /** Whether the plan has a rotator. */
    readonly rotator?: boolean
  } = {},
): Promise<LocalSetting> {
  const world = await newWorld(900, given.sandbox, given.clock)
  const arrive = (name: string) => world.arrive(name, given.apps)
  const parties = [await arrive('Ana'), await arrive('Raj'), await arrive('Mia'), await arrive('Leo')] as const
  for (const party of parties) await party.setUp()
  const { iam, revoker, rotator } = world.sandbox.aftercare
  const narrow = { ...(given.revoker && { revoker }), ...(given.rotator && { rotator }) }
  const more = given.revoker || given.rotator ? { aftercare: { iam, ...narrow } } : {}
  return { world, ...(await settle(parties, world.sandbox, more)) }
}

/** What people do from some point on, and what every window shows when it is done. */
export interface Story {
  readonly people: readonly Person[]
  readonly isOver: (snapshot: Snapshot) => boolean
  /** What must be so afterwards, beside what must be after every story. */
  readonly check?: (statements: readonly Statement[]) => Promise<void>
}
export type Tell = (setting: Setting) => Promise<Story>

/** A story of one more deposit under the plan. */
export async function depositing({ sandbox, parties, plan }: Setting): Promise<Story> {
  const { generations } = await parties[0].snapshot()
  const before = generations.length
  const deposits: Person['habits'][number] = async (party, { generations: now }) => {
    if (now.length > before) return
    const { accessKeyId } = sandbox.accessKey
    const secretAccessKey = Buffer.from(sandbox.accessKey.secretAccessKey)
    await party.sign(party.call.credentials.deposit({ plan, key: { from: 'typed', accessKeyId, secretAccessKey } }))
  }
  return {
    people: parties.map((party, at) => ({ party, habits: at === 0 ? [deposits, acceptShares] : [acceptShares] })),
    isOver: ({ generations: now }) => now.length === before + 1 && now.at(-1)?.state === 'proven',
  }
}

/** A story of one access, from the request to its recorded end. */
export async function issuing({ parties, plan }: Setting): Promise<Story> {
  const { cases } = await parties[0].snapshot()
  const reference = `INC-${cases.length + 1}`
  const [ana, raj, mia, leo] = parties
  return {
    people: [
      { party: ana, habits: [asks({ plan, reference }), isDone] },
      { party: raj, habits: [approves(reference)] },
      { party: mia, habits: [] },
      { party: leo, habits: [approves(reference)] },
    ],
    isOver: (snapshot) => typeof caseOf(snapshot, reference)?.grant?.endedAt === 'number',
  }
}

let asked = 0

/** Ana asks, and everybody has heard it. */
export async function asking(
  { parties, plan }: Setting,
  purpose: 'access' | 'drill' = 'access',
  under: string = plan,
): Promise<{ readonly id: string; readonly reference: string }> {
  const reference = `INC-A${++asked}`
  const [ana] = parties
  await asks({ plan: under, reference, purpose })(ana, await ana.snapshot())
  const heard = await Promise.all(parties.map((party) => party.until('the request', (now) => caseOf(now, reference))))
  return { id: heard[0]?.id ?? '', reference }
}
