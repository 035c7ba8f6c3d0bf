import { fromUtf8 } from '../../shared/bytes.ts'
import type { Notice } from '../../shared/ceremony.ts'
import { jcs } from '../../shared/jcs.ts'
import * as z from '../../shared/zod.ts'
import { type Journal, JournalError } from './journal.ts'

const TABLE = 'counters'
const counterSchema = z.strictObject({ counter: z.int() })

/** How far each credential's signature counter had come (WebAuthn Level 3 §6.1.1), as the journal remembers it. */
export class Counters {
  readonly #journal: Journal
  readonly #last = new Map<string, number>()

  private constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Reads what the journal remembers. */
  static async load(journal: Journal): Promise<Counters> {
    const counters = new Counters(journal)
    for await (const { key, value } of journal.records(TABLE))
      counters.#last.set(key, counterSchema.parse(JSON.parse(fromUtf8(value))).counter)
    return counters
  }

  /**
   * Remembers a counter. One that goes back may mean a copied key, or only a key that was reset: people are told and
   * decide, and nobody is locked out of an emergency for it.
   *
   * @param label - what the key's owner calls it.
   */
  async note(label: string, credential: string, counter: number): Promise<Notice[]> {
    const last = this.#last.get(credential) ?? 0
    this.#last.set(credential, counter)
    if (counter !== last) await this.#keep(credential, counter)
    return last > 0 && counter <= last ? [dropOf(label, last, counter)] : []
  }

  // A damaged or full journal must not keep anybody from unlocking; its own problems are reported anyway.
  async #keep(credential: string, counter: number): Promise<void> {
    try {
      await this.#journal.append(TABLE, credential, jcs({ counter }), { deferrable: true })
    } catch (error) {
      if (!(error instanceof JournalError)) throw error
    }
  }
}

function dropOf(label: string, last: number, counter: number): Notice {
  return {
    code: 'counter-drop',
    message: `The key “${label}” counted ${counter} after ${last}. It may have been reset, or somebody may have a copy of it; if you did not reset it, replace it.`,
  }
}
