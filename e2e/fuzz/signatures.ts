import { bulkChecks } from '../../main/bulk-checks.ts'
import type { CoseKey } from '../../shared/statements/cose.ts'
import type { DoorChecks } from '../../shared/statements/door.ts'
import { latin1 } from './latin1.ts'

/**
 * The checks of the command line, and beside them what they say about the originals: nearly every signature of a mutated
 * bundle is one of those, of the same bytes by the same key. Only that is remembered, so that memory does not grow.
 */
export class RememberedSignatures {
  readonly #good = new Set<string>()

  /** Remembers what holds from here on. */
  learning(): DoorChecks {
    return {
      ed25519: (key, message, signature) =>
        this.#learn([key, message, signature], bulkChecks.ed25519(key, message, signature)),
      assertion: async (key, bytes, signature) =>
        this.#learn([pointOf(key), bytes, signature], await bulkChecks.assertion(key, bytes, signature)),
    }
  }

  /** Checks what is not remembered. */
  readonly checks: DoorChecks = {
    ed25519: (key, message, signature) =>
      this.#good.has(nameOf([key, message, signature])) || bulkChecks.ed25519(key, message, signature),
    assertion: (key, bytes, signature) =>
      this.#good.has(nameOf([pointOf(key), bytes, signature])) || bulkChecks.assertion(key, bytes, signature),
  }

  #learn(parts: readonly Uint8Array[], holds: boolean): boolean {
    if (holds) this.#good.add(nameOf(parts))
    return holds
  }
}

const pointOf = (key: CoseKey): Uint8Array => (key.algorithm === 'EdDSA' ? key.key : key.point)

/** Lengths first, so that no bytes move from one part to the next unseen. */
const nameOf = (parts: readonly Uint8Array[]): string =>
  `${parts.map(({ length }) => length).join(' ')}:${parts.map(latin1).join('')}`
