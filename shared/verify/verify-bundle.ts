import { sha256 as pureSha256 } from '@noble/hashes/sha2.js'
import { type Digest, type DigestOf, digest, type Sha256 } from '../bytes.ts'
import type { BundleErrorCode } from '../ledger/bundle.ts'
import { rosterWords } from '../org/words.ts'
import type { DoorChecks } from '../statements/door.ts'
import { Examiner, type Means, type Setting } from './examine.ts'
import { meaningOf } from './findings.ts'
import { type Crew, crewOfOne } from './flow.ts'
import { MOST_CASES, MOST_LOG, REPORT_FORMAT, type Report, type UnreadableReport } from './report.ts'
import { Source, UnreadableFile } from './source.ts'
import type { ReportListener } from './tally.ts'
import { Verification } from './verification.ts'

/** With what bundles are verified. */
export interface VerifyTools {
  /** How signatures are checked; the same rule everywhere. */
  readonly checks: DoorChecks
  readonly sha256?: Sha256
  readonly digestOf?: DigestOf
  /** Several hands; without, all is done here. */
  readonly crew?: (setting: Setting) => Crew
  /** The 12 words of a roster; they take half a second and 128 MiB. */
  readonly wordsOf?: (roster: Digest) => Promise<readonly string[]>
  /** Told how many entries are done, and how many the headers promise, every now and then. */
  readonly onProgress?: (done: number, of: number) => void
  /** How much a report gives: see {@link MOST_CASES}, {@link MOST_LOG}. */
  readonly most?: { readonly cases: number; readonly log: number }
  /** Cases to give in full however old they are. */
  readonly cases?: readonly Digest[]
  /** Told each case that is given in full, and each statement outside cases after the first section; then the report has neither. */
  readonly listener?: ReportListener
}

/** Files of more than one organization; they are verified apart. */
export class SeveralOrganizations extends Error {
  /** The organization of each file, in order. */
  readonly organizations: readonly Digest[]

  constructor(organizations: readonly Digest[]) {
    super('expected bundles of one organization')
    this.organizations = organizations
  }
}

/**
 * Verifies a bundle from its bytes alone, in the order of docs/formats/verify.md, and reports what it shows. Never
 * throws on hostile input. Memory does not grow with what the file says, but for some 100 bytes an entry.
 *
 * @param chunks - the bundle, decompressed, as it comes; a `BundleError` from them is a fault of the file.
 */
export async function verifyBundle(chunks: AsyncIterable<Uint8Array>, tools: VerifyTools): Promise<Report> {
  try {
    return await verifyBundles([chunks], tools)
  } catch (error) {
    if (error instanceof UnreadableFile) return unreadable(error.fault.code, error.fault.message)
    throw error
  }
}

/**
 * Verifies bundles of one organization together: each file's ledger by itself, and organization and cases over what all of
 * them have.
 *
 * @throws {UnreadableFile} for the first fault of a file; nothing is concluded then.
 * @throws {SeveralOrganizations}
 */
export async function verifyBundles(
  files: readonly AsyncIterable<Uint8Array>[],
  tools: VerifyTools,
): Promise<Exclude<Report, UnreadableReport>> {
  const sources = await Promise.all(files.map((chunks, index) => Source.open(chunks, index)))
  const organizations = sources.map(({ header }) => header.organization)
  const [organization] = organizations
  if (organization === undefined) throw new TypeError('expected a file')
  if (new Set(organizations).size > 1) throw new SeveralOrganizations(organizations)
  const setting: Setting = { organization, files: sources.map((source) => source.setting) }
  const { checks, sha256 = pureSha256, digestOf = digest } = tools
  const means: Means = { checks, sha256, digestOf }
  const crew = tools.crew?.(setting) ?? crewOfOne(new Examiner(setting, means))
  try {
    return await new Verification(sources, crew, means, {
      wordsOf: rosterWords,
      cases: [],
      onProgress: () => undefined,
      most: { cases: MOST_CASES, log: MOST_LOG },
      listener: null,
      ...tools,
    }).run()
  } finally {
    await crew.close()
  }
}

/** The report on a file from which nothing can be concluded. */
export function unreadable(code: BundleErrorCode | 'no-file', says: string): UnreadableReport {
  const first = {
    result: 'refuted',
    code,
    says,
    means: meaningOf(code),
    entries: null,
    device: null,
    file: null,
  } as const
  return { format: REPORT_FORMAT, verdict: 'unreadable', first }
}
