import { toBase64Url } from '../bytes.ts'

/**
 * A function of byte strings that is done once for the same ones: keys, stories and signatures of tests come out the same
 * every time, and are made and checked in a hundred tests.
 */
export function remembered<Parts extends readonly Uint8Array[], Result>(
  act: (...parts: Parts) => Result,
): (...parts: Parts) => Result {
  const known = new Map<string, { readonly result: Result }>()
  return (...parts) => {
    const name = parts.map((part) => toBase64Url(part)).join(' ')
    const before = known.get(name) ?? { result: act(...parts) }
    known.set(name, before)
    return before.result
  }
}
