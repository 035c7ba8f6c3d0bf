import { type Digest, digest, equalBytes } from '../../shared/bytes.ts'
import type { Carrier } from '../../shared/carriers/arrival.ts'
import { type FileParts, readFile, writeFile } from '../../shared/carriers/file.ts'
import { pack, unpack } from '../../shared/carriers/pack.ts'
import { checkpointFrom, formatCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { MerkleTree } from '../../shared/ledger/merkle.ts'
import { verifyCheckpoint } from '../../shared/ledger/verify.ts'
import { requestOf } from '../../shared/statements/collection.ts'
import type { VerifiedStatement } from '../../shared/statements/door.ts'
import { signatureChecks } from '../checks.ts'
import { compression } from '../compression.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import { ledgerKeys, originFor } from './ledger-keys.ts'
import type { Notary } from './notary.ts'
import { fileName } from './people.ts'
import { blobsIn, blobsNamed } from './shelf.ts'
import { basisOf, speakerOf } from './speaker.ts'

/** What came of the statements in a file or a code. */
export interface FileReceipt {
  added: number
  known: number
  refused: number
  waiting: number
}

interface Handed {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A genesis or a change of people with its endorsements so far, to hand to the others. */
export function draftFile(device: Device, roster: Digest): Handed {
  const statement = device.store.get(roster) ?? device.offers.drafts().get(roster)
  if (statement?.kind !== 'roster') throw new AppError('not-found', 'This roster is not here any more.')
  const statements = [statement, ...device.store.collection().endorsementsOf(roster)]
  const bytes = writeFile({ statements: statements.map(({ envelope }) => envelope), blobs: [], notes: [] })
  return { name: `${fileName(statement.payload.name)}.lockbox`, bytes }
}

/** Reads a genesis draft: kept beside the log until its owner endorses it; in an organization, a file like any other. */
export async function readDraftFile(device: Device, bytes: Uint8Array): Promise<void> {
  if (device.org() !== null || device.pin !== null) return void (await takeIn(device, 'file', () => readFile(bytes)))
  const [first, ...rest] = readFile(bytes).statements
  if (first === undefined)
    throw new AppError('file-malformed', 'There is no roster in this file. Ask for the draft again.')
  await device.offers.addDraft(first)
  // Endorsements of others wait in the store until this app's owner has endorsed too.
  for (const envelope of rest) await device.store.receive(envelope, { by: 'file', device: null })
  device.changed()
}

/**
 * The statements of one case, or all of them, with the rosters and endorsements they rest on, and the sealed blobs that
 * they name as far as they are here: without a network, a file can carry a whole break-glass. One with all of them holds
 * this device's head as well, and so shows that nothing of its log was left out (docs/formats/file.md §4).
 */
export async function statementsFile(device: Device, notary: Notary, request: Digest | null): Promise<Handed> {
  const all = device.store.ids().flatMap((id) => device.store.get(id) ?? [])
  const chosen = all.filter((statement) => request === null || requestOf(statement) === request || restsOn(statement))
  const notes =
    request === null && device.standing.maySign && !device.standing.logBroken
      ? [formatCheckpoint(await notary.fresh())]
      : []
  const bytes = writeFile({ ...(await withBlobs(device, chosen)), notes })
  return { name: `${request === null ? 'statements' : `case-${request.slice(0, 8)}`}.lockbox`, bytes }
}

/**
 * What is said in one case, small enough for a camera: by this device, with what its grant stands on, or by everybody. What
 * all cases rest on is left out; it was handed over long before. A decision carries its release and the box of the share.
 *
 * @returns a pack (docs/formats/qr.md).
 * @throws {AppError} `nothing-said` if this device has said nothing in the case.
 * @throws {PackError} `too-large`: it goes as a file.
 */
export async function statementsCode(device: Device, request: Digest, of: 'mine' | 'case'): Promise<Uint8Array> {
  const all = device.store.ids().flatMap((id) => device.store.get(id) ?? [])
  const said = all.filter((one) => requestOf(one) === request)
  const mine = said.filter(({ payload }) => payload.device === device.id)
  // Without its basis nobody else can judge a grant.
  const stoodOn = new Set(mine.flatMap(basisOf))
  const chosen = of === 'case' ? said : said.filter((one) => mine.includes(one) || stoodOn.has(one.id))
  if (chosen.length === 0)
    throw new AppError('nothing-said', 'This device has said nothing in this case yet. Show the whole case instead.')
  // What is in other people's boxes is not this device's to hand on.
  const { blobs } = await withBlobs(device, of === 'case' ? said : mine)
  return pack({ statements: chosen.map(({ envelope }) => envelope), blobs, notes: [] }, compression)
}

async function withBlobs(device: Device, chosen: readonly VerifiedStatement[]): Promise<FileParts> {
  const blobs = []
  for (const id of blobsNamed(device.store.collection())) {
    if (!chosen.some((statement) => blobsIn(statement).includes(id))) continue
    const blob = await device.shelf.get(id)
    if (blob !== null) blobs.push(blob)
  }
  return { statements: chosen.map(({ envelope }) => envelope), blobs, notes: [] }
}

// What a case cannot be judged without.
function restsOn({ kind }: VerifiedStatement): boolean {
  return ['roster', 'plan', 'deposit', 'endorsement', 'custody'].includes(kind)
}

/**
 * Takes in a file or a pasted text: each statement passes the door, and only blobs that are for this device are kept. It is
 * a meeting if it is the whole log of another device.
 */
export async function readStatements(
  device: Device,
  notary: Pick<Notary, 'isOutdated'>,
  bytes: Uint8Array,
  by: 'file' | 'text',
): Promise<FileReceipt> {
  const { parts, ...receipt } = await takeInParts(device, by, () => readFile(bytes))
  if (receipt.waiting === 0 && (await isWholeLog(device, notary, parts))) device.standing.tookFile()
  return receipt
}

/**
 * Whether these are all statements of another device's log, in its order, as a head shows that this device signed; and no
 * older head than is known of it here. A file of one case shows nothing of what that device has of this one.
 */
async function isWholeLog(
  device: Device,
  notary: Pick<Notary, 'isOutdated'>,
  { statements, notes }: FileParts,
): Promise<boolean> {
  for (const note of notes) {
    const head = checkpointFrom(note)
    const others = ledgerKeys(device).filter(({ name }) => name !== originFor(device, device.id))
    if (head === null || head.size !== statements.length || notary.isOutdated(head)) continue
    const tree = new MerkleTree()
    for (const envelope of statements) tree.append(envelope)
    if (equalBytes(tree.root(), head.root) && (await verifyCheckpoint(head, others, signatureChecks.ed25519)).ok)
      return true
  }
  return false
}

/**
 * Takes in what a camera read from codes; otherwise as {@link readStatements}. It is no meeting: a code holds what
 * another device said in one case, and nothing of what that device has of this one.
 */
export function readCode(device: Device, packed: Uint8Array, by: 'code' | 'text'): Promise<FileReceipt> {
  return takeIn(device, by, () => unpack(packed, compression))
}

async function takeIn(device: Device, by: Carrier, read: () => FileParts): Promise<FileReceipt> {
  const { parts: _, ...receipt } = await takeInParts(device, by, read)
  return receipt
}

async function takeInParts(
  device: Device,
  by: Carrier,
  read: () => FileParts,
): Promise<FileReceipt & { readonly parts: FileParts }> {
  if (device.pin === null)
    throw new AppError(
      'no-organization',
      'This app belongs to no organization yet, so it cannot tell whose statements these are. Open a draft under People first.',
    )
  const parts = read()
  const { statements, blobs } = parts
  const from = { by, device: speakerOf(statements) }
  const receipt: FileReceipt = { added: 0, known: 0, refused: 0, waiting: 0 }
  for (const envelope of statements) {
    const { verdict } = await device.store.receive(envelope, from)
    receipt[verdict === 'new' ? 'added' : verdict === 'pruned' ? 'known' : verdict]++
  }
  const me = device.me()
  const mine = me === null ? new Set<Digest>() : device.blobsOf(me)
  for (const blob of blobs) if (mine.has(digest(blob))) await device.shelf.put(blob)
  device.changed()
  return { ...receipt, parts }
}
