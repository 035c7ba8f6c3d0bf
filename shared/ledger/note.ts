import { sha256 } from '@noble/hashes/sha2.js'
import { base64 } from '@scure/base'
import { concat, fromUtf8, utf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import { LedgerError } from './errors.ts'

/** Signature types of C2SP signed-note that we make and check. */
export const SIGNATURE_TYPE = { ed25519: 0x01, cosignature: 0x04 } as const
export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE]

/** A key by the name under which it signs notes. In Lockbox the name is the origin of the signer's own ledger. */
export interface NoteKey {
  readonly name: string
  /** Ed25519 public key, 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array
}

/** One signature line: `— <name> base64(key id ‖ bytes)`. */
export interface NoteSignature {
  readonly name: string
  /** Four bytes, read as a big-endian number. A hint only: it is no cryptographic binding. */
  readonly keyId: number
  readonly bytes: Uint8Array
}

/** A parsed note. Nothing in it is verified. */
export interface Note {
  /** The signed text with its final newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** Largest note, UTF-8 bytes. */
export const MAX_NOTE_BYTES = 32 * 1024
/** Most signature lines; C2SP asks for 16 at least, and every member of an organization may cosign. */
export const MAX_NOTE_SIGNATURES = 128
/** Longest key name, UTF-16 units. */
export const MAX_NAME_LENGTH = 256

const SIGNATURE_LINE = /^— ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/u
const NAME = /^[^\p{White_Space}\p{Cc}+]+$/u
// Every control character but newline is refused (C2SP signed-note, "Format").
const CONTROL = /(?!\n)\p{Cc}/u

/**
 * The key id of C2SP signed-note: SHA-256(name ‖ 0x0A ‖ type ‖ public key), its first four bytes as a big-endian number.
 */
export function noteKeyId(key: NoteKey, type: SignatureType): number {
  const hash = sha256(concat(utf8(key.name), Uint8Array.of(0x0a, type), key.publicKey))
  return new DataView(hash.buffer, hash.byteOffset, 4).getUint32(0)
}

/**
 * One signature line, without its newline.
 *
 * @throws {LedgerError} `malformed` if the name has spaces, plus signs or control characters, or is empty or too long.
 */
export function formatSignatureLine(signature: NoteSignature): string {
  checkName(signature.name)
  const id = new Uint8Array(4)
  new DataView(id.buffer).setUint32(0, signature.keyId)
  return `— ${signature.name} ${base64.encode(concat(id, signature.bytes))}`
}

/**
 * Parses one signature line (without newline). Base64 must be canonical, so that one signature has one spelling.
 *
 * @throws {LedgerError} `malformed`.
 */
export function parseSignatureLine(line: string): NoteSignature {
  const [, name, text] = SIGNATURE_LINE.exec(line) ?? []
  if (name === undefined || text === undefined) throw malformed('expected a signature line "— name base64"')
  checkName(name)
  const bytes = fromBase64(text)
  if (bytes.length < 5) throw malformed('expected a key id of four bytes and a signature')
  return { name, keyId: new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0), bytes: bytes.subarray(4) }
}

/**
 * Formats a note: its text, an empty line, its signature lines in the order given.
 *
 * @throws {LedgerError} `malformed` if there is no signature or the text does not end in newline; `too-large`.
 */
export function formatNote(note: Note): string {
  checkText(note.text)
  if (note.signatures.length === 0) throw malformed('expected a note with a signature')
  const lines = note.signatures.map((signature) => `${formatSignatureLine(signature)}\n`)
  const formatted = `${note.text}\n${lines.join('')}`
  checkSize(utf8(formatted).length, note.signatures.length)
  return formatted
}

/**
 * Parses a C2SP signed note. Verifies nothing.
 *
 * @throws {LedgerError} `too-large` beyond 32 KiB or 128 signatures, `malformed` for everything that is no note.
 */
export function parseNote(input: string | Uint8Array): Note {
  const formatted = decode(input)
  const split = formatted.lastIndexOf('\n\n')
  if (split < 0 || !formatted.endsWith('\n')) throw malformed('expected a text, an empty line and signature lines')
  const text = formatted.slice(0, split + 1)
  checkText(text)
  const lines = formatted.slice(split + 2, -1).split('\n')
  checkSize(0, lines.length)
  return { text, signatures: lines.map(parseSignatureLine) }
}

/** The note with a signature added; an earlier one of the same name and key id is replaced. */
export function addSignature(note: Note, signature: NoteSignature): Note {
  const others = note.signatures.filter(({ name, keyId }) => name !== signature.name || keyId !== signature.keyId)
  return { text: note.text, signatures: [...others, signature] }
}

/**
 * Bytes of canonical base64 with padding (RFC 4648 §4).
 *
 * @throws {LedgerError} `malformed`.
 */
export function fromBase64(text: string): Uint8Array {
  try {
    return base64.decode(text)
  } catch (cause) {
    throw new LedgerError('malformed', 'expected canonical base64 with padding', { cause })
  }
}

function decode(input: string | Uint8Array): string {
  // The shortest UTF-8 of a text is one byte a unit, so a long text is refused before it is copied.
  checkSize(input.length, 0)
  if (typeof input !== 'string') {
    try {
      return fromUtf8(input)
    } catch (cause) {
      if (cause instanceof LockboxError) throw new LedgerError('malformed', 'expected a note in UTF-8', { cause })
      throw cause
    }
  }
  checkSize(utf8(input).length, 0)
  return input
}

function checkText(text: string): void {
  if (!text.endsWith('\n') || text.length < 2) throw malformed('expected a text that ends in newline')
  if (CONTROL.test(text)) throw malformed('expected a text without control characters')
}

/** Whether a text can be a key name: not empty, bounded, no Unicode spaces, control characters or "+". */
export function isKeyName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && NAME.test(name)
}

function checkName(name: string): void {
  if (!isKeyName(name)) throw malformed('expected a key name without spaces and "+"')
}

function checkSize(bytes: number, signatures: number): void {
  if (bytes > MAX_NOTE_BYTES) throw new LedgerError('too-large', `expected a note of at most ${MAX_NOTE_BYTES} bytes`)
  if (signatures > MAX_NOTE_SIGNATURES)
    throw new LedgerError('too-large', `expected at most ${MAX_NOTE_SIGNATURES} signatures`)
}

function malformed(message: string): LedgerError {
  return new LedgerError('malformed', message)
}
