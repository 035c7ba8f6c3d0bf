import { scrypt as scryptOf } from 'node:crypto'
import { promisify } from 'node:util'
import { type Scrypt, WORDS_COST } from '../shared/org/words.ts'

const scryptAsync: (
  password: Uint8Array,
  salt: Uint8Array,
  bytes: number,
  options: { N: number; r: number; p: number; maxmem: number },
) => Promise<Buffer> = promisify(scryptOf)

/** scrypt by OpenSSL, on a thread beside: nothing waits for it, and its 128 MiB are given back at once. */
export const scrypt: Scrypt = (password, salt, bytes) =>
  scryptAsync(password, salt, bytes, { ...WORDS_COST, maxmem: 256 * 1024 ** 2 })
