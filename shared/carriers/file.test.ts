import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromUtf8, toBase64Url, utf8 } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { MAX_ENVELOPE_BYTES } from '../statements/sizes.ts'
import { FILE_ABOUT, FILE_LIMITS, FileError, type FileParts, readFile, writeFile } from './file.ts'

const envelope = (text: string) =>
  jcs({
    payload: toBase64Url(utf8(text)),
    payloadType: 'application/vnd.lockbox.request+json',
    signatures: [{ keyid: 'a', sig: 'b' }],
  })
const EXAMPLE: FileParts = {
  statements: [envelope('one'), envelope('two')],
  blobs: [Uint8Array.of(1, 2, 3)],
  notes: ['lockbox.localhost/a/b\n1\nAAAA\n\n— name sig\n'],
}
const text = fromUtf8(writeFile(EXAMPLE))
const lines = text.split('\n')

function codeOf(input: string | Uint8Array): unknown {
  try {
    readFile(input)
    return null
  } catch (error) {
    return error instanceof FileError ? error.code : error
  }
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 50 }).map((all) => Uint8Array.from(all))
const parts = fc.record({
  statements: fc.array(fc.string({ maxLength: 50 }).map(envelope), { maxLength: 6 }),
  blobs: fc.array(bytes, { maxLength: 4 }),
  notes: fc.array(fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }), { maxLength: 4 }),
})

describe('a file', () => {
  it('is one object a line, the first with what follows', () => {
    expect(lines[0]).toBe(`{"about":"${FILE_ABOUT}","blobs":1,"format":"lockbox-file/1","notes":1,"statements":2}`)
    expect(lines.slice(1, 4)).toEqual([fromUtf8(envelope('one')), fromUtf8(envelope('two')), '{"blob":"AQID"}'])
    expect(lines.at(-1)).toBe('')
  })

  it('says first what it is and what to do with it, in letters that nothing spoils, and nobody has to say it', () => {
    expect(text.slice(0, 100)).toContain('This is a file from Lockbox')
    expect(FILE_ABOUT).toMatch(/^[ -~]+$/)
    for (const about of [
      '',
      '"about":"Something else, of another app.",',
      `"about":"${'x'.repeat(FILE_LIMITS.about)}",`,
    ])
      expect(readFile(text.replace(/"about":"[^"]*",/, about))).toEqual(EXAMPLE)
  })

  it('comes out as it went in', () => {
    fc.assert(
      fc.property(parts, (all) => {
        expect(readFile(writeFile(all))).toEqual(all)
      }),
    )
  })

  it('survives white space anywhere, as mail and chat programs make it', () => {
    const space = fc.constantFrom(' ', '\n', '\r\n', '\t', '  \n')
    const places = fc.array(fc.record({ at: fc.nat(), space }), { maxLength: 30 })
    fc.assert(
      fc.property(parts, places, (all, spaces) => {
        let pasted = fromUtf8(writeFile(all))
        for (const { at, space } of spaces) {
          const place = at % (pasted.length + 1)
          pasted = pasted.slice(0, place) + space + pasted.slice(place)
        }
        expect(readFile(pasted)).toEqual(all)
      }),
    )
  })

  it('survives a byte order mark', () => {
    expect(readFile(concat(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(text)))).toEqual(EXAMPLE)
  })

  it('is refused as truncated wherever it is cut behind its first line', () => {
    const whole = utf8(text)
    for (let length = (lines[0]?.length ?? 0) + 1; length < whole.length - 1; length++)
      expect(codeOf(whole.subarray(0, length))).toBe('truncated')
  })

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['another text', 'Dear Alice'],
    ['half of its first line', lines[0]?.slice(0, 20) ?? ''],
    ['no first line', lines.slice(1).join('\n')],
    ['JSON of another program', '{"format":"other/1"}'],
    ['an array', '[1]'],
  ])('is not %s', (_what, input) => {
    expect(codeOf(input)).toBe('not-a-file')
  })

  it.each([
    ['a line more than its first line says', `${text}{"blob":"AQID"}`],
    ['something between the objects', `${lines[0]},${lines.slice(1).join('')}`],
    ['an object of another kind', text.replace('{"blob":"AQID"}', '{"clob":"AQID"}')],
    ['a blob with another field', text.replace('{"blob":"AQID"}', '{"blob":"AQID","name":"x"}')],
    ['a blob that is not base64url', text.replace('AQID', 'AQ=D')],
    ['an empty blob', text.replace('AQID', '')],
    ['a blob that is not canonical JSON', text.replace('"AQID"', '"\\u0041QID"')],
    ['a note that is not UTF-8', text.replace(/\{"note":"[^"]*"\}/, '{"note":"_w"}')],
    ['a first line with another field', text.replace('"notes"', '"more":1,"notes"')],
    ['a first line that says too much', text.replace(FILE_ABOUT, 'x'.repeat(FILE_LIMITS.about + 1))],
    ['a first line that says no text', text.replace(`"${FILE_ABOUT}"`, '1')],
    ['bytes that are not UTF-8', concat(utf8(`${lines[0]}{"blob":"`), Uint8Array.of(0xff), utf8('"}'))],
  ])('with %s is malformed', (_what, input) => {
    expect(codeOf(input)).toBe('malformed')
  })

  it('of a later version is named as such', () => {
    expect(codeOf(text.replace('lockbox-file/1', 'lockbox-file/2'))).toBe('unsupported')
  })

  it('that is larger than any may be is refused before it is read', () => {
    expect(codeOf(new Uint8Array(FILE_LIMITS.bytes + 1))).toBe('too-large')
  })

  it('with an envelope larger than any may be is refused', () => {
    const large = text.replace('{"payload":"', `{"payload":"${'A'.repeat(MAX_ENVELOPE_BYTES)}`)
    expect(codeOf(large)).toBe('too-large')
  })

  it('gives statements as they were written, canonical or not: the door judges them', () => {
    const odd = '{"payload":"","odd":{"a":"}{"}}'
    const [first] = readFile(`{"blobs":0,"format":"lockbox-file/1","notes":0,"statements":1}\n${odd}\n`).statements
    expect(fromUtf8(first ?? new Uint8Array())).toBe(odd)
  })

  it('never breaks the reader, whatever its bytes are', () => {
    const codes = [null, 'not-a-file', 'malformed', 'truncated', 'too-large', 'unsupported']
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 5 }), (changes) => {
        const spoiled = utf8(text)
        for (const { at, byte } of changes) spoiled[at % spoiled.length] = byte
        expect(codes).toContain(codeOf(spoiled))
      }),
    )
  })
})

describe('writing a file', () => {
  it('refuses a blob or a number of blobs that no reader would take', () => {
    const many = Array.from({ length: FILE_LIMITS.blobs + 1 }, () => Uint8Array.of(1))
    for (const blobs of [[new Uint8Array(FILE_LIMITS.blobBytes + 1)], many])
      expect(() => writeFile({ ...EXAMPLE, blobs })).toThrow(FileError)
  })

  it('refuses what is no envelope: our own code made it', () => {
    for (const statement of ['{"payload": ""}', '{"blob":"AQID"}', '{"payload":""}{"blob":"AQID"}'])
      expect(() => writeFile({ ...EXAMPLE, statements: [utf8(statement)] })).toThrow(TypeError)
  })
})
