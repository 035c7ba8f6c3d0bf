import { parseArgs } from 'node:util'
import { formatJson } from '../../shared/verify/format-json.ts'
import { formatText } from '../../shared/verify/format-text.ts'
import type { Report, Verdict } from '../../shared/verify/report.ts'
import { unreadable, verifyBundle } from '../../shared/verify/verify-bundle.ts'
import { plainLine } from '../../shared/verify/words.ts'
import { signatureChecks } from '../checks.ts'
import { FileError, readBounded } from '../read-bounded.ts'
import { runExport } from './export.ts'
import { USAGE, VERSION } from './usage.ts'

/** Exit codes of `lockbox verify`; wrong use exits as `unreadable` does. */
export const EXIT: Record<Verdict, number> = { verified: 0, refuted: 1, unreadable: 2, incomplete: 3 }

/** What several files together exit with. Proof of a wrong is worse than nothing known, which is worse than a gap. */
const WORST_FIRST: readonly Verdict[] = ['refuted', 'unreadable', 'incomplete', 'verified']

/** Largest bundle read, bytes. */
export const MAX_BUNDLE_BYTES = 512 * 1024 * 1024

type Command =
  | { readonly wrong: string }
  | { readonly says: string }
  | { readonly files: readonly string[]; readonly json: boolean }

/**
 * Runs one command line. Opens no window and no socket; reads the files named and nothing else.
 *
 * @param args - Without the program's own name.
 * @returns The exit code.
 */
export async function run(args: readonly string[]): Promise<number> {
  const exported = args[0] === 'export' ? await runExport(args.slice(1), MAX_BUNDLE_BYTES) : null
  if (typeof exported === 'string') return EXIT[exported]
  const command = exported ?? commandOf(args)
  if ('wrong' in command) {
    process.stderr.write(`lockbox: ${plainLine(command.wrong)}\n\n${USAGE}`)
    return EXIT.unreadable
  }
  if ('says' in command) {
    process.stdout.write(command.says)
    return EXIT.verified
  }
  const verdict = command.json ? await verifyAsJson(command.files) : await verifyAsText(command.files)
  return EXIT[verdict]
}

/** Says on the error stream that the program could not do its work. */
export function complain(error: unknown): void {
  const why = error instanceof Error ? error.message : String(error)
  process.stderr.write(`lockbox: could not finish, so nothing is concluded: ${plainLine(why)}\n`)
}

function commandOf(args: readonly string[]): Command {
  let options: ReturnType<typeof parseOptions>
  try {
    options = parseOptions(args)
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : 'expected a command' }
  }
  const { values, positionals } = options
  const [command, ...files] = positionals
  if (values.help) return { says: USAGE }
  if (values.version) return { says: `lockbox ${VERSION}\n` }
  if (command === undefined) return { wrong: 'expected a command' }
  if (command !== 'verify') return { wrong: `there is no command “${command}”` }
  return files.length === 0 ? { wrong: 'expected the file of a bundle' } : { files, json: values.json ?? false }
}

function parseOptions(args: readonly string[]) {
  const help = { type: 'boolean', short: 'h' } as const
  const options = { json: { type: 'boolean' }, help, version: { type: 'boolean' } } as const
  return parseArgs({ args: [...args], allowPositionals: true, options })
}

async function verifyAsText(files: readonly string[]): Promise<Verdict> {
  const verdicts: Verdict[] = []
  for (const file of files) {
    const report = await verifyFile(file)
    process.stdout.write(`${verdicts.length === 0 ? '' : '\n'}${formatText(report, file)}`)
    verdicts.push(report.verdict)
  }
  return worst(verdicts)
}

async function verifyAsJson(files: readonly string[]): Promise<Verdict> {
  const reports: { file: string; report: Report }[] = []
  for (const file of files) reports.push({ file, report: await verifyFile(file) })
  process.stdout.write(formatJson(reports))
  return worst(reports.map(({ report }) => report.verdict))
}

async function verifyFile(file: string): Promise<Report> {
  try {
    return await verifyBundle(await readBounded(file, MAX_BUNDLE_BYTES), signatureChecks)
  } catch (error) {
    if (error instanceof FileError) return unreadable(error.code, error.message)
    throw error
  }
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'unreadable'
}
