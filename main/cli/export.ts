import { parseArgs } from 'node:util'
import { readBundle } from '../../shared/ledger/bundle-read.ts'
import { FORMATS, type Format } from '../../shared/outlets/format-names.ts'
import { type Exporter, LINES } from '../../shared/outlets/formats.ts'
import { eventsOfReport } from '../../shared/outlets/from-report.ts'
import type { BundleReport, Report, Verdict } from '../../shared/verify/report.ts'
import { unreadable, verifyBundle } from '../../shared/verify/verify-bundle.ts'
import { plainLine } from '../../shared/verify/words.ts'
import { decompressed, fileChunks } from '../bundle-file.ts'
import { drained } from '../drained.ts'
import { FileError } from '../read-bounded.ts'
import { tools } from './tools.ts'
import { VERSION } from './usage.ts'

/** What an export needs to be told. */
interface Wanted {
  readonly format: Format
  readonly file: string
}

/** Largest file exported, bytes: unlike what is only verified, its statements are held in memory. */
const MOST_BYTES = 256 * 1024 * 1024

/** How much text goes out at once, UTF-16 units. */
const CHUNK = 64 * 1024

/**
 * Runs `lockbox export`: verifies a bundle, and writes its events to standard output in another system's format. From a
 * refuted or unreadable file nothing is written: whoever reads the output could not know what of it is true.
 *
 * @param args - behind the word `export`.
 * @returns the verdict, or in words how the command was used wrongly.
 */
export async function runExport(args: readonly string[]): Promise<Verdict | { wrong: string }> {
  const wanted = wantedOf(args)
  if ('wrong' in wanted) return wanted
  const { report, entries } = await read(wanted.file)
  if (report.verdict === 'unreadable' || report.verdict === 'refuted')
    say(`nothing exported: the file is ${report.verdict}: ${report.first?.says ?? ''}`)
  else await write(wanted.format, report, entries)
  return report.verdict
}

function wantedOf(args: readonly string[]): Wanted | { wrong: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { format: { type: 'string' } },
    })
    const format = FORMATS.find((one) => one === values.format)
    if (format === undefined) return { wrong: `expected --format=${FORMATS.join('|')}` }
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) return { wrong: 'expected the file of one bundle' }
    return { format, file }
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : 'expected a format and a file' }
  }
}

async function read(file: string): Promise<{ report: Report; entries: Entries }> {
  try {
    const report = await verifyBundle(decompressed(fileChunks(file, MOST_BYTES)), {
      ...tools,
      most: { cases: Number.POSITIVE_INFINITY, log: Number.POSITIVE_INFINITY },
    })
    const worthless = report.verdict === 'unreadable' || report.verdict === 'refuted'
    return { report, entries: worthless ? new Map<number, Uint8Array>() : await entriesOf(file) }
  } catch (error) {
    if (error instanceof FileError) return { report: unreadable(error.code, error.message), entries: new Map() }
    throw error
  }
}

/** Envelopes by their place. */
type Entries = ReadonlyMap<number, Uint8Array>

async function entriesOf(file: string): Promise<Entries> {
  const entries = new Map<number, Uint8Array>()
  for await (const items of readBundle(decompressed(fileChunks(file, MOST_BYTES))))
    for (const item of items) if (item.what === 'entry') entries.set(item.at, item.envelope.slice())
  return entries
}

async function write(format: Format, report: BundleReport, entries: Entries): Promise<void> {
  const exporter: Exporter = { version: VERSION, device: report.files[0]?.exporter.device ?? '' }
  const { header, end, line } = LINES[format]
  let text = header === null ? '' : header + end
  let count = 0
  for (const event of eventsOfReport(report, entries)) {
    count++
    text += line(event, exporter) + end
    if (text.length < CHUNK) continue
    if (!(await put(text))) return
    text = ''
  }
  await put(text)
  const left = entries.size - count
  if (left > 0) say(`${left} of ${entries.size} entries count for nothing and were left out; lockbox verify says why`)
  if (report.verdict === 'incomplete') say(`the file is incomplete: ${report.first?.says ?? ''}`)
}

/** A slow reader is waited for. @returns false once it has gone. */
async function put(text: string): Promise<boolean> {
  return process.stdout.write(text) || drained(process.stdout)
}

function say(words: string): void {
  process.stderr.write(`lockbox: ${plainLine(words)}\n`)
}
