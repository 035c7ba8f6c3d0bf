import { readFileSync } from 'node:fs'
import { base64 } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../bytes.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { cosignatureMessage, verifyCosignature } from './cosignature.ts'
import {
  addSignature,
  formatNote,
  type NoteKey,
  noteKeyId,
  parseNote,
  parseSignatureLine,
  type SignatureType,
} from './note.ts'
import { verifyEd25519 } from './testing/devices.ts'
import { verifyCheckpoint } from './verify.ts'

const published = (name: string): string => readFileSync(new URL(`./vectors/public/${name}`, import.meta.url), 'utf8')

/** Keys in the form `<name>+<key id>+base64(type ‖ public key)`. */
const keysIn = (name: string): (NoteKey & { id: number; type: number })[] =>
  published(name)
    .trim()
    .split('\n')
    .map((line) => {
      const [, keyName = '', id = '', text = ''] = /^(.+)\+([0-9a-f]{8})\+(.+)$/.exec(line) ?? []
      const bytes = base64.decode(text)
      return { name: keyName, id: Number.parseInt(id, 16), type: bytes[0] ?? 0, publicKey: bytes.subarray(1) }
    })

describe('a published note', () => {
  const text = published('note.txt')
  const note = parseNote(text)

  it('formats back to the same bytes', () => {
    expect(formatNote(note)).toBe(text)
    expect(parseNote(utf8(text))).toEqual(note)
  })

  it.each([...keysIn('note-keys.txt'), ...keysIn('checkpoint-keys.txt')])('has the key id of $name', (key) => {
    expect(noteKeyId(key, key.type as SignatureType)).toBe(key.id)
  })

  it('verifies with both keys', () => {
    const verified = keysIn('note-keys.txt').map((key) => {
      const signature = note.signatures.find(({ name }) => name === key.name)
      return signature?.keyId === key.id && verifyEd25519(key.publicKey, utf8(note.text), signature.bytes)
    })
    expect(verified).toEqual([true, true])
  })
})

describe('a public checkpoint with cosignatures', () => {
  const checkpoint = parseCheckpoint(published('checkpoint.txt'))
  const keys = keysIn('checkpoint-keys.txt')

  it('reads as origin, size and root', () => {
    expect(checkpoint.size).toBe(1_432_088_532)
    expect(base64.encode(checkpoint.root)).toBe('U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=')
  })

  it('verifies with its key and all four cosigners; the signature of another algorithm says nothing', async () => {
    expect(await verifyCheckpoint(checkpoint, keys, verifyEd25519)).toEqual({
      ok: true,
      unknown: 1,
      cosigners: keys.slice(1).map(({ name }) => ({ name, timeSeconds: 1_779_573_024 })),
    })
  })

  it('has no cosignature by a key of another type', async () => {
    const [log] = keys
    const results = await Promise.all(
      checkpoint.note.signatures.map((signature) => verifyCosignature(checkpoint, signature, log!, verifyEd25519)),
    )
    expect(results.every((result) => result === null)).toBe(true)
  })
})

it('builds the message of the C2SP example', () => {
  // C2SP tlog-cosignature, "Ed25519 signed message".
  const body = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
  const line =
    '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=='
  expect(cosignatureMessage(parseCheckpoint(`${body}\n${line}\n`), 1_679_315_147)).toEqual(
    utf8(`cosignature/v1\ntime 1679315147\n${body}`),
  )
  expect(parseSignatureLine(line).keyId).toBe(0x8d66cf3f)
})

describe('a note is refused', () => {
  const text = 'one\ntwo\n'
  const line = '— bob.example AAAAAQE='
  const good = `${text}\n${line}\n`

  it('not as it stands', () => {
    expect(parseNote(good).signatures).toEqual([{ name: 'bob.example', keyId: 1, bytes: Uint8Array.of(1) }])
  })

  it.each([
    ['without signatures', text],
    ['with an empty signature block', `${text}\n`],
    ['without the final newline', good.slice(0, -1)],
    ['with an empty text', `\n${line}\n`],
    ['with a line after the signatures', `${good}more\n`],
    ['with an empty line at the end', `${good}\n`],
    ['with a control character in the text', `\u0001${good}`],
    ['with a carriage return', good.replace('one\n', 'one\r\n')],
    ['with a hyphen for the dash', good.replace('—', '-')],
    ['with a space in the key name', good.replace('bob.example', 'bob example')],
    ['with a no-break space in the key name', good.replace('bob.example', 'bob\u00a0example')],
    ['with a plus in the key name', good.replace('bob.example', 'bob+example')],
    ['with an overlong key name', good.replace('bob.example', 'b'.repeat(257))],
    ['with base64 that is not padded', good.replace('AAAAAQE=', 'AAAAAQE')],
    ['with base64 whose spare bits are not zero', good.replace('AAAAAQE=', 'AAAAAQF=')],
    ['with a key id and no signature', good.replace('AAAAAQE=', 'AAAAAQ==')],
    ['that is not UTF-8', Uint8Array.of(0xff, ...utf8(good))],
  ])('%s', (_, note) => {
    expect(() => parseNote(note)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  it.each([
    ['beyond 32 KiB', 'x'.repeat(32 * 1024) + good],
    ['beyond 32 KiB of UTF-8', '—'.repeat(11 * 1024) + good],
    ['with more than 128 signatures', `${text}\n${`${line}\n`.repeat(129)}`],
  ])('%s', (_, note) => {
    expect(() => parseNote(note)).toThrow(expect.objectContaining({ code: 'too-large' }))
  })
})

it('holds one signature for each key, the newest', () => {
  const [older, newer, other] = [1, 2, 3].map((byte) => ({
    name: 'bob',
    keyId: byte === 3 ? 8 : 7,
    bytes: Uint8Array.of(byte),
  }))
  const note = { text: 'text\n', signatures: [older!, other!] }
  expect(addSignature(note, newer!).signatures).toEqual([other, newer])
})
