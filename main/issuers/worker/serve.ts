import { toBase64Url } from '../../../shared/bytes.ts'
import { LockboxError } from '../../../shared/errors.ts'
import { generateBoxKey } from '../../../shared/secrets/box-key.ts'
import type { Random } from '../../../shared/secrets/random.ts'
import * as z from '../../../shared/zod.ts'
import type { Issuer } from '../issuer.ts'
import { aftercare } from './aftercare.ts'
import { crossing } from './crossing.ts'
import { dealCredential } from './deal.ts'
import type { Held } from './issue.ts'
import { type Message, messageBytes, parseMessage, wipe } from './messages.ts'
import {
  afterFacts,
  checkSetUpFacts,
  dealFacts,
  dealNewFacts,
  issueFacts,
  keptFacts,
  type RotateFacts,
  rotateFacts,
  type TurnAnswer,
  turnFacts,
} from './protocol.ts'
import { rehearseUntil } from './rehearsal.ts'
import { Rotation } from './rotate.ts'
import { checkSetUp } from './set-up.ts'
import { parse, step } from './step.ts'

/** What the worker's job needs from its process. */
export interface WorkerSide {
  readonly frames: AsyncIterable<Uint8Array>
  readonly send: (frame: Uint8Array) => Promise<void>
  readonly random: Random
  readonly issuer: Issuer
  /** How long the credential is held after an `issued` answer, milliseconds; {@link holdMsOf} if left out. */
  readonly holdMs?: number
  /** How often all that follows a `ready` is rehearsed meanwhile, at most; as often as makes it fast if left out. */
  readonly rehearsals?: number
}

/**
 * How long a credential is held after the session it issued, for the aftercare: time to record the grant and to ask each
 * region twice; where a code of an MFA device is needed, which AWS takes once, also to wait for the next one.
 */
function holdMsOf({ facts: { access } }: Held): number {
  return access.mfa === undefined ? 20_000 : 50_000
}

/** How long a worker waits for its job: as long as a request is valid, and a little. */
const IDLE_MS = 65 * 60_000
/** How long it waits for what follows a `ready`: as long as that is valid, and a little; then its key is no use to anybody. */
const READY_MS = 12 * 60_000

/** The longest that a timer of Node's can be set to. */
const MOST_MS = 2 ** 31 - 1

const firstSchema = z.discriminatedUnion('job', [dealFacts, issueFacts, rotateFacts, checkSetUpFacts])
const rotateSchema = z.discriminatedUnion('step', [turnFacts, dealNewFacts])

/**
 * Does one job, from the first frame to the last answer, and wipes what it was given. Ends early, without an answer,
 * when main goes away, or nothing comes for too long.
 */
export async function serve(side: WorkerSide): Promise<void> {
  const frames = side.frames[Symbol.asyncIterator]()
  const first = await within(IDLE_MS, (over) => Promise.race([nextMessage(frames), over]))
  if (!first) return
  try {
    const facts = parse(firstSchema, first.facts)
    if (facts.job === 'issue') await within(READY_MS, (over) => serveIssue(side, frames, over))
    else if (facts.job === 'rotate') await serveRotate(side, frames, facts, first.parts[0] ?? new Uint8Array(0))
    else if (facts.job === 'check-set-up') {
      // Whoever asked may go away while AWS is slow, and then nobody is to have the key any longer.
      const made = await Promise.race([checkSetUp(facts, first.parts[0] ?? new Uint8Array(0)), nextMessage(frames)])
      if (made !== null) await answer(side, made)
    } else await answer(side, await dealCredential(facts, first.parts[0] ?? new Uint8Array(0), side.random))
  } catch (error) {
    await answer(side, refusal(error))
  } finally {
    wipe(...first.parts)
  }
}

/** @param over - when nothing more is waited for. */
async function serveIssue(side: WorkerSide, frames: AsyncIterator<Uint8Array>, over: Promise<null>): Promise<void> {
  const key = generateBoxKey(side.random)
  try {
    await answer(side, { facts: { boxPublicKey: toBase64Url(key.publicKey) }, parts: [] })
    let isAsked = false
    void rehearseUntil(() => isAsked, side.random, side.issuer, side.rehearsals)
    for (;;) {
      const message = await Promise.race([nextMessage(frames), over])
      if (!message) return
      isAsked = true
      const went = await step(message, key, side.issuer).finally(() => wipe(...message.parts))
      if (went.held === null) await answer(side, went.answer)
      else await serveAftercare(side, frames, went.answer, went.held)
      if (went.final) return
    }
  } finally {
    wipe(key.privateKey)
  }
}

/**
 * Answers `go`, and holds the credential for one more message: until the narrow sessions are made, main goes away or the
 * time is over, whichever comes first. A call that is still under way then is given up.
 */
async function serveAftercare(
  side: WorkerSide,
  frames: AsyncIterator<Uint8Array>,
  issued: Message,
  held: Held,
): Promise<void> {
  const hold = new AbortController()
  const end = () => {
    wipe(held.credential)
    hold.abort()
  }
  const timer = setTimeout(end, side.holdMs ?? holdMsOf(held))
  try {
    await answer(side, issued)
    const message = await Promise.race([nextMessage(frames), aborted(hold.signal)])
    if (message === null) return
    const made = await aftercare(held, parse(afterFacts, message.facts), side.issuer, hold.signal)
    end()
    await answer(side, made)
  } finally {
    clearTimeout(timer)
    end()
  }
}

/** Replaces a key, step by step as main says, until main goes away or the time is over: then all of it is wiped. */
async function serveRotate(
  side: WorkerSide,
  frames: AsyncIterator<Uint8Array>,
  facts: RotateFacts,
  rotator: Uint8Array,
): Promise<void> {
  const rotation = new Rotation(facts, rotator, side.random)
  const hold = new AbortController()
  const timer = setTimeout(() => hold.abort(), Math.min(facts.holdMs, MOST_MS))
  const over = aborted(hold.signal)
  const next = () => Promise.race([nextMessage(frames), over])
  const keep = async (progress: TurnAnswer['progress']) => {
    await answer(side, { facts: { is: 'keep', progress }, parts: [] })
    const said = await next()
    if (said === null) throw new LockboxError('gone', 'main went away before the key was created')
    parse(keptFacts, said.facts)
  }
  try {
    await answer(side, { facts: { is: 'started' }, parts: [] })
    for (let message = await next(); message !== null; message = await next()) {
      const asked = parse(rotateSchema, message.facts)
      await answer(side, asked.step === 'deal' ? await rotation.deal(asked) : await rotation.turn(asked, keep))
    }
  } finally {
    clearTimeout(timer)
    rotation.wipe()
  }
}

/** Does something that is told, by null, when so much time is over. */
async function within<Result>(ms: number, work: (over: Promise<null>) => Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  try {
    return await work(over)
  } finally {
    clearTimeout(timer)
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}

async function nextMessage(frames: AsyncIterator<Uint8Array>): Promise<Message | null> {
  const next = await frames.next()
  return next.done === true ? null : parseMessage(next.value)
}

async function answer(side: WorkerSide, message: Message): Promise<void> {
  await side.send(messageBytes(message))
}

function refusal(error: unknown): Message {
  return { facts: { is: 'refused', ...crossing(error) }, parts: [] }
}
