import { type Digest, toBase64Url } from '../../shared/bytes.ts'
import type { Arrival } from '../../shared/carriers/arrival.ts'
import { naming, type VerifiedStatement } from '../../shared/statements/door.ts'
import type { Roster } from '../../shared/statements/kinds.ts'
import { deviceId, type Member } from '../../shared/statements/member.ts'
import { arrivalWords } from '../../shared/views/arrival.ts'
import type { ExchangeIdentity, ExchangeStore, Peer, Receipt } from '../exchange/exchange.ts'
import { digestOf } from '../sha256.ts'
import type { Device } from './device.ts'
import { mailFor, takeMailKey } from './mailboxes.ts'
import type { Notary } from './notary.ts'
import { blobsIn } from './shelf.ts'

/** Who this device is on the network: keys of the vault, peers of the roster it acts on. */
export function identityOf(device: Device): ExchangeIdentity | null {
  const organization = device.organizationId()
  if (organization === null) return null
  const tls = device.vault.tls()
  return {
    organization,
    device: device.id,
    tlsPrivateKey: tls.privateKey,
    tlsPublic: toBase64Url(tls.publicKey),
    peers: () => peersOf(device),
    mailKeyOf: (of) => device.mailboxes.keyOf(of),
    mailKey: () => device.mailboxes.own,
  }
}

/** The devices of the roster that this app acts on, itself among them. */
export function peersOf(device: Device): Peer[] {
  const roster = actedOn(device)
  return (roster?.members ?? []).map((member) => ({
    device: deviceId(member),
    member: member.member,
    name: member.name,
    tls: member.device.keys.tls,
  }))
}

/** The head roster; while an organization is being founded, the genesis that was endorsed here. */
export function actedOn(device: Device): Roster | null {
  const head = device.org()?.head.roster
  if (head !== undefined) return head
  return device.pin === null ? null : (device.store.collection().get('roster', device.pin)?.payload ?? null)
}

/** Whose device it is by the newest roster of the history that has it, or null. */
export function memberOfDevice(device: Device, of: Digest): Member | null {
  const history = device.org()?.history.map(({ roster }) => roster) ?? []
  const rosters = history.length > 0 ? history.toReversed() : [actedOn(device)].filter((roster) => roster !== null)
  for (const { members } of rosters) {
    const member = members.find((one) => deviceId(one) === of)
    if (member !== undefined) return member
  }
  return null
}

/** What the exchange may see and do of a device: statements through the door, blobs to those entitled, checkpoints. */
export function exchangeStoreOf(device: Device, notary: Notary): ExchangeStore {
  const { store, shelf } = device
  return {
    ids: () => store.ids(),
    has: (id) => store.has(id),
    envelope: (id) => ofOrganization(device, store.get(id))?.envelope,
    receive: (envelope, from) => receiveFrom(device, envelope, { by: 'lan', device: from.device }, from.name),
    blobsWith: (id) => blobsWith(store.get(id)),
    blobsFor: (peer) => [...blobsOfDevice(device, peer)].filter((id) => shelf.has(id)),
    blobsWanted: () => [...blobsOfDevice(device, device.id)].filter((id) => !shelf.has(id) && !shelf.isComing(id)),
    likelyAt: (wanted) => likelyAt(device, new Set(wanted)),
    blob: async (id) => (await shelf.look(id)) ?? undefined,
    receiveBlob: async (bytes) => {
      const id = digestOf(bytes)
      if (!blobsOfDevice(device, device.id).has(id)) return 'unwanted'
      // Two may give the same one; it is not written twice, and nobody hears of it again.
      if (shelf.has(id)) return 'known'
      // It opens for the worker of this run and for nobody else.
      if (isReleased(device, id)) {
        await shelf.lend(bytes)
        device.changed()
        return 'new'
      }
      const isComing = shelf.isComing(id)
      const kept = shelf.put(bytes)
      // Whoever only has to look at it need not wait for the disk.
      if (!isComing) device.changed()
      await kept
      if (!isComing) device.changed()
      return isComing ? 'known' : 'new'
    },
    ownNote: () => notary.ownNote(),
    notes: () => notary.notes(),
    receiveNote: (note) => notary.take(note),
    witness: (request, from) => notary.cosign(request, from),
    receiveMailKey: (mailKey, from) => takeMailKey(device, mailKey, from),
    mailFor: (to, told) => mailFor(device, to, told),
  }
}

/** Whether a blob that is wanted here is a share that was released to an attempt of this device’s. */
function isReleased(device: Device, id: Digest): boolean {
  return device
    .currentCases()
    .some(({ timeline }) => timeline.some(({ kind, payload }) => kind === 'release' && payload.box === id))
}

/** Nobody waits for evidence, which may be large. */
function blobsWith(statement: VerifiedStatement | undefined): readonly Digest[] {
  return statement === undefined || statement.kind === 'evidence' ? [] : blobsIn(statement)
}

/** Null for what belongs to another founding, given up for this one: others would refuse it. */
function ofOrganization(device: Device, statement: VerifiedStatement | undefined): VerifiedStatement | null {
  return statement !== undefined && naming(statement).organization === device.organizationId() ? statement : null
}

/** Gives the store what somebody's device brought, by whatever way; what is refused is told. @throws as the store does. */
export async function receiveFrom(device: Device, envelope: Uint8Array, from: Arrival, name: string): Promise<Receipt> {
  const receipt = await device.store.receive(envelope, from)
  if (receipt.verdict === 'refused')
    device.notes.add(
      'attention',
      `Something that ${name}’s device sent was refused`,
      `${receipt.message}. It came ${arrivalWords(from, () => name)}, and changed nothing here.`,
      'If it happens again, ask its owner to restart Lockbox, and tell an auditor.',
    )
  return receipt.verdict === 'pruned' ? 'known' : receipt.verdict
}

/** Evidence is kept by every member's device: whose it is has it, and who brought word of it has it or will. */
function likelyAt({ store }: Device, wanted: ReadonlySet<Digest>): Map<Digest, Digest[]> {
  const likely = new Map<Digest, Digest[]>()
  if (wanted.size === 0) return likely
  for (const { id, payload } of store.collection().of('evidence')) {
    const from = store.cameFrom(id)?.device ?? null
    const devices = from === null || from === payload.device ? [payload.device] : [payload.device, from]
    for (const part of payload.parts) if (wanted.has(part)) likely.set(part, devices)
  }
  return likely
}

function blobsOfDevice(device: Device, id: Digest): ReadonlySet<Digest> {
  const org = device.org()
  const member = org?.head.roster.members.find((one) => deviceId(one) === id)
  return org && member ? device.blobsOf(member) : new Set()
}
