import { digest, fromText, parseCanonical, Refused, repeatsOrNames, sha256, utf8 } from './bytes.mjs'
import * as field from './fields.mjs'
import { coseKey, keyId, verifyEd25519 } from './keys.mjs'
import { kindOf } from './kinds.mjs'

// statements.md §1, §3, §6 and §8.

const device = field.object({ keyid: field.digest, sig: field.bytes(64) })
const hardware = field.object({
  keyid: field.digest,
  sig: field.bytes(64, 80),
  authenticatorData: field.bytes(37, 1024),
  clientDataJSON: field.bytes(1, 2048),
})
const signatures = (value) =>
  Array.isArray(value) && (value.length === 1 || (value.length === 2 && hardware(value[1]))) && device(value[0])
const text = (value) => typeof value === 'string'
const isEnvelope = field.object({ payload: text, payloadType: text, signatures })

/**
 * Takes an envelope as far as it can be judged alone (statements.md §1 to §5).
 *
 * @returns `{id, kind, payload, signed, signatures}`.
 * @throws {Refused} with the door's code.
 */
export function parseEnvelope(bytes) {
  if (bytes.length > 98_304) throw new Refused('too-large')
  const envelope = parseCanonical(bytes)
  if (!isEnvelope(envelope)) throw new Refused('schema')
  const { payloadType } = envelope
  const type = kindOf(payloadType)
  if (type === null) throw new Refused('unknown-kind')
  const payloadBytes = fromText(envelope.payload)
  if (payloadBytes === null) throw new Refused('malformed')
  if (payloadBytes.length > 65_536) throw new Refused('too-large')
  if (type.hardware !== (envelope.signatures.length === 2))
    throw new Refused(type.hardware ? 'hardware-missing' : 'hardware-unexpected')
  const payload = parseCanonical(payloadBytes)
  if (!type.check(payload)) throw new Refused('schema')
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payloadBytes.length} `
  const signed = Buffer.concat([Buffer.from(head), payloadBytes])
  return { id: digest(signed), kind: type.kind, payload, signed, signatures: envelope.signatures }
}

/**
 * The door (statements.md §6).
 *
 * @param organization - its id.
 * @param rosters - payloads of the rosters that passed, by id.
 * @returns the statement, with `waitsFor` a roster's id if that is not known yet.
 * @throws {Refused} with the door's code.
 */
export function door(bytes, organization, rosters) {
  const statement = parseEnvelope(bytes)
  const { id, kind, payload } = statement
  const isGenesis = kind === 'roster' && payload.predecessor === null
  if ((isGenesis ? id : payload.organization) !== organization) throw new Refused('wrong-organization')
  const roster = isGenesis ? payload : rosters.get(payload.roster)
  if (roster === undefined) return { ...statement, waitsFor: payload.roster }
  verifySignatures(statement, roster)
  return statement
}

function verifySignatures({ id, payload, signed, signatures: [byDevice, byHardware] }, roster) {
  const author = roster.members.find(({ member }) => member === payload.member)
  const statementKey = author?.device.keys.statement
  if (author === undefined || keyId(statementKey) !== payload.device || payload.device !== byDevice.keyid)
    throw new Refused('not-in-roster')
  if (!verifyEd25519(fromText(statementKey), signed, fromText(byDevice.sig))) throw new Refused('device-signature')
  if (byHardware === undefined) return
  const key = author.authenticators.find(({ publicKey }) => keyId(publicKey) === byHardware.keyid)
  if (key === undefined) throw new Refused('hardware-unknown-key')
  verifyAssertion(byHardware, id, coseKey(fromText(key.publicKey)))
}

const ORIGIN = '"origin":"https://lockbox.localhost","crossOrigin":false'

/** statements.md §8. */
function verifyAssertion({ sig, authenticatorData, clientDataJSON }, id, key) {
  const clientData = fromText(clientDataJSON)
  checkClientData(utf8(clientData, 'hardware-client-data'), id)
  const data = fromText(authenticatorData)
  checkAuthenticatorData(data)
  if (!key.verify(Buffer.concat([data, sha256(clientData)]), fromText(sig))) throw new Refused('hardware-signature')
}

function checkClientData(json, id) {
  let rest = json
  const expect = (start, code) => {
    if (!rest.startsWith(start)) throw new Refused(code)
    rest = rest.slice(start.length)
  }
  expect('{"type":"webauthn.get","challenge":"', 'hardware-client-data')
  expect(`${id}",`, 'hardware-wrong-statement')
  expect(ORIGIN, 'hardware-wrong-origin')
  if (!/^[},]/.test(rest)) throw new Refused('hardware-client-data')
  try {
    JSON.parse(json)
  } catch {
    throw new Refused('hardware-client-data')
  }
  if (repeatsOrNames(json, 'topOrigin')) throw new Refused('hardware-client-data')
}

function checkAuthenticatorData(data) {
  if (!data.subarray(0, 32).equals(sha256('lockbox.localhost'))) throw new Refused('hardware-wrong-site')
  const flags = data[32]
  if (!(flags & 0x01)) throw new Refused('hardware-no-touch')
  if (!(flags & 0x04)) throw new Refused('hardware-no-verification')
  if (flags & 0x18) throw new Refused('hardware-synced')
  if (flags & 0x40 || !isExtension(data.subarray(37), (flags & 0x80) !== 0)) throw new Refused('hardware-flags')
}

function isExtension(rest, flagged) {
  if (!flagged) return rest.length === 0
  const start = Buffer.concat([Buffer.from('a16b', 'hex'), Buffer.from('hmac-secret'), Buffer.from('58', 'hex')])
  const length = rest[start.length]
  return (
    rest.subarray(0, start.length).equals(start) &&
    [32, 48, 64, 80].includes(length) &&
    rest.length === start.length + 1 + length
  )
}
