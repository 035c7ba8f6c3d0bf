import { createPublicKey, verify as nodeVerify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ed25519 } from '@noble/curves/ed25519.js'
import sodium from 'libsodium-wrappers'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../bytes.ts'
import { strictEd25519 } from '../testing/checks.ts'
import { checkEd25519Key } from './keys.ts'

await sodium.ready

interface Edge {
  readonly name: string
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly flags: readonly string[]
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`vectors/ed25519/${file}`, import.meta.url), 'utf8')) as unknown

const cctv = (
  read('cctv.json') as { number: number; key: string; sig: string; msg: string; flags?: string[] | null }[]
).map(
  ({ number, key, sig, msg, flags }): Edge => ({
    name: `cctv ${number}`,
    key: hex(key),
    message: utf8(msg),
    signature: hex(sig),
    flags: flags ?? [],
  }),
)
const speccheck = (read('speccheck.json') as { message: string; pub_key: string; signature: string }[]).map(
  ({ message, pub_key, signature }, at): Edge => ({
    name: `speccheck ${at}`,
    key: hex(pub_key),
    message: hex(message),
    signature: hex(signature),
    flags: [],
  }),
)
const edges = [...cctv, ...speccheck]

const byUs = ({ key, message, signature }: Edge) => strictEd25519(key, message, signature)
const byLibsodium = ({ key, message, signature }: Edge) => sodium.crypto_sign_verify_detached(signature, message, key)

function byNode({ key, message, signature }: Edge): boolean {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key])
  return nodeVerify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
}

describe('the one rule for Ed25519', () => {
  it('is the same in our test checks and in libsodium, for every published edge case', () => {
    expect(edges.length).toBeGreaterThan(900)
    expect(where((edge) => byUs(edge) !== byLibsodium(edge))).toEqual([])
  })

  it('takes only signatures whose A and R are canonical and not of low order, and that need no cofactor', () => {
    const odd = ['low_order_A', 'low_order_R', 'non_canonical_A', 'non_canonical_R', 'low_order_residue', 'reencoded_k']
    const isOdd = ({ flags }: Edge) => flags.some((flag) => odd.includes(flag))
    expect(where((edge) => cctv.includes(edge) && byUs(edge) === isOdd(edge))).toEqual([])
    expect(speccheck.map(byUs)).toEqual(speccheck.map((_, at) => at === 3))
  })

  it('keeps a key out of a roster exactly when no signature by it could be taken', () => {
    const isUnfit = ({ flags }: Edge) => flags.some((flag) => flag === 'low_order_A' || flag === 'non_canonical_A')
    expect(where((edge) => cctv.includes(edge) && checkEd25519Key(edge.key) === isUnfit(edge))).toEqual([])
  })

  it('is what OpenSSL verifies once the key and R were checked: whether it takes R of low order depends on its version', () => {
    const checked = edges.filter(({ key, signature }) => checkEd25519Key(key) && !isLowOrder(signature.subarray(0, 32)))
    expect(new Set(checked.map(byUs))).toEqual(new Set([true, false]))
    expect(checked.filter((edge) => byNode(edge) !== byUs(edge)).map(({ name }) => name)).toEqual([])
  })
})

/** The names of the cases of which this is so. */
function where(so: (edge: Edge) => boolean): string[] {
  return edges.filter(so).map(({ name }) => name)
}

/** Of a point in whatever encoding; what encodes none is not of low order. */
function isLowOrder(encoded: Uint8Array): boolean {
  try {
    return ed25519.Point.fromBytes(encoded, true).isSmallOrder()
  } catch {
    return false
  }
}
