import { equalBytes } from '../bytes.ts'
import { type Part, readUr, UR_TYPE, UrError } from './ur.ts'
import { createJoin, type Join } from './ur-join.ts'

/** Bounds of one scan. */
export const SCAN_LIMITS = {
  /** Messages begun and not complete. For one more, the one that was left alone longest goes: nobody shows it any more. */
  begun: 8,
  /** Messages complete: more people than decide anything. Beyond them codes are refused, and what was read stays. */
  complete: 64,
} as const

/** What became of the text of one code. */
export type Scanned =
  /** The whole of a message that was not complete before. */
  | { readonly is: 'complete'; readonly message: Uint8Array }
  /** One more part of a message. */
  | { readonly is: 'part'; readonly have: number; readonly need: number }
  /** Nothing new: seen before. A camera reads the same code many times a second. */
  | { readonly is: 'known' }
  /** Not taken; what was read before is untouched. Only after `bad-checksum` of a whole sequence it begins anew. */
  | { readonly is: 'refused'; readonly error: UrError }

/** Messages in the making and those that are complete, of however many screens. */
export interface Scan {
  /** Takes what a decoder or a person read from one code. Never throws. */
  readonly take: (text: string) => Scanned
  /** Lets a complete message be read once more, because it could not be taken in. */
  readonly forget: (message: Uint8Array) => void
  /** Complete messages in the order of their completion, each once. */
  readonly complete: readonly Uint8Array[]
  /** How far each message is that was begun, the last one read first. */
  readonly begun: readonly { readonly have: number; readonly need: number }[]
  /** How much of the message last read is there, from 0 to 1; 0 if none was begun since the last one was complete. */
  readonly progress: number
}

/** A scan that has read nothing. Parts may come in any order, of several messages at once, and any may be missing. */
export function createScan(): Scan {
  const complete: Uint8Array[] = []
  /** By the name of their parts or, of a still code, by its text. */
  const finished = new Map<string, Uint8Array>()
  /** By name; the last one read stands last. */
  const begun = new Map<string, Join>()
  let known = ''

  function takePart(part: Part): Scanned {
    const name = nameOf(part)
    if (finished.has(name)) return { is: 'known' }
    const join = begun.get(name) ?? begin(part)
    begun.delete(name)
    begun.set(name, join)
    if (!join.take(part)) return { is: 'known' }
    const message = wholeOf(name, join)
    if (message === null) return { is: 'part', have: join.have, need: join.need }
    begun.delete(name)
    return finish(name, message)
  }

  function begin(part: Part): Join {
    const join = createJoin(part)
    const [longest] = begun.keys()
    if (begun.size >= SCAN_LIMITS.begun && longest !== undefined) begun.delete(longest)
    return join
  }

  function wholeOf(name: string, join: Join): Uint8Array | null {
    try {
      return join.message()
    } catch (error) {
      // One of the parts is not of this message, and nobody can say which.
      begun.delete(name)
      throw error
    }
  }

  function finish(name: string, message: Uint8Array): Scanned {
    if (complete.length >= SCAN_LIMITS.complete)
      throw new UrError('too-many', 'more was read than one scan takes; take it in, then go on')
    finished.set(name, message)
    if (complete.some((one) => equalBytes(one, message))) return { is: 'known' }
    complete.push(message)
    return { is: 'complete', message }
  }

  function read(text: string): Scanned {
    const ur = readUr(UR_TYPE, text)
    const scanned = 'part' in ur ? takePart(ur.part) : finish(text.toLowerCase(), ur.message)
    known = text
    return scanned
  }

  return {
    take(text) {
      if (text === known) return { is: 'known' }
      try {
        return read(text)
      } catch (error) {
        if (error instanceof UrError) return { is: 'refused', error }
        throw error
      }
    },
    forget(message) {
      for (const [name, one] of finished) if (equalBytes(one, message)) finished.delete(name)
      const at = complete.findIndex((one) => equalBytes(one, message))
      if (at >= 0) complete.splice(at, 1)
      known = ''
    },
    complete,
    get begun() {
      return [...begun.values()].reverse().map(({ have, need }) => ({ have, need }))
    },
    get progress() {
      const last = [...begun.values()].at(-1)
      return last === undefined ? 0 : last.have / last.need
    },
  }
}

/** What the parts of one message have in common. */
function nameOf({ count, length, checksum, data }: Part): string {
  return [count, length, checksum, data.length].join(' ')
}
