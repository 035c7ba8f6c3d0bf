import { mkdir, open, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compression } from '../../main/compression.ts'
import { encodeCbor } from '../../shared/carriers/cbor.ts'
import { codesOf } from '../../shared/carriers/codes.ts'
import { writeFile as lockboxFile, readFile } from '../../shared/carriers/file.ts'
import { PACK_LIMITS, pack } from '../../shared/carriers/pack.ts'
import { createScan, type Scanned } from '../../shared/carriers/scan.ts'
import { framesOf, UR_TYPE } from '../../shared/carriers/ur.ts'
import { CallError } from '../../shared/wire.ts'
import { found, type LocalParty, newWorld, type World } from './world.ts'

// Whatever a carrier brings that is wrong is refused with its reason, and nothing that was there is lost.

let world: World
let ana: LocalParty
let good: Uint8Array
let packed: Uint8Array

beforeAll(async () => {
  world = await newWorld(60)
  ana = await world.arrive('Ana')
  await ana.setUp()
  await found([ana])
  good = (await ana.call.exchange.writeFile({ request: null })).bytes
  packed = pack(readFile(good), compression)
}, 120_000)
afterAll(() => world.close())

const text = () => Buffer.from(good).toString()
const bytesOf = (words: string) => new TextEncoder().encode(words)

/** Everything of the app that a bad input must leave as it is. */
async function kept() {
  const { log, people, organization, drafts, cases } = await ana.snapshot()
  return { entries: log.entries, people, organization, drafts, cases }
}

/** The reason why something was not taken in; how many of its statements the door refused, if the rest was looked at. */
async function reasonOf(taking: Promise<{ refused: number }>): Promise<string> {
  return taking.then(
    ({ refused }) => `${refused} refused`,
    (error: unknown) => {
      if (error instanceof CallError) return error.code
      throw error
    },
  )
}

describe('a file or a pasted text', () => {
  test.each<[string, string, () => Uint8Array]>([
    ['that is cut', 'truncated', () => good.subarray(0, good.length - 100)],
    ['that is cut in its first line', 'not-a-file', () => good.subarray(0, 10)],
    ['that is two files behind each other', 'malformed', () => Buffer.concat([good, good])],
    ['of a line of which is another one', 'malformed', () => bytesOf(text().replace('{"payload"', '{"Payload"'))],
    ['that is a picture', 'not-a-file', () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
    ['that is a web page', 'not-a-file', () => bytesOf('<!doctype html><p>https://example.com</p>')],
    ['that is JSON of somebody else', 'not-a-file', () => bytesOf('{"type":"Bundle","entry":[]}')],
    ['of a later version', 'unsupported', () => bytesOf(text().replace('lockbox-file/1', 'lockbox-file/2'))],
    ['with half a character in front', 'not-a-file', () => bytesOf(`\ud800${text()}`)],
    ['with half a character in its first line', 'not-a-file', () => bytesOf(text().replace('file/1', 'file/1\udc00'))],
    ['with half a character in a statement', '1 refused', () => bytesOf(text().replace(/("payload":".)/, '$1\ud800'))],
    ['with half a character, escaped', 'not-a-file', () => bytesOf(text().replace('lockbox-file/1', '\\ud800'))],
    ['with nothing in it', 'not-a-file', () => new Uint8Array()],
  ])('%s is refused: %s', async (_what, reason, bytes) => {
    const before = await kept()
    expect(await reasonOf(ana.call.exchange.readFile({ name: 'x.lockbox', bytes: bytes() }))).toBe(reason)
    expect(await reasonOf(ana.call.exchange.readFile({ name: 'text', bytes: bytes(), pasted: true }))).toBe(reason)
    expect(await kept()).toEqual(before)
  })
})

describe('what codes carried', () => {
  const bomb = () => encodeCbor([1, deflateRawSync(new Uint8Array(50 * 1024 * 1024))])
  test.each<[string, string, () => Uint8Array]>([
    ['that is cut', 'malformed', () => packed.subarray(0, -5)],
    ['with something behind its end', 'malformed', () => Buffer.concat([packed, Uint8Array.of(0)])],
    ['that is a text', 'malformed', () => bytesOf('https://example.com')],
    ['of a later version', 'unsupported', () => encodeCbor([2, new Uint8Array()])],
    ['that would grow to 50 MB', 'too-large', bomb],
    ['that is larger than codes carry', 'too-large', () => new Uint8Array(PACK_LIMITS.bytes + 1)],
  ])('%s is refused: %s', async (_what, reason, bytes) => {
    const before = await kept()
    expect(await reasonOf(ana.call.exchange.readCode({ pack: bytes() }))).toBe(reason)
    expect(await kept()).toEqual(before)
  })
})

describe('a code before the camera', () => {
  const message = (seed: number) => Uint8Array.from({ length: 3000 }, (_, at) => (at * 31 + seed * (at >> 3)) % 251)
  const reason = (scanned: Scanned) => (scanned.is === 'refused' ? scanned.error.code : scanned.is)
  /** A part of one sequence under the name of another: what two screens in one picture could be taken for. */
  const ofAnother = () => {
    const [one, other] = [framesOf(UR_TYPE, message(1), 480), framesOf(UR_TYPE, message(2), 480)]
    const [, number, body] = /(\d+-\d+)\/(\w+)$/.exec(one.frame(2)) ?? []
    return other.frame(3).replace(/\d+-\d+\/\w+$/, `${number}/${body?.slice(0, -8)}aeaeaeae`)
  }
  test.each<[string, string, () => string]>([
    ['that is a link', 'foreign-code', () => 'https://example.com/'],
    ['of another product', 'foreign-code', () => 'otpauth://totp/Example:ana?secret=JBSWY3DPEHPK3PXP'],
    [
      'of another product in the same frame',
      'foreign-code',
      () => 'ur:crypto-seed/oyadhdeynteelblrcygldwvarflojtcywyjydmylgdsa',
    ],
    ['that is cut', 'malformed', () => codesOf(packed).code(1).slice(0, -3)],
    ['with half a character in it', 'malformed', () => `ur:${UR_TYPE}/\ud800e`],
    ['whose part is of another sequence', 'bad-checksum', ofAnother],
    ['of 100,000 frames', 'too-large', () => framesOf(UR_TYPE, new Uint8Array(100_000), 1).frame(1)],
    ['that is endless', 'too-large', () => `ur:${UR_TYPE}/${'ae'.repeat(100_000)}`],
  ])('%s is refused: %s', (_what, expected, code) => {
    const scan = createScan()
    const { code: frame, count } = codesOf(message(1))
    for (let number = 1; number < count; number++) scan.take(frame(number))
    expect(reason(scan.take(code()))).toBe(expected)
    // What was read before is still there: one more part completes it.
    expect(reason(scan.take(frame(count)))).toBe('complete')
  })

  test('of two sequences at once, frame by frame in turn, are put together apart', () => {
    const scan = createScan()
    const [one, other] = [codesOf(message(1)), codesOf(message(2))]
    for (let number = 1; number <= one.count; number++) for (const { code } of [one, other]) scan.take(code(number))
    expect(scan.complete).toEqual([message(1), message(2)])
  })

  test('that goes on for 100,000 frames which say nothing new keeps no more than a few', () => {
    const scan = createScan()
    const { frame: code, count } = framesOf(UR_TYPE, message(1).subarray(0, 60), 10)
    const shown = Array.from({ length: count - 1 }, (_, at) => code(at + 1))
    for (const text of shown) scan.take(text)
    const heap = process.memoryUsage().heapUsed
    for (let frame = 0; frame < 100_000; frame++) scan.take(shown[frame % shown.length] as string)
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(64 * 2 ** 20)
    expect(scan.begun).toHaveLength(1)
    expect(reason(scan.take(code(count)))).toBe('complete')
  })
})

describe('a file that was opened with Lockbox', () => {
  const at = (name: string) => join(world.dir, name)
  test.each<[string, string, () => Promise<string>]>([
    [
      'of 5 GB',
      'too-large',
      async () => {
        const large = await open(at('large.lockbox'), 'w')
        await large.truncate(5 * 2 ** 30)
        await large.close()
        return at('large.lockbox')
      },
    ],
    ['that is a directory', 'no-file', async () => (await mkdir(at('folder.lockbox')), at('folder.lockbox'))],
    [
      'that is a link',
      'no-file',
      async () => {
        await writeFile(at('real.lockbox'), good)
        await symlink(at('real.lockbox'), at('link.lockbox'))
        return at('link.lockbox')
      },
    ],
    [
      'on a stick that was pulled out',
      'no-file',
      async () => {
        await mkdir(at('stick'))
        await writeFile(at('stick/case.lockbox'), good)
        ana.running.app.openedFile.open(at('stick/case.lockbox'))
        await rm(at('stick'), { recursive: true })
        return at('stick/case.lockbox')
      },
    ],
    [
      'on a stick that cannot be read',
      'no-file',
      async () => {
        await writeFile(at('forbidden.lockbox'), good, { mode: 0 })
        // Who is root may read all; for them a name that no disk has stands in.
        return process.getuid?.() === 0 ? at('x'.repeat(300)) : at('forbidden.lockbox')
      },
    ],
    [
      'that is cut',
      'truncated',
      async () => {
        await writeFile(at('cut.lockbox'), good.subarray(0, good.length - 100))
        return at('cut.lockbox')
      },
    ],
  ])('%s is refused: %s', async (_what, reason, make) => {
    const before = await kept()
    ana.running.app.openedFile.open(await make())
    expect(await reasonOf(ana.call.opened.take())).toBe(reason)
    ana.running.app.openedFile.close()
    expect(await kept()).toEqual(before)
  })
})

test('what is good is taken after all of that', async () => {
  const { entries } = await kept()
  const known = readFile(good).statements.length
  const bytes = lockboxFile(readFile(good))
  expect(await ana.call.exchange.readFile({ name: 'x.lockbox', bytes })).toMatchObject({ known, refused: 0 })
  expect(await ana.call.exchange.readCode({ pack: packed })).toMatchObject({ known, refused: 0 })
  expect((await kept()).entries).toBe(entries)
})
