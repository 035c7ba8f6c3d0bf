import { jsonPieces } from '../../shared/verify/format-json.ts'
import type { Report, Verdict } from '../../shared/verify/report.ts'
import { UnreadableFile } from '../../shared/verify/source.ts'
import type { VerifyTools } from '../../shared/verify/verify-bundle.ts'
import { formatTexts, type NamedFile, verifyFiles } from '../../shared/verify/verify-files.ts'
import { decompressed, fileChunks } from '../bundle-file.ts'
import { drained } from '../drained.ts'
import { FileError } from '../read-bounded.ts'
import { tools } from './tools.ts'

/** What `lockbox verify` is told. */
export interface VerifyCommand {
  readonly files: readonly string[]
  readonly json: boolean
  /** Cases to give in full. */
  readonly cases: readonly string[]
}

/** What several files together come to. Proof of a wrong is worse than nothing known, which is worse than a gap. */
const WORST_FIRST: readonly Verdict[] = ['refuted', 'unreadable', 'incomplete', 'verified']

/** Verifies files, prints the report, and gives the worst that was found. */
export async function verifyAndPrint(
  { files, json, cases }: VerifyCommand,
  crew?: NonNullable<VerifyTools['crew']>,
): Promise<Verdict> {
  const judged = await verifyFiles(
    files.map((name) => namedFile(name)),
    { ...tools, cases, ...(crew && { crew }) },
  )
  // Whoever reads it no more has seen enough; the verdict is given all the same.
  for (const piece of json ? jsonPieces(judged) : [formatTexts(judged)])
    if (!process.stdout.write(piece) && !(await drained(process.stdout))) break
  for (const id of cases.filter((one) => !judged.some(({ report }) => hasCase(report, one))))
    process.stderr.write(`lockbox: what could be verified has no case ${id}\n`)
  const verdicts = judged.map(({ report }) => report.verdict)
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'unreadable'
}

const hasCase = (report: Report, id: string): boolean =>
  report.verdict !== 'unreadable' && report.cases.some((one) => one.id === id)

/**
 * A file as the command line reads it.
 *
 * @param name - as it was typed, and as the report calls it.
 * @param path - where it lies, where that is not what was typed.
 */
export const namedFile = (name: string, path = name): NamedFile => ({ name, chunks: (at) => chunksOf(path, at) })

async function* chunksOf(file: string, at: number): AsyncGenerator<Uint8Array> {
  try {
    yield* decompressed(fileChunks(file))
  } catch (error) {
    throw error instanceof FileError ? new UnreadableFile(at, error) : error
  }
}
