import type { Digest } from '../../shared/bytes.ts'
import { type FileParts, writeFile } from '../../shared/carriers/file.ts'
import { pack } from '../../shared/carriers/pack.ts'
import { formatCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { requestOf } from '../../shared/statements/collection.ts'
import type { VerifiedOf, VerifiedStatement } from '../../shared/statements/door.ts'
import { compression } from '../compression.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Notary } from './notary.ts'
import { fileName } from './people.ts'
import { blobsIn, blobsNamed } from './shelf.ts'
import { basisOf } from './speaker.ts'

interface Handed {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A draft of a roster as {@link draftStatements} has it, as a file to hand to the others. */
export function draftFile(device: Device, roster: Digest): Handed {
  const statements = draftStatements(device, roster)
  const name = rosterHere(device, roster).payload.name
  return { name: `${fileName(name)}.lockbox`, bytes: writeFile({ ...NOTHING, statements }) }
}

/**
 * The same for a code; or only what this device's owner said of it.
 *
 * @throws {AppError} `nothing-said` if they did not endorse it. {PackError} `too-large`: it goes as a file.
 */
export function draftCode(device: Device, roster: Digest, of: 'draft' | 'mine'): Uint8Array {
  const mine = device.store
    .collection()
    .endorsementsOf(roster)
    .filter(({ payload }) => payload.device === device.id)
  if (of === 'mine' && mine.length === 0)
    throw new AppError('nothing-said', 'You have not endorsed this yet. Show the draft instead.')
  const statements = of === 'mine' ? mine.map(({ envelope }) => envelope) : draftStatements(device, roster)
  return pack({ ...NOTHING, statements }, compression)
}

const NOTHING: FileParts = { statements: [], blobs: [], notes: [] }

/** A roster and all before it, the genesis first, each with the endorsements it has: what a newcomer can judge it by. */
function draftStatements(device: Device, roster: Digest): Uint8Array[] {
  const { predecessor } = rosterHere(device, roster).payload
  const before = predecessor === null ? [] : draftStatements(device, predecessor)
  const endorsements = device.store.collection().endorsementsOf(roster)
  return [...before, ...[rosterHere(device, roster), ...endorsements].map(({ envelope }) => envelope)]
}

function rosterHere(device: Device, roster: Digest): VerifiedOf<'roster'> {
  const statement = device.store.get(roster) ?? device.offers.upTo(roster).at(-1)
  if (statement?.kind !== 'roster') throw new AppError('not-found', 'This roster is not here any more.')
  return statement
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
  // What AWS recorded is too much for a camera, and so are boxes of the aftercare, one a custodian; they go as a file.
  const { blobs } = await withBlobs(
    device,
    (of === 'case' ? said : mine).filter(({ kind }) => kind !== 'evidence' && kind !== 'aftercare'),
  )
  return pack({ statements: chosen.map(({ envelope }) => envelope), blobs, notes: [] }, compression)
}

/** What AWS recorded takes at most so much of a file, bytes: statements and what is sealed must always fit. */
const MOST_RECORD_BYTES = 12 * 1024 * 1024

async function withBlobs(device: Device, chosen: readonly VerifiedStatement[]): Promise<FileParts> {
  const blobs = []
  const records = new Set(chosen.flatMap((one) => (one.kind === 'evidence' ? blobsIn(one) : [])))
  let left = MOST_RECORD_BYTES
  for (const id of blobsNamed(device.store.collection())) {
    if (!chosen.some((statement) => blobsIn(statement).includes(id))) continue
    const blob = await device.shelf.get(id)
    if (blob === null || (records.has(id) && blob.length > left)) continue
    if (records.has(id)) left -= blob.length
    blobs.push(blob)
  }
  return { statements: chosen.map(({ envelope }) => envelope), blobs, notes: [] }
}

// What a case cannot be judged without.
function restsOn({ kind }: VerifiedStatement): boolean {
  return ['roster', 'plan', 'deposit', 'endorsement', 'custody'].includes(kind)
}
