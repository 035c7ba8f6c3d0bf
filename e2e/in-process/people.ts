import { setTimeout as delay } from 'node:timers/promises'
import { readFile } from '../../shared/carriers/file.ts'
import { parse, type Statement } from '../../shared/statements/envelope.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { notNowWords } from '../../shared/views/not-now.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { CallError } from '../../shared/wire.ts'
import { LocalApp } from './local-app.ts'
import { IDLE_MS, isDeath, type Party, Refused } from './party.ts'

/** What a person does when they look at their window; nothing, if it asks nothing of them. */
export type Habit = (party: Party, snapshot: Snapshot) => Promise<unknown>

/** Somebody, and what they do. */
export interface Person {
  readonly party: Party
  readonly habits: readonly Habit[]
}

const ROUND_MS = 50
/** Something else came in between: a person who looks again does the right thing. */
const LOOK_AGAIN = ['chain-moved', 'not-allowed', 'not-found']
/** A device began to issue between the look and the touch: nobody is asked to approve any more. */
const BEGUN = notNowWords('attempt-runs')

/**
 * Lets people do what their windows ask of them until every window shows that something is so. Whoever's app is killed
 * starts it again and goes on by what the window then says: nobody here knows at which step it died.
 *
 * @param onDeath - called before a killed app is started again.
 */
export async function carryOn(
  people: readonly Person[],
  goal: (snapshot: Snapshot) => boolean,
  onDeath: (party: Party) => Promise<void> = async () => undefined,
  ms = 40_000,
): Promise<void> {
  const deadline = performance.now() + ms
  const watches = people.map((person) => new Watch(person, goal, onDeath))
  for (;;) {
    for (const watch of watches) await watch.look()
    if (watches.every(({ isReached }) => isReached)) return
    if (performance.now() > deadline) throw new Error(`not so after ${ms} ms:\n${await explain(people)}`)
    await delay(ROUND_MS)
  }
}

/** One person before their window, who looks when it shows something new, and from time to time. */
class Watch {
  readonly #person: Person
  readonly #goal: (snapshot: Snapshot) => boolean
  readonly #onDeath: (party: Party) => Promise<void>
  #seen = -1
  #lookedAt = Number.NEGATIVE_INFINITY
  /** When all was done that the last look asked for: what was drawn before may not show it yet. */
  #doneAt = Number.POSITIVE_INFINITY
  #isReached = false

  constructor(person: Person, goal: (snapshot: Snapshot) => boolean, onDeath: (party: Party) => Promise<void>) {
    this.#person = person
    this.#goal = goal
    this.#onDeath = onDeath
  }

  /** Whether the window showed the goal when it was last looked at. */
  get isReached(): boolean {
    return this.#isReached
  }

  /** Looks at the window and does what it asks. */
  async look(): Promise<void> {
    const { party, habits } = this.#person
    if (party.isDead) {
      await this.#onDeath(party)
      await party.revive()
      // What came meanwhile is of an app that had not read its log.
      this.#doneAt = Number.POSITIVE_INFINITY
    } else if (party.changes === this.#seen && performance.now() - this.#lookedAt < IDLE_MS) return
    this.#seen = party.changes
    this.#lookedAt = performance.now()
    try {
      const snapshot = await party.pictureAfter(this.#doneAt)
      this.#doneAt = Number.POSITIVE_INFINITY
      for (const habit of habits) await habit(party, snapshot)
      this.#isReached = this.#goal(snapshot)
      this.#doneAt = performance.now()
    } catch (error) {
      const isRefused = error instanceof Refused || error instanceof CallError
      const again = isRefused && (LOOK_AGAIN.includes(error.code) || error.message.endsWith(BEGUN))
      if (!again && !isDeath(error)) throw error
      this.#seen = -1
      this.#isReached = false
    }
  }
}

async function explain(people: readonly Person[]): Promise<string> {
  const told = await Promise.all(people.map(({ party }) => party.explain().catch(() => 'dead')))
  return people.map(({ party }, at) => `${party.name}:\n${told[at] ?? ''}`).join('\n')
}

/** Accepts the newest share that is offered. */
export const acceptShares: Habit = async (party, { generations }) => {
  const mine = generations.findLast((one) => one.mine === 'accept')
  if (mine !== undefined) await party.sign(party.call.endorse.draft({ of: mine.id, compared: false }))
}

/** Approves the request of that reference, and touches the key again when the window says so. */
export function approves(reference: string): Habit {
  return async (party, snapshot) => {
    const one = caseOf(snapshot, reference)
    if (one?.mine.mayDecide !== true || (one.mine.decided !== null && !one.mine.needsTouch)) return
    await party.sign(party.call.cases.decide({ request: one.id, verdict: 'approve', reason: '' }))
  }
}

/** What may be said in a request beside its reference. */
export interface Asking {
  readonly plan: string
  readonly reference: string
  readonly purpose?: 'access' | 'drill'
  readonly seconds?: number
  readonly emergency?: string
}

/** Asks once: a request that is there already is not made again. */
export function asks({
  plan,
  reference,
  purpose = 'access',
  seconds = 900,
  emergency = 'identity-provider-down',
}: Asking): Habit {
  return async (party, snapshot) => {
    if (caseOf(snapshot, reference) === undefined)
      await party.sign(
        party.call.cases.request({
          plan,
          purpose,
          emergency,
          what: 'Nobody can sign in since 02:40',
          reference,
          seconds,
        }),
      )
  }
}

/** Goes on with a folder of which the window says that it is older than what others have, or a copy. */
export const goesOn: Habit = async (party, { standing }) => {
  if (standing?.met === true && ['older', 'copied'].includes(standing.state)) await party.call.vault.goOn()
}

/** Says “I am done” as soon as the session is here. */
export const isDone: Habit = async (party, { sessions }) => {
  for (const session of sessions.filter(({ here }) => here)) await party.call.sessions.done({ case: session.case })
}

/** The case of a reference, if the window shows it. */
export function caseOf({ cases }: Pick<Snapshot, 'cases'>, reference: string): CaseView | undefined {
  return cases.find((one) => one.reference === reference)
}

/** All statements that an app accepted: of one in this process as it has them, else as it hands them over by file. */
export async function statementsOf(party: Party): Promise<readonly Statement[]> {
  const { running } = party
  if (running instanceof LocalApp) {
    const { store } = running.app.desk().device
    return store.ids().flatMap((id) => store.get(id) ?? [])
  }
  const { bytes } = await party.call.exchange.writeFile({ request: null })
  return readFile(bytes).statements.map((envelope) => parse(envelope))
}
