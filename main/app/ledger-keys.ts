import { type Digest, fromBase64Url } from '../../shared/bytes.ts'
import { originOf } from '../../shared/ledger/checkpoint.ts'
import type { NoteKey } from '../../shared/ledger/note.ts'
import { deviceId } from '../../shared/statements/member.ts'
import type { Device } from './device.ts'

/** The name of a device's ledger, or null before there is an organization. */
export function originFor(device: Device, of: Digest): string | null {
  const organization = device.organizationId()
  return organization === null ? null : originOf(organization, of)
}

/** This device's own checkpoint key, as its vault has it. */
export function ownLedgerKey(device: Device): NoteKey | null {
  const name = originFor(device, device.id)
  return name === null ? null : { name, publicKey: fromBase64Url(device.summary.device.checkpoint) }
}

/** The checkpoint keys of the head roster's devices. */
export function ledgerKeys(device: Device): NoteKey[] {
  const org = device.org()
  if (org === null) return []
  return org.head.roster.members.map((member) => ({
    name: originOf(org.id, deviceId(member)),
    publicKey: fromBase64Url(member.device.keys.checkpoint),
  }))
}

/** The checkpoint key of one device of the head roster, or null. */
export function ledgerKeyOf(device: Device, of: Digest): NoteKey | null {
  const name = originFor(device, of)
  return ledgerKeys(device).find((key) => key.name === name) ?? null
}
