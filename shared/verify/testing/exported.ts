import { concat, type Digest, toBase64Url } from '../../bytes.ts'
import {
  type BundleEntry,
  type BundleParts,
  type Evidence,
  type SectionName,
  writeBundle,
} from '../../ledger/bundle.ts'
import { type Checkpoint, formatCheckpoint, originOf, signCheckpoint } from '../../ledger/checkpoint.ts'
import { addCosignature, cosign } from '../../ledger/cosignature.ts'
import { MerkleTree } from '../../ledger/merkle.ts'
import type { NoteKey } from '../../ledger/note.ts'
import { sectionOf, sectionsOf } from '../../ledger/sections.ts'
import type { VerifiedOf, VerifiedStatement } from '../../statements/door.ts'
import { parse } from '../../statements/envelope.ts'
import type { Kind } from '../../statements/kinds.ts'
import { type Person, person, seedOf } from '../../testing/keys.ts'
import { ed25519PublicKey, signEd25519 } from '../../testing/signing.ts'
import { type GrantBasis, Story } from '../../testing/story.ts'
import { carefulAccess } from '../../testing/usual-plan.ts'
import type { Manner, Said, Standing } from '../../testing/world.ts'

/** A story in which every statement tells truly how the ledger stood: one ledger, as if all apps heard at once. */
export class RecordedStory extends Story {
  readonly ledger = new MerkleTree()
  private deaf = false

  constructor() {
    super('real')
  }

  override envelope<K extends Kind>(kind: K, author: Person, said: Said<K>, manner: Manner = {}): Uint8Array {
    const head = { ledger: { size: this.ledger.size, root: toBase64Url(this.ledger.root()) } }
    return super.envelope(kind, author, { ...said, ...head }, manner)
  }

  override take(statement: VerifiedStatement): void {
    if (this.deaf) return
    super.take(statement)
    this.ledger.append(statement.envelope)
  }

  /** What is said meanwhile reaches nobody, though the devices count it. */
  async unheard(say: () => Promise<unknown>): Promise<void> {
    this.deaf = true
    await say()
    this.deaf = false
  }

  /** The entries of everybody's ledger. */
  entries(): Uint8Array[] {
    return this.statements.map(({ envelope }) => envelope)
  }
}

/** A checkpoint key of a story's person, or one that somebody else gives out as theirs. */
export function checkpointKey(
  organization: Digest,
  name: string,
  keysOf: (name: string) => string = (own) => own,
): { key: NoteKey; sign: (m: Uint8Array) => Uint8Array } {
  const seed = seedOf(`${keysOf(name)} checkpoint`)
  const key = { name: originOf(organization, person(name).device), publicKey: ed25519PublicKey(seed) }
  return { key, sign: (message) => signEd25519(message, seed) }
}

/** What a bundle is made of in tests; everything left out is as an honest app would have it. */
export interface Exported {
  readonly by: string
  readonly entries: readonly Uint8Array[]
  readonly organization: Digest
  readonly pin: Digest
  readonly exportedAt: number
  readonly cosigners: readonly string[]
  readonly evidence?: readonly Evidence[]
  /** Whose newest heads the exporter has seen. */
  readonly peers?: readonly Exported[]
  /** Whose checkpoint keys are used for a person's; their own by default. */
  readonly keysOf?: (name: string) => string
}

/** A checkpoint over these entries by one person's device, cosigned by others a minute later each. */
export async function checkpointOver(
  { by, organization, exportedAt, cosigners, keysOf }: Omit<Exported, 'entries'>,
  entries: readonly Uint8Array[],
): Promise<string> {
  const tree = new MerkleTree()
  for (const entry of entries) tree.append(entry)
  const { key, sign } = checkpointKey(organization, by, keysOf)
  let checkpoint: Checkpoint = await signCheckpoint({ origin: key.name, size: tree.size, root: tree.root() }, key, sign)
  for (const [at, name] of cosigners.entries()) {
    const other = checkpointKey(organization, name, keysOf)
    const time = Math.floor(exportedAt / 1000) - 600 + 60 * at
    checkpoint = addCosignature(checkpoint, await cosign(checkpoint, other.key, time, other.sign))
  }
  return formatCheckpoint(checkpoint)
}

/** The parts of a bundle with heads in the middle and at the end, both cosigned. */
export async function exportedParts(exported: Exported): Promise<BundleParts & { readonly checkpoints: string[] }> {
  const { by, entries, organization, pin, exportedAt, evidence = [] } = exported
  const half = await checkpointOver(exported, entries.slice(0, Math.floor(entries.length / 2)))
  const whole = await checkpointOver(exported, entries)
  const heads = await Promise.all((exported.peers ?? []).map((peer) => checkpointOver(peer, peer.entries)))
  return {
    header: {
      organization,
      device: person(by).device,
      pin,
      exportedAt,
      scope: 'all',
      entries: entries.length,
      size: entries.length,
    },
    sections: sectionsOf(placed(entries)),
    checkpoints: [half, whole, ...heads],
    evidence,
  }
}

/** Entries with their places and sections; what cannot be read stands among the others, as an exporter would have it. */
export function placed(entries: readonly Uint8Array[]): (BundleEntry & { readonly section: SectionName })[] {
  return entries.map((envelope, at) => ({ at, envelope, section: sectionIn(envelope) }))
}

function sectionIn(envelope: Uint8Array): SectionName {
  try {
    return sectionOf(parse(envelope))
  } catch {
    return { section: 'others' }
  }
}

/** The bytes of a bundle, not compressed. */
export async function exportedBytes(exported: Exported): Promise<Uint8Array> {
  return concat(...writeBundle(await exportedParts(exported)))
}

/** A whole break-glass, and its statements by name. */
export interface WholeStory extends GrantBasis {
  readonly story: RecordedStory
  readonly deposit: VerifiedOf<'deposit'>
  readonly grant: VerifiedOf<'grant'>
  readonly ended: VerifiedOf<'ended'>
  /** What bob’s app exports an hour after the end. */
  readonly exported: Exported
}

/** Five people of the whole story. */
export const PEOPLE: Record<string, Standing> = {
  alice: { roles: ['admin', 'commander'], groups: [] },
  bob: { roles: ['admin', 'approver'], groups: ['platform'] },
  carol: { roles: ['admin', 'approver'], groups: ['security'] },
  dave: { roles: ['approver'], groups: ['platform'] },
  erin: { roles: ['approver'], groups: ['security'] },
}

/** What else is told, and when. */
export interface Telling {
  readonly beforeFounding?: (story: RecordedStory) => Promise<void>
  readonly beforeExport?: (story: RecordedStory) => Promise<void>
  /** Whom the grant names as its witness; carol by default. */
  readonly witness?: string | null
  /** What is not as usual in the grant. */
  readonly granted?: Partial<Said<'grant'>>
  /** Whether the plan has a revoker and a rotator, and bob's device sealed both. */
  readonly careful?: boolean
  /** Before alice says that she is done, while the session lives. */
  readonly early?: (story: RecordedStory, grant: VerifiedOf<'grant'>) => Promise<unknown>
}

/**
 * Five people found an organization and prepare; alice asks, dave denies, bob and carol approve, bob's device issues
 * with carol's as its witness, alice says that she is done, and AWS confirms it.
 */
export async function wholeStory(telling: Telling = {}): Promise<WholeStory> {
  const story = new RecordedStory()
  await telling.beforeFounding?.(story)
  const { witness = 'carol', careful = false } = telling
  const { plan, deposit } = await prepared(story, careful ? { access: carefulAccess } : {})
  story.pass(24 * 60)
  const request = await story.ask('alice', plan)
  story.pass(2)
  await story.decide('dave', request, 'deny')
  const decisions = [await story.decide('bob', request)]
  story.pass(1)
  decisions.push(await story.decide('carol', request))
  const ready = await story.ready('bob', request, deposit)
  const releases = [await story.release('bob', ready), await story.release('carol', ready)]
  const issuing = await story.issuing('bob', ready)
  const basis = { request, plan, ready, issuing, decisions, releases }
  const witnessed = { witness: witness && person(witness).device }
  const grant = await story.grant('bob', basis, { ...witnessed, ...telling.granted })
  await story.handOver('bob', grant)
  if (careful) await story.care('bob', grant, { revoker: ['bob', 'carol', 'dave', 'erin'], rotator: ['carol'] })
  story.pass(12)
  await telling.early?.(story, grant)
  const ended = await story.end('alice', grant, { confirmation: 'aws-refused' })
  story.pass(60)
  await telling.beforeExport?.(story)
  return { ...basis, story, deposit, grant, ended, exported: exportOf(story) }
}

async function prepared(story: RecordedStory, unusual: Partial<Said<'plan'>>) {
  const member = (name: string) => person(name).member
  await story.found(PEOPLE)
  story.pass(5)
  const plan = await story.draftPlan('alice', {
    requesters: [member('alice')],
    custodians: ['bob', 'carol', 'dave', 'erin'].map(member),
    issuers: ['bob', 'carol'].map(member),
    quorum: { count: 2, groups: [{ group: 'security', count: 1 }], veto: [] },
    ...unusual,
  })
  await story.endorse('bob', plan)
  await story.endorse('carol', plan)
  const deposit = await story.deposit('alice', plan)
  await story.hold(deposit, ['bob', 'carol', 'dave', 'erin'])
  return { plan, deposit }
}

/** What bob's app exports of a story, now. */
export function exportOf(story: RecordedStory): Exported {
  return {
    by: 'bob',
    entries: story.entries(),
    organization: story.organization,
    pin: story.roster.id,
    exportedAt: story.now,
    cosigners: ['carol', 'dave'],
  }
}

/**
 * What erin's app exports of a whole story after entries were removed from it.
 *
 * @param ranges - what the removal says.
 * @param left - which entries are still here.
 * @param by - who says so.
 */
export async function heldBytes(
  ranges: readonly { from: number; to: number }[],
  left: (at: number) => boolean,
  by = 'erin',
): Promise<Uint8Array> {
  const { story } = await wholeStory({
    beforeExport: async (telling) => {
      await telling.prune(by, [...ranges])
    },
  })
  const all = { ...exportOf(story), by: 'erin' }
  const tree = new MerkleTree()
  for (const entry of all.entries) tree.append(entry)
  const entries = placed(all.entries)
    .filter(({ at }) => left(at))
    .map((entry) => ({ ...entry, proof: tree.inclusionProof(entry.at) }))
  const { header, ...parts } = await exportedParts(all)
  const counted = { ...header, scope: 'held' as const, entries: entries.length, size: tree.size }
  return concat(...writeBundle({ ...parts, header: counted, sections: sectionsOf(entries) }))
}
