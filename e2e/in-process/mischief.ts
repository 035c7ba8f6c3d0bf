import { randomBytes } from 'node:crypto'
import type { FieldsOf } from '../../main/app/author.ts'
import type { Desk } from '../../main/app/desk.ts'
import { messageBytes, parseMessage } from '../../main/issuers/worker/messages.ts'
import type { ShellWorker } from '../../main/shell/shell.ts'
import { digest, fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import { sealBox } from '../../shared/secrets/box.ts'
import { ORIGIN, RP_ID } from '../../shared/statements/assertion.ts'
import { envelopeOf, prepare } from '../../shared/statements/envelope.ts'
import { KINDS, type Kind } from '../../shared/statements/kinds.ts'
import { deviceId, keyId, type Member } from '../../shared/statements/member.ts'
import { Plug } from './switchboard.ts'
import type { LocalParty } from './world.ts'

// What people can do who own an app and change it: they have its keys, and no more than that.

/** The open desk of an app of this process. */
export function deskOf(party: LocalParty): Desk {
  return party.running.app.desk()
}

/** The app's end of the switchboard. */
export function plugOf(party: LocalParty): Plug {
  const { carrier } = deskOf(party)
  if (!(carrier instanceof Plug)) throw new TypeError('not at the switchboard')
  return carrier
}

/** Everybody's log is acknowledged by everybody else: no app has anything more to record by itself. */
export async function acknowledged(parties: readonly LocalParty[]): Promise<void> {
  for (const party of parties)
    await party.until('its log acknowledged by all', () =>
      parties.every((other) => other === party || deskOf(party).notary.isVouchedBy(deskOf(other).device.id)),
    )
}

/** What a forger may do otherwise than the app. */
export interface Forging {
  /** The key is touched without PIN or finger. */
  readonly unverified?: boolean
  /** Common fields other than the app's own. */
  readonly as?: { readonly organization?: string; readonly roster?: string }
  /** Another place in the device's chain than the next one. */
  readonly place?: { readonly sequence: number; readonly previous: string }
}

/** A statement signed by a party's device and desk key as the real ones are, whatever its app thinks of it. */
export function forge<K extends Kind>(party: LocalParty, kind: K, fields: FieldsOf<K>, how: Forging = {}): Uint8Array {
  const { device } = deskOf(party)
  const next = device.author.prepare(kind, { ...device.pen(), ...how.as }, fields)
  const unsigned = how.place === undefined ? next : prepare(kind, { ...next.payload, ...how.place })
  const sig = toBase64Url(device.vault.signStatement(unsigned.signedBytes))
  const hardware = KINDS[kind].hardware ? touchFor(party, unsigned.id, how.unverified ?? false) : null
  return envelopeOf(unsigned, { keyid: device.id, sig }, hardware)
}

function touchFor(party: LocalParty, challenge: string, unverified: boolean) {
  const [key] = party.keys
  const [first] = deskOf(party).device.summary.authenticators
  if (first === undefined) throw new TypeError('a vault has two keys')
  key.faults.unverified = unverified
  try {
    const { response } = key.get({ challenge, rpId: RP_ID, allowCredentials: [{ id: first.credential }] }, ORIGIN)
    const { authenticatorData, clientDataJSON, signature } = response
    return { keyid: keyId(first.publicKey), sig: signature, authenticatorData, clientDataJSON }
  } finally {
    key.faults.unverified = false
  }
}

/** A worker whose owner, once a credential is dealt, seals one custodian another share than the dealt one. */
export function sealingAnotherShare(worker: ShellWorker, from: string, to: Member): ShellWorker {
  async function* frames() {
    for await (const frame of worker.frames) yield await spoilt(frame, from, to)
  }
  return { ...worker, frames: frames() }
}

async function spoilt(frame: Uint8Array, from: string, to: Member): Promise<Uint8Array> {
  const { facts, parts } = parseMessage(frame)
  const dealt = typeof facts === 'object' && facts !== null && 'header' in facts ? facts.header : null
  if (dealt === null) return messageBytes({ facts, parts })
  const header = KINDS.deposit.payload.shape.header.parse(dealt)
  const index = header.custodians.indexOf(to.member) + 1
  const context = {
    purpose: 'share',
    organization: header.organization,
    deposit: digest(jcs(header)),
    request: null,
    ready: null,
    from,
    to: deviceId(to),
    index,
  } as const
  const box = await sealBox(fromBase64Url(to.device.keys.box), context, anotherShare())
  return messageBytes({ facts, parts: parts.map((part, at) => (at === index ? box : part)) })
}

/** A share of nothing: a scalar below the group's order. */
export function anotherShare(): Uint8Array {
  const share = Uint8Array.from(randomBytes(32))
  share[31] = 0
  return share
}
