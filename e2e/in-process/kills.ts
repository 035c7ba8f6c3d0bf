import type { Snapshot } from '../../shared/views/views.ts'
import { expectAccountedFor, expectChains, expectCovered, expectRecordedBefore, expectSame } from './invariants.ts'
import type { LocalOptions } from './local-app.ts'
import type { Moment } from './mortal-fs.ts'
import { acceptShares, approves, asks, carryOn, caseOf, isDone, type Person } from './people.ts'
import type { TestClock } from './test-clock.ts'
import { agree, deposit, found, type LocalParty, newWorld, planForm, type World } from './world.ts'

/** Four people with a plan that any two others can approve, and a credential that all of them hold. */
export interface Four {
  readonly world: World
  /** Ana asks and deposits; Raj and Leo approve; Mia's device issues first, Leo's next. */
  readonly parties: readonly [LocalParty, LocalParty, LocalParty, LocalParty]
  readonly plan: string
}

/** Sets four people up. @param given - what they are given instead of the real thing. */
export async function newFour(
  given: { readonly clock?: TestClock; readonly apps?: Partial<LocalOptions> } = {},
): Promise<Four> {
  const world = await newWorld(900, {}, given.clock)
  const arrive = (name: string) => world.arrive(name, given.apps)
  const parties = [await arrive('Ana'), await arrive('Raj'), await arrive('Mia'), await arrive('Leo')] as const
  for (const party of parties) await party.setUp()
  await found(parties)
  const plan = await agree(parties, await planForm(parties[0], world.sandbox, 2))
  await deposit(parties, parties[0], plan, world.sandbox.accessKey)
  return { world, parties, plan }
}

/** What people do from some point on, and what every window shows when it is done. */
export interface Story {
  readonly people: readonly Person[]
  readonly isOver: (snapshot: Snapshot) => boolean
}
export type Tell = (four: Four) => Promise<Story>

/** A story of one more deposit under the plan. */
export async function depositing({ world, parties, plan }: Four): Promise<Story> {
  const { sandbox } = world
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
export async function issuing({ parties, plan }: Four): Promise<Story> {
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

// With this variable every moment of every step; without it a part of them, spread over all steps.
const EVERY = process.env['LOCKBOX_KILLS'] === 'every'
const MOMENTS: readonly Moment[] = ['after', 'before', 'half']

interface Point {
  readonly step: number
  readonly moment: Moment
}

function pointsOf(steps: number, stride: number): Point[] {
  const numbers = Array.from({ length: steps }, (_, step) => step)
  if (EVERY) return numbers.flatMap((step) => MOMENTS.map((moment) => ({ step, moment })))
  return numbers
    .filter((step) => step % stride === 0)
    .map((step, at) => ({ step, moment: MOMENTS[at % MOMENTS.length] as Moment }))
}

/**
 * Lives through a story once to count the durable steps of the victim's app; then again and again, each time killing it
 * at another one, and going on by what the windows say.
 *
 * @param stride - without `LOCKBOX_KILLS=every`, each so-many-eth step only.
 * @returns the part of the points that was reached: how many statements of others arrive before the end is a matter of
 *   luck, so the last points may not be.
 */
export async function killAlong(four: Four, victim: LocalParty, tell: Tell, stride: number): Promise<number> {
  const steps = await stepsOf(four, victim, tell)
  const points = pointsOf(steps, stride)
  let reached = 0
  for (const point of points) {
    if (point.step % 12 === 0) await four.world.rewind()
    if (await killAt(four, victim, point, tell)) reached++
  }
  return reached / points.length
}

async function stepsOf(four: Four, victim: LocalParty, tell: Tell): Promise<number> {
  victim.running.fs.count()
  const { people, isOver } = await tell(four)
  await carryOn(people, isOver)
  await expectSame(four.parties)
  return victim.running.fs.steps.length
}

/** @returns whether that point was reached. */
async function killAt(four: Four, victim: LocalParty, { step, moment }: Point, tell: Tell): Promise<boolean> {
  const { world, parties } = four
  const { sandbox } = world
  const logged = sandbox.log.length
  const others = parties.filter((party) => party !== victim)
  const { people, isOver } = await tell(four)
  let died = false
  victim.running.fs.dieAt(step, moment)
  try {
    await carryOn(people, isOver, async () => {
      died = true
      await expectCovered(others, sandbox)
    })
    victim.running.fs.count()
    const statements = await expectSame(parties)
    expectChains(statements)
    expectRecordedBefore(sandbox.log.slice(logged), statements)
    expectAccountedFor(sandbox.log.slice(logged), statements)
    await expectCovered(parties, sandbox)
  } catch (error) {
    throw new Error(`${victim.name} died ${moment} step ${step}`, { cause: error })
  }
  return died
}
