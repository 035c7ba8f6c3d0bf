import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { formatJson } from '../../shared/verify/format-json.ts'
import type { Verdict } from '../../shared/verify/report.ts'
import { MOST_FILES } from '../../shared/verify/rows.ts'
import { UnreadableFile } from '../../shared/verify/source.ts'
import type { VerifyTools } from '../../shared/verify/verify-bundle.ts'
import { formatTexts, type NamedFile, verifyFiles } from '../../shared/verify/verify-files.ts'
import { plainLine } from '../../shared/verify/words.ts'
import { decompressed, fileChunks } from '../bundle-file.ts'
import { FileError } from '../read-bounded.ts'
import { crewOfThreads } from './crew.ts'
import { runExport } from './export.ts'
import { tools } from './tools.ts'
import { USAGE, VERSION } from './usage.ts'

/** Exit codes of `lockbox verify`; wrong use exits as `unreadable` does. */
export const EXIT: Record<Verdict, number> = { verified: 0, refuted: 1, unreadable: 2, incomplete: 3 }

/** What several files together exit with. Proof of a wrong is worse than nothing known, which is worse than a gap. */
const WORST_FIRST: readonly Verdict[] = ['refuted', 'unreadable', 'incomplete', 'verified']

type Command =
  | { readonly wrong: string }
  | { readonly says: string }
  | { readonly files: readonly string[]; readonly json: boolean; readonly cases: readonly string[] }

/**
 * Runs one command line. Opens no window and, but for `aws-check`, no socket; reads the files named and nothing else.
 *
 * @param args - Without the program's own name.
 * @param program - what runs this: it is started again in threads, where there is much to verify.
 * @returns The exit code.
 */
export async function run(args: readonly string[], program: URL): Promise<number> {
  if (args[0] === 'aws-check') {
    // Loaded for this alone: with AWS's client library it is larger than all the rest.
    const { runAwsCheck } = await import('./aws-check.ts')
    const checked = await runAwsCheck(args.slice(1))
    return typeof checked === 'number' ? checked : refuse(checked.wrong)
  }
  const exported = args[0] === 'export' ? await runExport(args.slice(1)) : null
  if (typeof exported === 'string') return EXIT[exported]
  const command = exported ?? commandOf(args)
  if ('wrong' in command) return refuse(command.wrong)
  if ('says' in command) {
    process.stdout.write(command.says)
    return EXIT.verified
  }
  return EXIT[await verifyAll(command, program)]
}

/** Says how the program was used wrongly, and how it is used. */
function refuse(wrong: string): number {
  process.stderr.write(`lockbox: ${plainLine(wrong)}\n\n${USAGE}`)
  return EXIT.unreadable
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
  if (files.length === 0) return { wrong: 'expected the file of a bundle' }
  if (files.length > MOST_FILES) return { wrong: `expected at most ${MOST_FILES} files at once` }
  return { files, json: values.json ?? false, cases: values.case ?? [] }
}

function parseOptions(args: readonly string[]) {
  const help = { type: 'boolean', short: 'h' } as const
  const several = { type: 'string', multiple: true } as const
  const options = { json: { type: 'boolean' }, case: several, help, version: { type: 'boolean' } } as const
  return parseArgs({ args: [...args], allowPositionals: true, options })
}

/** A file from which on several cores are worth it. */
const LARGE_BYTES = 512 * 1024

async function verifyAll({ files, json, cases }: Extract<Command, { files: unknown }>, program: URL): Promise<Verdict> {
  const judged = await verifyFiles(files.map(namedFile), { ...tools, ...(await threadsFor(files, program)), cases })
  process.stdout.write(json ? formatJson(judged) : formatTexts(judged))
  return worst(judged.map(({ report }) => report.verdict))
}

const namedFile = (name: string): NamedFile => ({ name, chunks: (at) => chunksOf(name, at) })

/** Threads cost a tenth of a second to start, which a small file does not take. */
async function threadsFor(files: readonly string[], program: URL): Promise<Pick<VerifyTools, 'crew'>> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  const isLarge = sizes.some((size) => size > LARGE_BYTES)
  return isLarge ? { crew: (setting) => crewOfThreads(program, setting) } : {}
}

async function* chunksOf(file: string, at: number): AsyncGenerator<Uint8Array> {
  try {
    yield* decompressed(fileChunks(file))
  } catch (error) {
    throw error instanceof FileError ? new UnreadableFile(at, error) : error
  }
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'unreadable'
}
