import { expectAccountedFor, expectChains, expectCovered, expectRecordedBefore, expectSame } from './invariants.ts'
import type { Moment, Point } from './mortal-fs.ts'
import type { Party } from './party.ts'
import { carryOn } from './people.ts'
import { type LocalSetting, newFour, type Setting, type Tell } from './stories.ts'
import type { LocalParty } from './world.ts'

/** With this variable every moment of every step is died at; without it a part of them, spread over all steps. */
export const EVERY = process.env['LOCKBOX_KILLS'] === 'every'
export const MOMENTS: readonly Moment[] = ['after', 'before', 'half']
/** After so many deaths everybody goes back to the beginning: every story makes the next one slower. */
const BETWEEN_REWINDS = 3

/** Four people as they are before any story, to whom {@link killAlong} brings everybody back. @param given - see `newFour`. */
export async function fourToKill(given: Parameters<typeof newFour>[0] = {}): Promise<LocalSetting> {
  const four = await newFour(given)
  await four.world.save()
  return four
}

function pointsOf(steps: number, stride: number): Point[] {
  const numbers = Array.from({ length: steps }, (_, step) => step)
  if (EVERY) return numbers.flatMap((step) => MOMENTS.map((moment) => ({ step, moment })))
  return numbers
    .filter((step) => step % stride === 0)
    .map((step, at) => ({ step, moment: MOMENTS[at % MOMENTS.length] as Moment }))
}

/**
 * Lives through a story once to count the durable steps of the victim's app; then again and again, each time killing it at
 * another one, and going on by what the windows say.
 *
 * @param four - those of {@link fourToKill}.
 * @param stride - without `LOCKBOX_KILLS=every`, each so-many-eth step only.
 * @param ms - how long a story may take, if not the usual.
 * @returns how often the app died. How many steps a story has is a matter of luck, since what comes together is kept
 *   together; where it was over before the wanted step, an earlier one is taken.
 */
export async function killAlong(
  four: LocalSetting,
  victim: LocalParty,
  tell: Tell,
  stride: number,
  ms?: number,
): Promise<number> {
  const steps = await stepsOf(four, victim, tell, ms)
  let stories = 0
  let deaths = 0
  for (const point of pointsOf(steps, stride)) {
    for (let { step } = point; step >= 0; step -= stride) {
      if (stories++ % BETWEEN_REWINDS === 0) await four.world.rewind()
      if (!(await killAt(four, victim, { ...point, step }, tell, ms))) continue
      deaths++
      break
    }
  }
  return deaths
}

async function stepsOf(four: LocalSetting, victim: LocalParty, tell: Tell, ms?: number): Promise<number> {
  const { people, isOver } = await tell(four)
  victim.running.fs.count()
  await carryOn(people, isOver, undefined, ms)
  // What comes after its end is no step of the story: nobody dies there.
  const steps = victim.running.fs.steps.length
  await expectSame(four.parties)
  return steps
}

/** Lives through a story in which nobody's app dies. @param ms - how long it may take, if not the usual. */
export async function live(four: Setting, tell: Tell, ms?: number): Promise<void> {
  const { people, isOver, check } = await tell(four)
  await carryOn(people, isOver, undefined, ms)
  await check?.(await expectSame(four.parties))
}

/**
 * Lives through a story in which an app dies at one point, and checks what must be so afterwards.
 *
 * @returns whether that point was reached.
 */
export async function killAt(four: Setting, victim: Party, point: Point, tell: Tell, ms?: number): Promise<boolean> {
  const { sandbox, parties } = four
  const logged = sandbox.log.length
  const others = parties.filter((party) => party !== victim)
  const { people, isOver, check } = await tell(four)
  let died = false
  await victim.running.dieAt(point)
  try {
    const onDeath = async () => {
      died = true
      await expectCovered(others, sandbox)
    }
    await carryOn(people, isOver, onDeath, ms)
    await victim.running.dieAt(null)
    const statements = await expectSame(parties)
    expectChains(statements)
    expectRecordedBefore(sandbox.log.slice(logged), statements)
    expectAccountedFor(sandbox.log.slice(logged), statements)
    await expectCovered(parties, sandbox)
    await check?.(statements)
  } catch (error) {
    throw new Error(`${victim.name} died ${point.moment} step ${point.step}`, { cause: error })
  }
  return died
}
