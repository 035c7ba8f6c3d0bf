import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Verdict } from '../../shared/verify/report.ts'
import { MOST_FILES } from '../../shared/verify/rows.ts'
import { plainLine } from '../../shared/verify/words.ts'
import { crewOfThreads } from './crew.ts'
import { leaveCoresToSignatures } from './engine.ts'
import { runExport } from './export.ts'
import { NO_STDIN, USAGE, VERSION } from './usage.ts'
import { type VerifyCommand, verifyAndPrint } from './verifying.ts'

/** Exit codes of `lockbox verify`; wrong use exits as `unreadable` does. */
export const EXIT: Record<Verdict, number> = { verified: 0, refuted: 1, unreadable: 2, incomplete: 3 }

type Command = { readonly wrong: string } | { readonly says: string } | VerifyCommand

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
  const isLarge = await areLarge(command.files)
  if (isLarge) leaveCoresToSignatures()
  return EXIT[await verifyAndPrint(command, isLarge ? (setting) => crewOfThreads(program, setting) : undefined)]
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
  if (files.includes('-')) return { wrong: NO_STDIN }
  if (files.length > MOST_FILES) return { wrong: `expected at most ${MOST_FILES} files at once` }
  const odd = values.case?.find((id) => !CASE.test(id))
  if (odd !== undefined) return { wrong: `“${odd}” is not the id of a case, which has ${CASE_LETTERS} letters` }
  return { files, json: values.json ?? false, cases: values.case ?? [] }
}

/** The id of a request: 32 bytes in base64url. */
const CASE_LETTERS = 43
const CASE = new RegExp(`^[A-Za-z0-9_-]{${CASE_LETTERS}}$`)

function parseOptions(args: readonly string[]) {
  const help = { type: 'boolean', short: 'h' } as const
  const several = { type: 'string', multiple: true } as const
  const options = { json: { type: 'boolean' }, case: several, help, version: { type: 'boolean' } } as const
  return parseArgs({ args: [...args], allowPositionals: true, options })
}

/** A file from which on several cores are worth it: a thread takes a tenth of a second to start. */
const LARGE_BYTES = 512 * 1024

async function areLarge(files: readonly string[]): Promise<boolean> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.some((size) => size > LARGE_BYTES)
}
