import { type Digest, toBase64Url } from '../../shared/bytes.ts'
import { outcomeOf } from '../../shared/case/outcome.ts'
import { type Case, isForNobody } from '../../shared/case/types.ts'
import type { LogEntry } from '../../shared/ipc-values.ts'
import { type BundleEntry, writeBundle } from '../../shared/ledger/bundle.ts'
import { formatCheckpoint } from '../../shared/ledger/checkpoint.ts'
import type { MerkleTree } from '../../shared/ledger/merkle.ts'
import { partOf } from '../../shared/ledger/part.ts'
import type { BundleScope } from '../../shared/ledger/scope.ts'
import { sectionOf, sectionsOf } from '../../shared/ledger/sections.ts'
import type { Organization } from '../../shared/org/org-from.ts'
import { requestOf } from '../../shared/statements/collection.ts'
import type { Names } from '../../shared/views/people.ts'
import type { Stands } from '../../shared/views/proof.ts'
import { says, timelineEntry } from '../../shared/views/timeline.ts'
import { compressedAsItComes } from '../bundle-file.ts'
import { sha256 } from '../sha256.ts'
import { JournalError } from '../vault/journal.ts'
import { AppError } from './app-error.ts'
import { standsIn } from './coverage.ts'
import type { Device } from './device.ts'
import { evidenceForBundle } from './evidence.ts'
import { cameHere } from './how-it-came.ts'
import type { Notary } from './notary.ts'
import type { Carrier } from './ports.ts'

/** A sealed record and where it stands, as the window keeps it. */
export interface Row {
  readonly position: number
  readonly sealed: Uint8Array
}

/** Opens the rows of one page; positions of rows that are not the journal's are named. */
export async function openRows(
  device: Device,
  notary: Notary,
  rows: readonly Row[],
): Promise<{ entries: LogEntry[]; foreign: number[] }> {
  const stands = standsIn(device, notary)
  const entries: LogEntry[] = []
  const foreign: number[] = []
  for (const { position, sealed } of rows) {
    try {
      const record = await device.vault.journal.openRow(position, sealed)
      entries.push(entryOf(device, stands, position, record))
    } catch (error) {
      if (!(error instanceof JournalError)) throw error
      foreign.push(position)
    }
  }
  return { entries, foreign }
}

function entryOf(
  device: Device,
  stands: Stands,
  position: number,
  { table, key }: { readonly table: string; readonly key: string },
): LogEntry {
  const statement = table === 'statement' ? device.store.get(key) : undefined
  const org = device.org()
  if (statement === undefined || org === null) return { position, table, entry: null, case: null, about: null }
  const request = requestOf(statement)
  const one = request === null ? undefined : device.case(request)
  const refused = one?.refused.find(({ id }) => id === statement.id)?.code ?? null
  const names = device.names()
  return {
    position,
    table,
    entry: timelineEntry(statement, { org, names, stands, came: cameHere(device) }, refused),
    case: request,
    about: one === undefined ? null : aboutOf(one, org, names),
  }
}

function aboutOf(one: Case, { head }: Organization, names: Names): LogEntry['about'] {
  return {
    credential: one.plan?.credential.name ?? '',
    requester: names(one.request.payload.member),
    outcome: outcomeOf(one, head.roster),
    forNobody: isForNobody(one),
  }
}

/** Journal positions of a page of the statements that fit a filter, newest first. */
export function findEntries(
  device: Device,
  filter: {
    readonly case: Digest | null
    readonly member: string | null
    readonly text: string
    readonly skip: number
    readonly most: number
  },
): number[] {
  const names = device.names()
  const wanted = filter.text.trim().toLowerCase()
  const fits = device.store.ids().filter((id) => {
    const statement = device.store.get(id)
    if (statement === undefined) return false
    if (filter.case !== null && requestOf(statement) !== filter.case) return false
    if (filter.member !== null && statement.payload.member !== filter.member) return false
    if (wanted === '') return true
    return `${names(statement.payload.member).name} ${says(statement, names)}`.toLowerCase().includes(wanted)
  })
  return fits
    .reverse()
    .slice(filter.skip, filter.skip + filter.most)
    .flatMap((id) => device.store.position(id) ?? [])
}

/**
 * A bundle of what this device accepted: all of it, one case or a time span, with its own checkpoint as last cosigned and the
 * latest of others. A part has what its statements stand on too, and for each entry a proof that it is in the ledger. That
 * it is handed over is recorded first, with the digest of these very bytes: no record, no export. So the record follows
 * what is in the file, and stands in the next one.
 *
 * @throws {AppError} `no-organization` before there is anything to export.
 * @throws {JournalError} if the disk did not keep the record; `StandingError` if this device may not sign.
 */
export async function exportBundle(
  device: Device,
  notary: Notary,
  carrier: Carrier,
  asked: BundleScope,
): Promise<Uint8Array> {
  // Where entries were pruned, or are not accepted, there is no whole ledger to give: what is left is proved entry by entry.
  const { prunedCount } = device.store
  const isWhole = prunedCount === 0 && device.store.unread().size === 0
  const scope = asked === 'all' && !isWhole ? 'held' : asked
  const org = device.org()
  const organization = device.organizationId()
  if (org === null || organization === null)
    throw new AppError('no-organization', 'There is nothing to export before the organization is founded.')
  // Others acknowledge what is exported, as far as they are here: an auditor need not take one device's word.
  await notary.witnessedByAll(carrier)
  const own = await notary.fresh()
  // What came in meanwhile is not under that checkpoint, and goes into the next export.
  const { ledger } = device.store
  const accepted = device.store
    .ids()
    .slice(0, own.size)
    .flatMap((id, at) => {
      const statement = device.store.get(id)
      return statement === undefined ? [] : [{ at, statement }]
    })
  const chosen = scope === 'all' ? accepted : partOf(accepted, scope)
  const entries = chosen.map(({ at, statement }) => ({
    at,
    envelope: statement.envelope,
    section: sectionOf(statement),
  }))
  const sections = sectionsOf(entries).map((section) =>
    scope === 'all' ? section : { ...section, entries: proven(section.entries, ledger, own.size) },
  )
  const header = {
    organization,
    device: device.id,
    pin: org.head.id,
    exportedAt: device.clock().wall,
    scope,
    entries: entries.length,
    size: own.size,
  }
  const checkpoints = [...new Set([...notary.cosigned(), formatCheckpoint(own), ...notary.othersLatest()])]
  const evidence = evidenceForBundle(device, notary.evidence, own.size)
  const bytes = await compressedAsItComes(writeBundle({ header, checkpoints, sections, evidence }))
  await device.author.write('exported', device.pen(), {
    scope: recordedScope(scope),
    format: 'bundle',
    to: 'file',
    entries: entries.length,
    head: { size: own.size, root: toBase64Url(own.root) },
    sha256: toBase64Url(sha256(bytes)),
  })
  return bytes
}

/** Entries of a part with their proofs, each made when it is its turn to be written. */
function* proven(entries: Iterable<BundleEntry>, ledger: MerkleTree, size: number): Generator<BundleEntry> {
  for (const entry of entries) yield { ...entry, proof: ledger.inclusionProof(entry.at, size) }
}

/** A scope as the record of an export has it. */
function recordedScope(scope: BundleScope) {
  if (scope === 'all' || scope === 'held') return { case: null, from: null, until: null }
  return 'case' in scope ? { ...scope, from: null, until: null } : { case: null, from: scope.from, until: scope.to }
}
