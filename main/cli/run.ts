import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { formatJson } from '../../shared/verify/format-json.ts'
import { formatText } from '../../shared/verify/format-text.ts'
import type { Report, Verdict } from '../../shared/verify/report.ts'
import { MOST_FILES } from '../../shared/verify/rows.ts'
import { UnreadableFile } from '../../shared/verify/source.ts'
import { SeveralOrganizations, unreadable, type VerifyTools, verifyBundles } from '../../shared/verify/verify-bundle.ts'
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
 * Runs one command line. Opens no window and no socket; reads the files named and nothing else.
 *
 * @param args - Without the program's own name.
 * @param program - what runs this: it is started again in threads, where there is much to verify.
 * @returns The exit code.
 */
export async function run(args: readonly string[], program: URL): Promise<number> {
  const exported = args[0] === 'export' ? await runExport(args.slice(1)) : null
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
  return EXIT[await verifyAll(command, program)]
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

interface Wanted {
  /** Cases to give in full. */
  readonly cases: readonly string[]
  readonly program: URL
}

/** What files that belong together led to. */
interface Judged {
  readonly files: readonly string[]
  readonly report: Report
}

async function verifyAll({ files, json, cases }: Extract<Command, { files: unknown }>, program: URL): Promise<Verdict> {
  const judged = await judge(files, { cases, program })
  process.stdout.write(json ? formatJson(judged) : textOf(judged))
  return worst(judged.map(({ report }) => report.verdict))
}

const textOf = (judged: readonly Judged[]): string =>
  judged.map(({ files, report }) => formatText(report, filesWords(files))).join('\n')

const filesWords = (files: readonly string[]): string =>
  files.length === 1 ? (files[0] as string) : files.map((file, at) => `file ${at + 1}: ${file}`).join(', ')

/**
 * Verifies files of one organization together. One that cannot be read is said by itself, and the others are verified without
 * it; so are those of another organization.
 */
async function judge(files: readonly string[], wanted: Wanted): Promise<Judged[]> {
  if (files.length === 0) return []
  const chunks = files.map(chunksOf)
  try {
    return [
      {
        files,
        report: await verifyBundles(chunks, {
          ...tools,
          ...(await threadsFor(files, wanted.program)),
          cases: wanted.cases,
        }),
      },
    ]
  } catch (error) {
    if (error instanceof UnreadableFile) return without(error.file, unreadable(error.fault.code, error.fault.message))
    if (!(error instanceof SeveralOrganizations)) throw error
    const [first] = error.organizations
    const mine = files.filter((_, at) => error.organizations[at] === first)
    const others = files.filter((_, at) => error.organizations[at] !== first)
    return [...(await judge(mine, wanted)), ...(await judge(others, wanted))]
  }

  async function without(at: number, report: Report): Promise<Judged[]> {
    const file = files[at] as string
    return [{ files: [file], report }, ...(await judge(files.toSpliced(at, 1), wanted))]
  }
}

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
