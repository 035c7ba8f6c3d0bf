import { formatText } from './format-text.ts'
import type { Report } from './report.ts'
import { UnreadableFile } from './source.ts'
import type { VerifyTools } from './verify-bundle.ts'
import { SeveralOrganizations, unreadable, verifyBundles } from './verify-bundle.ts'

/** A file that is to be verified. */
export interface NamedFile {
  /** As the report calls it. */
  readonly name: string
  /**
   * Its decompressed bytes, from the beginning each time.
   *
   * @param at - its number among the files that are verified together, for an {@link UnreadableFile}.
   */
  readonly chunks: (at: number) => AsyncIterable<Uint8Array>
}

/** What files that belong together led to. */
export interface Judged {
  readonly files: readonly string[]
  readonly report: Report
}

/**
 * Verifies files of one organization together. One that cannot be read is said by itself, and the others are verified without
 * it; so are those of another organization.
 */
export async function verifyFiles(files: readonly NamedFile[], tools: VerifyTools): Promise<Judged[]> {
  if (files.length === 0) return []
  const chunks = files.map((file, at) => file.chunks(at))
  try {
    return [{ files: files.map(({ name }) => name), report: await verifyBundles(chunks, tools) }]
  } catch (error) {
    if (error instanceof UnreadableFile) return without(error.file, unreadable(error.fault.code, error.fault.message))
    if (!(error instanceof SeveralOrganizations)) throw error
    const [first] = error.organizations
    const mine = files.filter((_, at) => error.organizations[at] === first)
    const others = files.filter((_, at) => error.organizations[at] !== first)
    return [...(await verifyFiles(mine, tools)), ...(await verifyFiles(others, tools))]
  }

  async function without(at: number, report: Report): Promise<Judged[]> {
    const { name } = files[at] as NamedFile
    return [{ files: [name], report }, ...(await verifyFiles(files.toSpliced(at, 1), tools))]
  }
}

/** All reports as text for people, one after the other; see {@link formatText}. */
export function formatTexts(judged: readonly Judged[]): string {
  return judged.map(({ files, report }) => formatText(report, filesWords(files))).join('\n')
}

/** How a report calls its files. */
export function filesWords(files: readonly string[]): string {
  return files.length === 1 ? (files[0] as string) : files.map((file, at) => `file ${at + 1}: ${file}`).join(', ')
}
