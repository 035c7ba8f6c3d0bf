import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { base32 } from '@scure/base'

/** RFC 6238's time step, and what AWS's virtual devices use. */
const STEP_MS = 30_000
const DIGITS = 6

/** A seed as AWS shows it: base32 (RFC 4648 §6); spaces, padding and small letters are taken off. */
export function tidySeed(seed: string): string {
  return seed.toUpperCase().replace(/[\s=-]/g, '')
}

/** The bytes of a tidy seed; the caller's to wipe. @throws if it is not base32. */
export function seedBytes(seed: string): Uint8Array {
  return base32.decode(seed.padEnd(Math.ceil(seed.length / 8) * 8, '='))
}

/** The code of a time step (RFC 6238, with SHA-1). */
export function codeAt(seed: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', seed).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0xf
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

/** The time step of a moment, milliseconds. */
export function stepAt(moment: number): number {
  return Math.floor(moment / STEP_MS)
}

/** What codes need of time; tests have one that jumps. */
export interface CodeClock {
  now(): number
  /** @throws when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

const systemClock: CodeClock = {
  now: Date.now,
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
}

/** A code that may be given to AWS once. */
export interface Code {
  readonly code: string
  /** Says that AWS never saw it, so that it is free again. */
  unused(): void
}

/** Codes of one device, none of them twice. */
export interface Codes {
  /**
   * The newest code that was not given out yet; waits for the next one, at most 30 s, if there is none.
   *
   * @param skewMs - AWS's clock minus ours, as far as is known.
   */
  take(skewMs: number, signal: AbortSignal): Promise<Code>
  /** Overwrites the seed. */
  wipe(): void
}

/**
 * AWS takes a code once: whoever asks a second region needs the next one, unless the first never saw its code.
 *
 * @param newest - the last time step whose code may have been given out already.
 */
export function codesOf(seed: string, clock: CodeClock = systemClock, newest = -1): Codes {
  const bytes = seedBytes(seed)
  const waiters = new Set<() => void>()
  /** Until the time step ends or a code is free again. */
  const change = async (ms: number, signal: AbortSignal) => {
    const cut = new AbortController()
    const wake = () => cut.abort()
    waiters.add(wake)
    await clock.sleep(ms, AbortSignal.any([signal, cut.signal])).catch(() => undefined)
    waiters.delete(wake)
    signal.throwIfAborted()
  }
  return {
    take: async (skewMs, signal) => {
      const now = () => clock.now() + skewMs
      while (stepAt(now()) <= newest) await change(STEP_MS - (now() % STEP_MS), signal)
      const [before, step] = [newest, stepAt(now())]
      newest = step
      return {
        code: codeAt(bytes, step),
        unused: () => {
          if (newest === step) newest = before
          for (const wake of waiters) wake()
        },
      }
    },
    wipe: () => void bytes.fill(0),
  }
}
