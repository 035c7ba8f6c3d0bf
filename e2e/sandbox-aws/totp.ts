import { createHmac } from 'node:crypto'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const STEP_MS = 30_000

/** The bytes of a seed in base32 (RFC 4648 §6), as AWS shows it; spaces and padding may be there. */
export function seedBytes(seed: string): Buffer {
  const bits = Array.from(seed.toUpperCase().replace(/[\s=]/g, ''), (letter) => {
    const value = LETTERS.indexOf(letter)
    if (value < 0) throw new TypeError('a seed is base32')
    return value.toString(2).padStart(5, '0')
  })
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** RFC 6238's time step: 30 seconds each since 1970. */
export function timeStep(now: number): number {
  return Math.floor(now / STEP_MS)
}

/** RFC 4226's code for a counter; SHA-1, as AWS's virtual devices use it. */
export function codeAt(seed: Uint8Array, counter: number, digits = 6): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const mac = createHmac('sha1', seed).update(message).digest()
  const offset = (mac.at(-1) ?? 0) & 0xf
  const value = mac.readUInt32BE(offset) & 0x7fffffff
  return String(value % 10 ** digits).padStart(digits, '0')
}
