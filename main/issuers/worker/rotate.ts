import type { Random } from '../../../shared/secrets/random.ts'
import { type Rotated, type RotationOutcome, rotateOnce } from '../aws/rotating.ts'
import type { Progress } from '../aws/rotation.ts'
import { dealCredential } from './deal.ts'
import { type Message, wipe } from './messages.ts'
import type { DealNewFacts, RotateFacts, TurnAnswer, TurnFacts } from './protocol.ts'

/** Why no key is dealt: it is not here. */
const NO_KEY: Message = {
  facts: { is: 'refused', code: 'no-key', message: 'this worker has no new key' },
  parts: [],
}

/**
 * What replaces a key: the rotator, and the new key's secret from its creation until it has worked without the old one.
 * Neither ever leaves this process but dealt.
 */
export class Rotation {
  readonly #facts: RotateFacts
  readonly #rotator: Uint8Array
  readonly #random: Random
  #credential: Uint8Array | null = null
  #made: string | null = null

  /** @param rotator - as it was sealed; wiped by {@link Rotation.wipe}. */
  constructor(facts: RotateFacts, rotator: Uint8Array, random: Random) {
    this.#facts = facts
    this.#rotator = rotator
    this.#random = random
  }

  /** Takes one step. @param keep - resolves when the progress is durable; before that no key is created. */
  async turn(
    { record, progress }: TurnFacts,
    keep: (progress: TurnAnswer['progress']) => Promise<void>,
  ): Promise<Message> {
    const { iam, regions } = this.#facts
    const means = {
      rotator: this.#rotator,
      iam,
      regions,
      credential: this.#credential,
      keep: (kept: Progress) => keep(copyOf(kept)),
    }
    const rotated = await rotateOnce(means, record, progress)
    const { outcome } = rotated
    if (outcome.is === 'created') this.#hold(outcome.credential, outcome.accessKeyId)
    // From here on nobody but the custodians needs it; or it is no key any more.
    else if (['retested', 'discarded', 'done'].includes(outcome.is)) this.#hold(null, null)
    return { facts: this.#said(rotated), parts: [] }
  }

  /** Deals the key that was created here. */
  async deal(facts: DealNewFacts): Promise<Message> {
    if (this.#credential === null) return NO_KEY
    const { organization, plan, credential, generation, threshold, from, custodians } = facts
    const order = { job: 'deal', organization, plan, credential, generation, threshold, from, custodians } as const
    return dealCredential(order, this.#credential, this.#random)
  }

  wipe(): void {
    wipe(this.#rotator)
    this.#hold(null, null)
  }

  #hold(credential: Uint8Array | null, made: string | null): void {
    wipe(this.#credential)
    this.#credential = credential
    this.#made = made
  }

  #said({ outcome, progress, alarms, unusable, seen }: Rotated): TurnAnswer {
    return {
      is: 'turned',
      outcome: withoutSecret(outcome),
      progress: copyOf(progress),
      alarms: [...alarms],
      unusable,
      holds: this.#made,
      seen: seen && { ...seen },
    }
  }
}

function withoutSecret(outcome: RotationOutcome): TurnAnswer['outcome'] {
  switch (outcome.is) {
    case 'created':
    case 'discarded':
      return { is: outcome.is, accessKeyId: outcome.accessKeyId }
    case 'stuck':
      return { is: 'stuck', why: outcome.why, words: outcome.words }
    case 'unreached':
    case 'refused':
      return { is: outcome.is, words: outcome.words }
    case 'waits':
      return { is: 'waits', for: outcome.for }
    default:
      return { is: outcome.is }
  }
}

const copyOf = ({ asked, ...rest }: Progress): TurnAnswer['progress'] => ({
  ...rest,
  asked: asked && { at: asked.at, last: asked.last, before: [...asked.before] },
})
