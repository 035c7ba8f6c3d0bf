/// <reference types="node" />
import { readFileSync } from 'node:fs'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, type Digest, digest, utf8 } from '../../bytes.ts'
import type { BoxContext } from '../box.ts'
import { SecretsError, type SecretsErrorCode } from '../errors.ts'
import type { Random } from '../random.ts'
import { type Dealing, deal, type PublicDealing, type Threshold } from '../sharing.ts'

/** Random bytes that a failure repeats: SHA-256 of a seed and a counter. */
export function seeded(seed: string): Random {
  let counter = 0
  return (length) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () => sha256(utf8(`${seed} ${counter++}`)))
    return concat(...blocks).slice(0, length)
  }
}

/** Some digest, told apart by its name. */
export function named(name: string): Digest {
  return digest(utf8(name))
}

/** A release of share 2, every field set. */
export const releaseContext: BoxContext = {
  purpose: 'release',
  organization: named('organization'),
  deposit: named('deposit'),
  request: named('request'),
  ready: named('ready'),
  from: named('custodian device'),
  to: named('issuing device'),
  index: 2,
}

/** A dealing of which the seed says everything, and what the public may know of it. */
export function dealt(threshold: Threshold, seed: string): { dealing: Dealing; known: PublicDealing } {
  const dealing = deal(threshold, seeded(seed))
  return { dealing, known: { ...threshold, commitments: dealing.commitments } }
}

/** A vector file, by its path below vectors/. */
export function vectors(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../vectors/${path}`, import.meta.url), 'utf8'))
}

/** Bytes of hexadecimal digits. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** The same bytes with one bit turned. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
}

/** A refusal as a test sees it: the code, and the index of the share at fault. */
export type Refusal = { code: SecretsErrorCode; index: number | undefined }

/** With what it was refused, or null if it went through. Other errors are not refusals and go on. */
export function refused(run: () => unknown): Refusal | null {
  try {
    run()
    return null
  } catch (error) {
    return refusalFrom(error)
  }
}

/** As {@link refused}, for what takes its time. */
export async function refusedLater(running: Promise<unknown>): Promise<Refusal | null> {
  try {
    await running
    return null
  } catch (error) {
    return refusalFrom(error)
  }
}

function refusalFrom(error: unknown): Refusal {
  if (error instanceof SecretsError) return { code: error.code, index: error.index }
  throw error
}
