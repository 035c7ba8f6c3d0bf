import { p256 } from '@noble/curves/nist.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { CoseKey } from '../../shared/statements/cose.ts'
import type { DoorChecks } from '../../shared/statements/door.ts'
import { checkEd25519Key, hasSmallOrder } from '../../shared/statements/keys.ts'
import { pureChecks } from '../../shared/statements/pure-checks.ts'
import edges from '../../shared/statements/vectors/ed25519/speccheck.json' with { type: 'json' }

/** Which library checks Ed25519 on this page; the verdicts are the same. */
export type Ed25519By = 'browser' | 'page'

const MOST_KEYS = 10_000
const keys = new Map<string, Promise<CryptoKey | null>>()

function known(name: string, make: () => Promise<CryptoKey | null>): Promise<CryptoKey | null> {
  const before = keys.get(name)
  if (before !== undefined) return before
  const key = make()
  if (keys.size < MOST_KEYS) keys.set(name, key)
  return key
}

/**
 * Our one rule for Ed25519 (docs/formats/statements.md §7) with the browser's own library, which compares the bytes of R, without
 * cofactor, and S with L; that A is canonical and neither A nor R of small order is checked here first.
 */
export async function browserEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64 || hasSmallOrder(signature)) return false
  const key = await known(bytesToHex(publicKey), () =>
    checkEd25519Key(publicKey)
      ? crypto.subtle.importKey('raw', own(publicKey), 'Ed25519', false, ['verify'])
      : Promise.resolve(null),
  )
  return key !== null && crypto.subtle.verify('Ed25519', key, own(signature), own(message))
}

/** ES256 with the browser's own library, which wants r ‖ s. What is no strict DER of two numbers from 1 to n − 1 does not fit. */
export async function browserEs256(
  point: Uint8Array,
  signedBytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const compact = compactOf(signature)
  if (compact === null) return false
  const curve = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await known(bytesToHex(point), () => crypto.subtle.importKey('raw', own(point), curve, false, ['verify']))
  return key !== null && crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, compact, own(signedBytes))
}

function compactOf(der: Uint8Array): Uint8Array<ArrayBuffer> | null {
  try {
    return own(p256.Signature.fromBytes(der, 'der').toBytes('compact'))
  } catch {
    return null
  }
}

/**
 * Whether the browser has Ed25519 and judges the published cases on which libraries differ as our rule does. Engines are others
 * than those we test with, and of other years.
 */
export async function browserKeepsRule(): Promise<boolean> {
  try {
    for (const { pub_key, message, signature } of edges) {
      const [key, text, sig] = [hexToBytes(pub_key), hexToBytes(message), hexToBytes(signature)]
      if ((await browserEd25519(key, text, sig)) !== pureChecks.ed25519(key, text, sig)) return false
    }
    return true
  } catch {
    return false
  }
}

/** How this page checks signatures: with the browser's library where it keeps our rule, else with the page's own. */
export async function checksHere(): Promise<{ readonly by: Ed25519By; readonly checks: DoorChecks }> {
  // Some browsers lend it to pages from the network only.
  if (globalThis.crypto?.subtle === undefined) return { by: 'page', checks: pureChecks }
  const isKept = await browserKeepsRule()
  const ed25519 = isKept ? browserEd25519 : pureChecks.ed25519
  const assertion = (key: CoseKey, signedBytes: Uint8Array, signature: Uint8Array) =>
    key.algorithm === 'EdDSA'
      ? ed25519(key.key, signedBytes, signature)
      : browserEs256(key.point, signedBytes, signature)
  return { by: isKept ? 'browser' : 'page', checks: { ed25519, assertion } }
}

/** The same bytes as the browser's types want them: not shared with another thread, which ours never are. */
const own = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>
