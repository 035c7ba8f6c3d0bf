import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compressed, decompressed } from '../../main/bundle-file.ts'
import { concat, utf8 } from '../bytes.ts'
import { chunksOf } from '../ledger/testing/read.ts'
import { rosterWords } from '../org/words.ts'
import type { VerifyFinding } from './findings.ts'
import { formatText } from './format-text.ts'
import type { Report } from './report.ts'
import { noWords, rememberedChecks } from './testing/checks.ts'
import { bundleCases } from './testing/faults.ts'
import { anyReportOn } from './testing/reading.ts'
import { verifyBundle } from './verify-bundle.ts'

const folder = fileURLToPath(new URL('../../docs/formats/examples/', import.meta.url))

/** Which cases of the tests are kept as files. */
const FILES: Record<string, string> = {
  'whole.bundle': 'no fault',
  'changed-reason.bundle': 'a changed reason',
  'untouched-key.bundle': 'an approval that the device signed and the hardware key did not',
  'removed-entry.bundle': 'an entry removed',
  'left-out-by-the-exporter.bundle': 'a denial left out by the exporter',
  'missing-approval.bundle': 'an approval of the basis missing',
  'two-of-one-number.bundle': 'two statements of one number by another device',
  'no-cosignature.bundle': 'no cosignature',
  'cosigned-by-its-owner.bundle': 'cosignatures by the former device of the exporter’s owner alone',
  'another-case.bundle': 'a file that is said to be of a case that it lacks',
  'swapped-signature.bundle': 'the signature of another statement',
  'another-device.bundle': 'an approval signed by another device',
  'another-key.bundle': 'an approval touched with another person’s key',
  'stripped-touch.bundle': 'a hardware signature stripped',
  'later-kind.bundle': 'a kind of a later version',
  'two-successors.bundle': 'a split organization',
  'pin-set-back.bundle': 'a pin set back',
  'drafted-keys.bundle': 'a draft of a roster as pin, and checkpoints with keys of the draft',
  'drafted-cosigners.bundle': 'a draft of a roster as pin, and cosignatures with keys of the draft',
  'own-fork.bundle': 'two histories of the exporter, of different lengths',
  'growth-fork.bundle': 'two histories of another device, of different lengths',
  'refused-head.bundle': 'a head that was refused',
  'pruned.bundle': 'old entries removed',
}

/** What can be wrong with a file around its lines, from a whole one. */
const AROUND: Record<string, (whole: Uint8Array) => Uint8Array> = {
  'cut.bundle': (whole) => whole.slice(0, whole.length / 2),
  'cut-before-the-checksum.bundle': (whole) => whole.slice(0, -8),
  'byte-behind.bundle': (whole) => concat(whole, Uint8Array.of(0)),
  'second-member.bundle': (whole) => concat(whole, whole),
  'empty-second-member.bundle': (whole) => concat(whole, new Uint8Array(gzipSync(''))),
  'name-in-it.bundle': (whole) =>
    concat(whole.slice(0, 3), Uint8Array.of(8), whole.slice(4, 10), Uint8Array.of(97, 0), whole.slice(10)),
  'wrong-checksum.bundle': (whole) => whole.with(whole.length - 8, (whole.at(-8) ?? 0) ^ 1),
  // 10 GB in the last four bytes, as far as they go: modulo 4 GiB.
  'length-of-10-gb.bundle': (whole) => concat(whole.slice(0, -4), Uint8Array.of(0x00, 0x00, 0x00, 0x80)),
  'not-compressed.bundle': (whole) => new Uint8Array(gunzipSync(whole)),
  'zip.bundle': () => utf8('PK\u0003\u0004 this is a ZIP file\n'),
  // 32 MiB in as many KiB; a reader stops at the first 128.
  'bomb.bundle': () => new Uint8Array(gzipSync(new Uint8Array(32 * 1024 * 1024).fill(0x7b), { level: 9 })),
}

interface Expected {
  readonly verdict: Report['verdict']
  readonly first: Pick<VerifyFinding, 'code' | 'entries' | 'device'> | null
  /** Codes of what is for people to look at, in their order, each once. */
  readonly attention: readonly VerifyFinding['code'][]
}

function expectedOf(report: Report): Expected {
  const { verdict, first } = report
  const findings = report.verdict === 'unreadable' ? [] : report.findings
  const attention = new Set(findings.filter(({ result }) => result === 'attention').map(({ code }) => code))
  return {
    verdict,
    first: first && { code: first.code, entries: first.entries, device: first.device },
    attention: [...attention].sort(),
  }
}

const reportOnFile = (file: Uint8Array): Promise<Report> =>
  verifyBundle(decompressed(chunksOf(file)), { checks: rememberedChecks, wordsOf: noWords })

if (process.env['WRITE_VECTORS']) {
  const cases = await bundleCases()
  const expected: Record<string, Expected> = {}
  for (const [file, name] of Object.entries(FILES)) {
    const { bytes } = cases[name] as { bytes: Uint8Array }
    const report = await anyReportOn(bytes, rosterWords)
    writeFileSync(folder + file, compressed([bytes]))
    expected[file] = expectedOf(report)
    if (file === 'whole.bundle') {
      writeFileSync(`${folder}whole.report.txt`, formatText(report, file))
      writeFileSync(`${folder}whole.report.json`, `${JSON.stringify(report, null, 2)}\n`)
    }
  }
  const whole = new Uint8Array(readFileSync(`${folder}whole.bundle`))
  for (const [file, change] of Object.entries(AROUND)) {
    writeFileSync(folder + file, change(whole))
    expected[file] = expectedOf(await reportOnFile(change(whole)))
  }
  writeFileSync(`${folder}expected.json`, `${JSON.stringify(expected, null, 2)}\n`)
}

const json = (name: string): unknown => JSON.parse(readFileSync(folder + name, 'utf8'))
const bundle = (name: string): Uint8Array => new Uint8Array(gunzipSync(readFileSync(folder + name)))

describe('the examples of the format', () => {
  const expected = json('expected.json') as Record<string, Expected>

  it('are all listed', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.bundle'))
    expect(Object.keys(expected).sort()).toEqual(files.sort())
  })

  it.each(Object.entries(expected))('%s', async (name, verdict) => {
    expect(expectedOf(await reportOnFile(new Uint8Array(readFileSync(folder + name))))).toEqual(verdict)
  })

  it('the whole one gives the report that lies beside it', async () => {
    const report = await anyReportOn(bundle('whole.bundle'), rosterWords)
    expect(JSON.parse(JSON.stringify(report))).toEqual(json('whole.report.json'))
    expect(formatText(report, 'whole.bundle')).toBe(readFileSync(`${folder}whole.report.txt`, 'utf8'))
  })
})
