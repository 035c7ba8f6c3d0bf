import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compressed } from '../../main/bundle-file.ts'
import { rosterWords } from '../org/words.ts'
import type { VerifyFinding } from './findings.ts'
import { formatText } from './format-text.ts'
import type { Report } from './report.ts'
import { bundleCases } from './testing/faults.ts'
import { anyReportOn } from './testing/reading.ts'

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
}

interface Expected {
  readonly verdict: Report['verdict']
  readonly first: Pick<VerifyFinding, 'code' | 'entries' | 'device'> | null
}

function expectedOf({ verdict, first }: Report): Expected {
  return { verdict, first: first && { code: first.code, entries: first.entries, device: first.device } }
}

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
    expect(expectedOf(await anyReportOn(bundle(name)))).toEqual(verdict)
  })

  it('the whole one gives the report that lies beside it', async () => {
    const report = await anyReportOn(bundle('whole.bundle'), rosterWords)
    expect(JSON.parse(JSON.stringify(report))).toEqual(json('whole.report.json'))
    expect(formatText(report, 'whole.bundle')).toBe(readFileSync(`${folder}whole.report.txt`, 'utf8'))
  })
})
