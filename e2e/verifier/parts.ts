import { browserEd25519, browserEs256, browserKeepsRule, checksHere } from '../../renderer/verifier/checks.ts'
import { inflater } from '../../renderer/verifier/inflate.ts'
import { BundleError } from '../../shared/ledger/bundle.ts'
import { oneMember } from '../../shared/ledger/gzip.ts'

// The verifier's own parts, to be asked one by one in a real browser. Bytes cross as base64.

const bytesOf = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}

/** What decompressing comes to: how many bytes, or the fault. Reading ends where more than `most` came. */
async function decompress(text: string, size: number, most: number): Promise<{ out: number; fault: string | null }> {
  let out = 0
  try {
    for await (const chunk of oneMember(pieces(bytesOf(text), size), inflater)) {
      out += chunk.length
      if (out > most) break
    }
    return { out, fault: null }
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    return { out, fault: `${error.code}: ${error.message}` }
  }
}

type Triple = readonly [key: string, message: string, signature: string]

const each = (
  triples: readonly Triple[],
  check: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>,
) =>
  Promise.all(
    triples.map(async ([key, message, signature]) => check(bytesOf(key), bytesOf(message), bytesOf(signature))),
  )

const parts = {
  decompress,
  ed25519: (triples: readonly Triple[]) => each(triples, browserEd25519),
  es256: (triples: readonly Triple[]) => each(triples, browserEs256),
  keepsRule: browserKeepsRule,
  by: async () => (await checksHere()).by,
}

/** What {@link parts} offers. */
export type Parts = typeof parts

Object.assign(globalThis, { parts })
