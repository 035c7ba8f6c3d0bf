import { fromUtf8, type UnixMilliseconds } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import type { Organization } from '../org/org-from.ts'
import { checkAssertion } from '../statements/assertion.ts'
import { naming, type VerifiedStatement } from '../statements/door.ts'
import { utcWords } from '../utc.ts'
import { modelWords, type Names } from './people.ts'
import { authorOf, hardwareKeyOf } from './proof.ts'
import type { ProofDetails, VoucherView } from './proof-views.ts'
import { says } from './timeline.ts'
import { lengthWords } from './times.ts'

/** Where this device keeps a statement. */
export interface Kept {
  /** Its place in the ledger, from 0, and how many entries that has. */
  readonly leaf: number
  readonly size: number
  /** When this device first had it, by its own clock; null if it does not know. */
  readonly heard: UnixMilliseconds | null
  /** By which way, in words; null if that was not kept. */
  readonly how: string | null
  /** How far others vouch for it, in words and one by one. */
  readonly stands: string
  readonly vouchers: readonly VoucherView[]
}

/** What proves a statement that passed the door. */
export function proofDetailsOf(
  statement: VerifiedStatement,
  org: Organization,
  names: Names,
  kept: Kept,
): ProofDetails {
  const { id: statementId, kind, payload } = statement
  return {
    id: statementId,
    kind,
    person: names(payload.member),
    says: says(statement, names),
    at: payload.time,
    stands: kept.stands,
    signed: [...deviceRows(statement, org), ...hardwareRows(statement, org)],
    place: placeRows(statement, kept),
    vouchers: [...kept.vouchers],
    payload: fromUtf8(jcs(payload)),
  }
}

function deviceRows(statement: VerifiedStatement, org: Organization) {
  const name = authorOf(statement, org)?.device.name ?? 'a device that no list of people here has'
  return [
    { label: 'Device', value: name },
    { label: 'Device key (SHA-256)', value: statement.payload.device },
    { label: 'Device signature', value: `Ed25519, checked: ${statement.device.sig}` },
  ]
}

function hardwareRows(statement: VerifiedStatement, org: Organization) {
  const { hardware } = statement
  if (hardware === null) return [{ label: 'Security key', value: 'none: this kind of statement asks for no touch' }]
  const key = hardwareKeyOf(statement, org)
  // The door has let it in, so it holds: this only reads the counter.
  const { counter } = checkAssertion(statement.id, hardware)
  return [
    { label: 'Security key', value: key === null ? 'one that no list of people here has' : `“${key.name}”` },
    { label: 'Model', value: key === null ? 'not known' : modelWords(key.model, key.attestation !== null) },
    {
      label: 'The key checked',
      value: 'that somebody touched it, and that person’s PIN or fingerprint (UP = 1, UV = 1)',
    },
    { label: 'It signed', value: 'this very statement: its id is the challenge' },
    { label: 'Counter of the key', value: counter === 0 ? 'it keeps none' : String(counter) },
    { label: 'Security key (SHA-256)', value: hardware.keyid },
    { label: 'Key signature', value: `checked: ${hardware.sig}` },
  ]
}

function placeRows(statement: VerifiedStatement, { leaf, size, heard, how }: Kept) {
  const { payload } = statement
  return [
    { label: 'Statement (SHA-256)', value: statement.id },
    { label: 'Claimed time', value: utcWords(payload.time) },
    { label: 'Came to this device', value: heard === null ? 'not known' : heardWords(heard, payload.time) },
    { label: 'By which way', value: how ?? 'not kept' },
    { label: 'In this device’s log', value: `entry ${leaf} of ${size}, counted from 0` },
    { label: 'In its author’s chain', value: `number ${payload.sequence}` },
    { label: 'Statement before it', value: payload.previous ?? 'none: it is the first' },
    { label: 'Author’s log then', value: `${payload.ledger.size} entries, root ${payload.ledger.root}` },
    { label: 'List of people it names', value: naming(statement).roster },
  ]
}

function heardWords(heard: UnixMilliseconds, claimed: UnixMilliseconds): string {
  return heard >= claimed
    ? `${utcWords(heard)}, ${lengthWords(heard - claimed)} after the claimed time`
    : `${utcWords(heard)}, ${lengthWords(claimed - heard)} before the claimed time: the clocks do not agree`
}
