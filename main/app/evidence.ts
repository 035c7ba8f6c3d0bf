import type { Digest } from '../../shared/bytes.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import type { Evidence as BundleEvidence } from '../../shared/ledger/bundle.ts'
import { type Checkpoint, formatCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { MAX_NOTE_BYTES } from '../../shared/ledger/note.ts'
import type { ForkEvidence } from '../../shared/ledger/witness.ts'
import { digestField, timeField } from '../../shared/statements/fields.ts'
import type { EvidenceView } from '../../shared/views/device-views.ts'
import { type EvidenceSubject, evidenceWords } from '../../shared/views/evidence.ts'
import * as z from '../../shared/zod.ts'
import type { Device } from './device.ts'
import { memberOfDevice } from './meeting.ts'

const TABLE = 'evidence'
/** Refused heads of one device are recorded at most so often: whoever shows them again and again must not fill a disk. */
const REFUSED_MS = 60 * 60_000

const noteField = z.string().min(1).max(MAX_NOTE_BYTES)
const recordField = z.discriminatedUnion('about', [
  z.strictObject({
    about: z.literal('fork'),
    at: timeField,
    checkpoints: z.tuple([noteField, noteField]),
    device: digestField,
    /** Where the two are of different sizes: what shows that the larger does not begin with the smaller. */
    growth: z.strictObject({ root: digestField, proof: z.array(digestField) }).nullish(),
  }),
  z.strictObject({
    about: z.literal('refused'),
    at: timeField,
    code: z.enum(['shrunk', 'bad-proof']),
    device: digestField,
    last: noteField,
    note: noteField,
    sizes: z.tuple([z.int().min(0), z.int().min(0)]),
  }),
])

/** What was kept of a device: two heads that prove a fork, or a head that was refused, which proves nothing alone. */
export type KeptEvidence = Readonly<z.infer<typeof recordField>>

/** A head that this device did not cosign, and the larger or other one that was known before. */
export interface RefusedHead {
  readonly code: 'shrunk' | 'bad-proof'
  readonly device: Digest
  readonly next: Checkpoint
  readonly last: Checkpoint
}

/**
 * What speaks against the logs of other devices, kept for good: in the journal before anybody is told, told to people in
 * words, put into exports. Of each device one fork, which is proof enough, and the last head that was refused.
 */
export class Evidence {
  readonly #device: Device
  readonly #kept = new Map<string, KeptEvidence>()

  private constructor(device: Device) {
    this.#device = device
  }

  /** Reads back what the journal holds, and tells of proofs again. */
  static async load(device: Device): Promise<Evidence> {
    const evidence = new Evidence(device)
    for await (const { key, value } of device.vault.journal.records(TABLE)) {
      const parsed = recordField.safeParse(parseJcs(value))
      if (parsed.success) evidence.#kept.set(key, parsed.data)
    }
    for (const one of evidence.#kept.values()) if (one.about === 'fork') evidence.#tell(one)
    return evidence
  }

  all(): readonly KeptEvidence[] {
    return [...this.#kept.values()]
  }

  /** The pairs of notes of one size that prove forks by themselves. */
  forks(): readonly (readonly [string, string])[] {
    return this.all().flatMap((one) => (one.about === 'fork' && !one.growth ? [one.checkpoints] : []))
  }

  /** Keeps the proof that a device signed two histories; one is enough. */
  async keepFork(device: Digest, { checkpoints, growth }: ForkEvidence): Promise<void> {
    if (this.#kept.has(`fork ${device}`)) return
    const [a, b] = [formatCheckpoint(checkpoints[0]), formatCheckpoint(checkpoints[1])]
    const proof = growth && { root: growth.root, proof: [...growth.proof] }
    await this.#keep({ about: 'fork', at: this.#device.clock().wall, checkpoints: [a, b], device, growth: proof })
  }

  /** Keeps a head that was refused, if it is another than before and not too soon after it. */
  async keepRefused({ code, device, next, last }: RefusedHead): Promise<void> {
    const at = this.#device.clock().wall
    const before = this.#kept.get(`refused ${device}`)
    const note = formatCheckpoint(next)
    if (before?.about === 'refused' && (before.note === note || at - before.at < REFUSED_MS)) return
    const sizes: [number, number] = [last.size, next.size]
    await this.#keep({ about: 'refused', at, code, device, last: formatCheckpoint(last), note, sizes })
  }

  async #keep(one: KeptEvidence): Promise<void> {
    const key = `${one.about} ${one.device}`
    await this.#device.vault.journal.append(TABLE, key, jcs(one), { deferrable: true })
    this.#kept.set(key, one)
    this.#tell(one)
    this.#device.changed()
  }

  #tell(one: KeptEvidence): void {
    const { what, means, todo } = evidenceWords(one, nameOf(this.#device, one.device))
    this.#device.notes.add('danger', what, means, todo)
  }
}

/** Everything that speaks against logs and chains of devices, for people. @param tellsGaps - whether what is missing will not come by itself. */
export function evidenceViews(device: Device, evidence: Evidence, tellsGaps: boolean): EvidenceView[] {
  const kept = evidence.all().map((one) => viewOf(device, one.device, one, one.at))
  const chains = device.store
    .oddChains()
    .flatMap(({ device: of, fork, gaps }) => [
      ...(fork === null ? [] : [viewOf(device, of, { about: 'equivocation', number: fork.number }, null)]),
      ...(gaps.length > 0 && tellsGaps ? [viewOf(device, of, { about: 'gap', gaps }, null)] : []),
    ])
  return [...kept, ...chains]
}

function viewOf(device: Device, of: Digest, subject: EvidenceSubject, at: number | null): EvidenceView {
  const member = memberOfDevice(device, of)
  const person = { member: member?.member ?? '', name: nameOf(device, of) }
  return { about: subject.about, person, device: of, at, ...evidenceWords(subject, person.name) }
}

/** Names the owners of devices. */
export function ownerNames(device: Device): (of: Digest) => string {
  return (of) => nameOf(device, of)
}

/** Whose device it is, as a sentence begins. */
function nameOf(device: Device, of: Digest): string {
  return memberOfDevice(device, of)?.name ?? 'Somebody unknown'
}

/** What goes into a bundle: proofs of forks, heads that were refused, and entries that cannot both be a device's next statement. */
export function evidenceForBundle({ store }: Device, evidence: Evidence, entries: number): BundleEvidence[] {
  const heads = evidence.all().map(headsForBundle)
  const pairs = store.oddChains().flatMap(({ fork }) => {
    const places = (fork?.statements ?? []).map((id) => store.leaf(id) ?? Number.POSITIVE_INFINITY)
    const [a = entries, b = entries] = places.sort((one, other) => one - other)
    return b < entries ? [{ about: 'equivocation' as const, entries: [a, b] as const }] : []
  })
  return [...heads, ...pairs]
}

function headsForBundle(kept: KeptEvidence): BundleEvidence {
  if (kept.about === 'refused') {
    const { at, code, last, note } = kept
    return { about: 'refused', at, checkpoints: [last, note], code }
  }
  const { checkpoints, growth } = kept
  return growth ? { about: 'growth-fork', checkpoints, ...growth } : { about: 'fork', checkpoints }
}
