import { type Digest, digest, equalBytes } from '../../shared/bytes.ts'
import type { Arrival, Carrier } from '../../shared/carriers/arrival.ts'
import { type FileParts, readFile } from '../../shared/carriers/file.ts'
import { unpack } from '../../shared/carriers/pack.ts'
import { isLockboxError } from '../../shared/errors.ts'
import { type FileReceipt, NOTHING_TAKEN } from '../../shared/ipc-values.ts'
import { checkpointFrom } from '../../shared/ledger/checkpoint.ts'
import { MerkleTree } from '../../shared/ledger/merkle.ts'
import { verifyCheckpoint } from '../../shared/ledger/verify.ts'
import { cardEnvelope, cardFile, cardInEnvelope } from '../../shared/org/join-card.ts'
import { requestOf } from '../../shared/statements/collection.ts'
import { naming } from '../../shared/statements/door.ts'
import { parse } from '../../shared/statements/envelope.ts'
import type { Kind } from '../../shared/statements/kinds.ts'
import { signatureChecks } from '../checks.ts'
import { compression } from '../compression.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import { ledgerKeys, originFor } from './ledger-keys.ts'
import { memberOfDevice } from './meeting.ts'
import type { Notary } from './notary.ts'
import type { ReadCard } from './offers.ts'
import { speakerOf } from './speaker.ts'

/** Cards are looked for among so few: what a person holds up, not a whole log. */
const MOST_WITH_CARDS = 128

/**
 * Takes in a file or a pasted text, a join card's file among them: see {@link takeIn}. It is a meeting if it is the whole log
 * of another device.
 */
export async function readStatements(
  device: Device,
  notary: Pick<Notary, 'isOutdated'>,
  bytes: Uint8Array,
  by: 'file' | 'text',
): Promise<FileReceipt> {
  const parts = partsOf(bytes)
  const receipt = await takeIn(device, by, parts)
  const isMeeting = device.pin !== null && receipt.waiting === 0 && (await isWholeLog(device, notary, parts))
  if (isMeeting) device.standing.tookFile()
  return receipt
}

function partsOf(bytes: Uint8Array): FileParts {
  const card = cardFile(bytes)
  return card === null ? readFile(bytes) : { statements: [cardEnvelope(card)], blobs: [], notes: [] }
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
 * Takes in what a camera read from codes, or codes that came as a text; otherwise as {@link readStatements}. It is no
 * meeting: a code holds what another device said in one case, and nothing of what that device has of this one.
 */
export async function readCode(device: Device, packed: Uint8Array, by: 'code' | 'text'): Promise<FileReceipt> {
  return takeIn(device, by, unpack(packed, compression))
}

/**
 * The one inbox of what people hand over, whichever way: each statement passes the door, only blobs that are for this device
 * are kept, and what is offered for joining is kept beside the log until its owner decides. Where that is refused, nothing
 * of it is kept.
 */
async function takeIn(device: Device, by: Carrier, { statements, blobs }: FileParts): Promise<FileReceipt> {
  const receipt: FileReceipt = { ...NOTHING_TAKEN, cards: [] }
  const { cards, said } = cardsApart(device, statements)
  const from = { by, device: speakerOf(said) }
  const isCards = said.length === 0 && cards.length > 0
  const rest = device.org() === null && !isCards ? await takeDraft(device, said, from, receipt) : said
  for (const one of cards) {
    await device.offers.addCard(one)
    receipt.cards.push(one.card.name)
  }
  for (const envelope of rest) {
    const came = isOfAnotherOffer(device, envelope)
      ? device.store.letWait(envelope, from)
      : await device.store.receive(envelope, from)
    receipt[came.verdict === 'new' ? 'added' : came.verdict === 'pruned' ? 'known' : came.verdict]++
    if (came.verdict !== 'new' && came.verdict !== 'known') continue
    // Only now somebody vouches for whose it is.
    if (came.statement.payload.device !== from.device) continue
    receipt.who = memberOfDevice(device, from.device)?.name ?? null
    receipt.case = requestOf(came.statement)
  }
  const me = device.me()
  const mine = me === null ? new Set<Digest>() : device.blobsOf(me)
  for (const blob of blobs) if (mine.has(digest(blob))) await device.shelf.put(blob)
  device.changed()
  return receipt
}

/** The join cards among them, read and not yet kept, and what else there is. @throws {JoinCardError} if one does not hold. */
function cardsApart(
  { offers }: Device,
  envelopes: readonly Uint8Array[],
): { readonly cards: readonly ReadCard[]; readonly said: readonly Uint8Array[] } {
  if (envelopes.length > MOST_WITH_CARDS) return { cards: [], said: envelopes }
  const cards: ReadCard[] = []
  const said: Uint8Array[] = []
  for (const envelope of envelopes) {
    const bytes = cardInEnvelope(envelope)
    if (bytes === null) said.push(envelope)
    else cards.push(offers.readCard(bytes))
  }
  return { cards, said }
}

/**
 * Keeps the list of people that is offered to somebody who belongs to no organization, with all before it. Who has endorsed a
 * founding that did not come about may be offered another: a corrected one.
 *
 * @returns what may be endorsements: they wait in the store until its owner has endorsed too.
 * @throws {AppError} `no-organization` if there is none, and none was offered before.
 */
async function takeDraft(
  device: Device,
  envelopes: readonly Uint8Array[],
  from: Arrival,
  receipt: FileReceipt,
): Promise<readonly Uint8Array[]> {
  // The door has the last word on what is no statement.
  const [first] = envelopes
  const named = first === undefined ? null : namedIn(first)
  if (named?.kind === 'roster' && named.organization !== device.organizationId()) {
    const rosters = envelopes.filter((envelope) => parse(envelope).kind === 'roster')
    await device.offers.addDraft(rosters, device.clock().wall, from)
    const offered = parse(rosters.at(-1) as Uint8Array)
    receipt.draft = offered.kind === 'roster' ? offered.payload.name : null
    return envelopes.filter((envelope) => !rosters.includes(envelope))
  }
  if (device.pin !== null) return envelopes
  const areEndorsements = envelopes.length > 0 && envelopes.every((envelope) => parse(envelope).kind === 'endorsement')
  if (areEndorsements && device.offers.drafts().size > 0) return envelopes
  throw new AppError(
    'no-organization',
    'This app belongs to no organization yet, so it cannot tell whose statements these are. Open a draft under People first.',
  )
}

/** Whether it belongs to an organization that is on offer, while its owner has endorsed the founding of another. */
function isOfAnotherOffer(device: Device, envelope: Uint8Array): boolean {
  if (device.pin === null || device.org() !== null) return false
  const named = namedIn(envelope)
  return named !== null && named.organization !== device.organizationId() && device.offers.upTo(named.roster).length > 0
}

/** What a statement is and names; null where the door will say what is wrong with it. */
function namedIn(
  envelope: Uint8Array,
): { readonly kind: Kind; readonly organization: Digest; readonly roster: Digest } | null {
  try {
    const statement = parse(envelope)
    return { kind: statement.kind, ...naming(statement) }
  } catch (error) {
    if (isLockboxError(error)) return null
    throw error
  }
}
