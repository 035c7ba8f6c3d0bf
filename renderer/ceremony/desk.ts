import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Answer, AskStep, Notice, Step } from '../../shared/ceremony.ts'
import type { DraftView, MovedDraft } from '../../shared/ipc-values.ts'
import type { Client } from '../client.ts'
import { assertedAnswer, createdAnswer } from './answers.ts'
import type { Authenticator } from './authenticator.ts'
import { creationOptions, requestOptions } from './options.ts'

/** What a ceremony is about, in the words of the screen that began it. */
export interface About {
  /** Ends the sentence "Touch your key to …". */
  readonly doing: string
  /** What is signed, whole; null where nothing is. */
  readonly draft: DraftView | null
}

/** How a ceremony ended. */
export type End = 'done' | 'cancelled' | 'refused'

type Refusal = Extract<Step, { kind: 'refused' }>

/** What lies on the desk: nothing, a draft to be read, or a ceremony with a key. Holds no secret at any time. */
export type Desk =
  | { readonly at: 'nothing' }
  | {
      readonly at: 'review'
      readonly title: string
      readonly about: About & { readonly draft: DraftView }
      /** Whether this is not what was read before: its place in the record was taken meanwhile. */
      readonly moved: boolean
    }
  | {
      readonly at: 'touch'
      readonly about: About
      readonly step: AskStep
      /** `performance.now()` when the key was asked. */
      readonly since: number
      /** Whether the person asked for their other key. */
      readonly other: boolean
    }
  | { readonly at: 'working'; readonly about: About }
  | { readonly at: 'refused'; readonly about: About; readonly refusal: Refusal }
  | { readonly at: 'broken'; readonly about: About; readonly error: unknown }

/** The desk's store and what people can do at it. */
export interface CeremonyDesk {
  readonly store: StoreApi<Desk>
  /** Shows a draft, and signs it with the key if its reader goes on. */
  review(draft: DraftView, title: string, doing: string): Promise<End>
  /** Runs a ceremony from its first step. */
  run(first: Promise<Step>, about: About): Promise<{ end: End; notices: readonly Notice[] }>
  /** From the review: on to the key. */
  readonly proceed: () => void
  /** From the review, a touch or a refusal: give up. */
  readonly cancel: () => void
  /** After a refusal: the same step once more. */
  readonly again: () => void
  /** During a touch: ask anew, for the person's other key. */
  readonly otherKey: () => void
  /** Drops everything, as on lock. */
  readonly reset: () => void
}

/** How a ceremony ended: `late` where the draft's place in the record was taken during the touch. */
interface Outcome {
  readonly end: End | 'late'
  readonly notices: readonly Notice[]
  /** What has to be read and signed instead. */
  readonly anew?: DraftView
}

type Choice = 'proceed' | 'cancel' | 'again' | 'other'

/**
 * Makes the desk. One thing lies on it at a time; a second one waits for nobody and is refused.
 *
 * @param monotonic - `performance.now`.
 */
export function createDesk(client: Client, authenticator: Authenticator, monotonic: () => number): CeremonyDesk {
  return new OneDesk(client, authenticator, monotonic)
}

const CANCELLED: Outcome = { end: 'cancelled', notices: [] }

class OneDesk implements CeremonyDesk {
  readonly store = createStore<Desk>(() => ({ at: 'nothing' }))
  readonly proceed = (): void => this.#choose?.('proceed')
  readonly cancel = (): void => this.#choose?.('cancel')
  readonly again = (): void => this.#choose?.('again')
  readonly otherKey = (): void => this.#choose?.('other')
  readonly #client: Client
  readonly #authenticator: Authenticator
  readonly #monotonic: () => number
  #choose: ((choice: Choice) => void) | null = null
  /** Counts resets: a ceremony that began before the last one shows nothing and asks no key any more. */
  #resets = 0

  constructor(client: Client, authenticator: Authenticator, monotonic: () => number) {
    this.#client = client
    this.#authenticator = authenticator
    this.#monotonic = monotonic
  }

  readonly reset = (): void => {
    this.#resets += 1
    this.#show({ at: 'nothing' })
    this.#choose?.('cancel')
  }

  review(draft: DraftView, title: string, doing: string): Promise<End> {
    this.#mustBeEmpty()
    return this.#review(draft, title, doing)
  }

  run(first: Promise<Step>, about: About): Promise<{ end: End; notices: readonly Notice[] }> {
    this.#mustBeEmpty()
    return this.#run(first, about)
  }

  async #review(first: DraftView, title: string, doing: string): Promise<End> {
    const begun = this.#resets
    const sign = (about: About) => this.#ceremony(this.#client.sign.start({ draft: first.draft }), about)
    let about = { doing, draft: first }
    for (;;) {
      this.#show({ at: 'review', title, about, moved: about.draft !== first })
      if ((await this.#choice()) !== 'proceed') break
      let { end, anew } = await sign(about)
      // The touch came too late: main now shows what has to be signed instead.
      if (end === 'late' && anew === undefined) ({ end, anew } = await sign(about))
      if (end !== 'late') return end
      if (anew !== undefined) about = { doing, draft: anew }
    }
    if (this.#resets === begun) this.#clear()
    // Main forgets it by itself after 10 minutes; a failure here changes nothing for the person.
    await this.#client.sign.drop({ draft: first.draft }).catch(() => undefined)
    return 'cancelled'
  }

  async #run(first: Promise<Step>, about: About): Promise<{ end: End; notices: readonly Notice[] }> {
    const { end, notices } = await this.#ceremony(first, about)
    return { end: end === 'late' ? 'refused' : end, notices }
  }

  async #ceremony(first: Promise<Step | MovedDraft>, about: About): Promise<Outcome> {
    const begun = this.#resets
    this.#show({ at: 'working', about })
    try {
      const step = await first
      if (this.#resets !== begun) return CANCELLED
      if (step.kind === 'moved') return { end: 'late', notices: [], anew: step.draft }
      return await this.#steps(step, about)
    } catch (error) {
      if (this.#resets !== begun) return CANCELLED
      this.#show({ at: 'broken', about, error })
      await this.#choice()
      return { end: 'refused', notices: [] }
    } finally {
      if (this.#resets === begun) this.#clear()
    }
  }

  async #steps(first: Step, about: About): Promise<Outcome> {
    const begun = this.#resets
    let step = first
    let other = false
    for (;;) {
      if (this.#resets !== begun) return CANCELLED
      if (step.kind === 'done') return { end: 'done', notices: step.notices }
      if (step.kind === 'refused') {
        if (step.code === 'cancelled') return CANCELLED
        if (step.code === 'chain-moved' && about.draft !== null) return { end: 'late', notices: [] }
        const next = await this.#afterRefusal(step, about)
        if (next === null) return { end: 'refused', notices: [] }
        step = next
        continue
      }
      const given = await this.#touch(step, about, other)
      other = given === 'other'
      if (given === 'other') continue
      const next = await this.#answer(step.ceremony, given, about)
      if (given.kind === 'cancel') return CANCELLED
      step = next
    }
  }

  /** One touch: resolves with the answer for main, or with what the person chose instead. */
  async #touch(step: AskStep, about: About, other: boolean): Promise<Answer | 'other'> {
    const abort = new AbortController()
    this.#show({ at: 'touch', about, step, since: this.#monotonic(), other })
    const key = askKey(this.#authenticator, step, abort.signal)
    const first = await Promise.race([key, this.#choice()])
    if (typeof first !== 'string') return first
    abort.abort()
    // The key may have answered in the same moment: what it gave is wiped, not used.
    wipe(await key)
    return first === 'other' ? 'other' : { kind: 'cancel' }
  }

  async #answer(ceremony: string, given: Answer, about: About): Promise<Step> {
    if (this.store.getState().at !== 'nothing') this.#show({ at: 'working', about })
    try {
      return await this.#client.ceremony.answer({ ceremony, answer: given })
    } finally {
      wipe(given)
    }
  }

  async #afterRefusal(refusal: Refusal, about: About): Promise<Step | null> {
    this.#show({ at: 'refused', about, refusal })
    const made = await this.#choice()
    if (!refusal.mayRetry) return null
    const next = await this.#answer(refusal.ceremony, { kind: made === 'again' ? 'again' : 'cancel' }, about)
    return made === 'again' ? next : null
  }

  #choice(): Promise<Choice> {
    return new Promise((resolve) => {
      this.#choose = (made) => {
        this.#choose = null
        resolve(made)
      }
    })
  }

  #mustBeEmpty(): void {
    if (this.store.getState().at !== 'nothing') throw new TypeError('a ceremony is already under way')
  }

  #show(desk: Desk): void {
    this.store.setState(desk, true)
  }

  #clear(): void {
    this.#choose = null
    this.#show({ at: 'nothing' })
  }
}

async function askKey(authenticator: Authenticator, step: AskStep, signal: AbortSignal): Promise<Answer> {
  try {
    const credential =
      step.kind === 'create'
        ? await authenticator.create(creationOptions(step.options), signal)
        : await authenticator.get(requestOptions(step.options), signal)
    if (credential === null) return { kind: 'failed', name: 'NotAllowedError' }
    const key = credential as PublicKeyCredential
    return step.kind === 'create' ? createdAnswer(key) : assertedAnswer(key)
  } catch (error) {
    return { kind: 'failed', name: error instanceof Error ? error.name.slice(0, 64) : 'UnknownError' }
  }
}

function wipe(answer: Answer): void {
  if (answer.kind === 'asserted') answer.secret?.fill(0)
}
