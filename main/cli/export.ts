import { parseArgs } from 'node:util'
import type { Digest } from '../../shared/bytes.ts'
import { BundleError } from '../../shared/ledger/bundle.ts'
import { type BundleItem, readBundle } from '../../shared/ledger/bundle-read.ts'
import { FORMATS, type Format } from '../../shared/outlets/format-names.ts'
import { type Exporter, LINES } from '../../shared/outlets/formats.ts'
import { Counted, type ReportEvents } from '../../shared/outlets/from-report.ts'
import { parse } from '../../shared/statements/envelope.ts'
import { StatementError } from '../../shared/statements/errors.ts'
import type { BundleReport, Report, Verdict } from '../../shared/verify/report.ts'
import { unreadable, verifyBundle } from '../../shared/verify/verify-bundle.ts'
import { plainLine } from '../../shared/verify/words.ts'
import { decompressed, fileChunks } from '../bundle-file.ts'
import { drained } from '../drained.ts'
import { FileError } from '../read-bounded.ts'
import { roundOf } from './export-round.ts'
import { tools } from './tools.ts'
import { NO_STDIN, VERSION } from './usage.ts'

/** What an export needs to be told. */
interface Wanted {
  readonly format: Format
  readonly file: string
}

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
  const { report, counted } = await read(wanted.file)
  if (report.verdict === 'unreadable' || report.verdict === 'refuted')
    say(`nothing exported: the file is ${report.verdict}: ${report.first?.says ?? ''}`)
  else await write(wanted, report, counted.events(report))
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
    if (file === '-') return { wrong: NO_STDIN }
    return { format, file }
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : 'expected a format and a file' }
  }
}

async function read(file: string): Promise<{ report: Report; counted: Counted }> {
  let counted = new Counted(new Set())
  try {
    counted = new Counted(await endorsedIn(file))
    const report = await verifyBundle(decompressed(fileChunks(file)), {
      ...tools,
      // No format has the 12 words of the roster, which would take half a second and 128 MiB.
      wordsOf: async () => [],
      most: { cases: Number.POSITIVE_INFINITY, log: Number.POSITIVE_INFINITY },
      listener: counted,
    })
    if (report.verdict !== 'unreadable') counted.takeActs(report.log)
    return { report, counted }
  } catch (error) {
    if (error instanceof FileError) return { report: unreadable(error.code, error.message), counted }
    throw error
  }
}

/** What endorsements name: they all stand before the cases. Whether they may is seen when the file is verified. */
async function endorsedIn(file: string): Promise<Set<Digest>> {
  const endorsed = new Set<Digest>()
  try {
    for await (const item of itemsOf(file)) {
      if (item.what === 'section' && !('section' in item.name && BEFORE.has(item.name.section))) break
      const of = item.what === 'entry' ? endorsedBy(item.envelope) : null
      if (of !== null) endorsed.add(of)
    }
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
  }
  return endorsed
}

function endorsedBy(envelope: Uint8Array): Digest | null {
  try {
    const { kind, payload } = parse(envelope, tools.digestOf)
    return kind === 'endorsement' ? payload.of : null
  } catch (error) {
    if (error instanceof StatementError) return null
    throw error
  }
}

const BEFORE: ReadonlySet<string> = new Set(['rosters', 'organization'])

async function* itemsOf(file: string): AsyncGenerator<BundleItem> {
  for await (const items of readBundle(decompressed(fileChunks(file)))) yield* items
}

async function write({ format, file }: Wanted, report: BundleReport, events: ReportEvents): Promise<void> {
  const [first] = report.files
  const exporter: Exporter = { version: VERSION, device: first?.exporter.device ?? '' }
  const { header, end, line } = LINES[format]
  let text = header === null ? '' : header + end
  for (let next = 0; next < events.count; )
    for (const envelope of await roundOf(itemsOf(file), events, next)) {
      text += line(events.event(next++, envelope), exporter) + end
      if (text.length < CHUNK) continue
      if (!(await put(text))) return
      text = ''
    }
  await put(text)
  const of = first?.ledger.entries ?? 0
  const left = of - events.count
  if (left > 0) say(`${left} of ${of} entries count for nothing and were left out; lockbox verify says why`)
  if (report.verdict === 'incomplete') say(`the file is incomplete: ${report.first?.says ?? ''}`)
}

/** A slow reader is waited for. @returns false once it has gone. */
async function put(text: string): Promise<boolean> {
  return process.stdout.write(text) || drained(process.stdout)
}

function say(words: string): void {
  process.stderr.write(`lockbox: ${plainLine(words)}\n`)
}
