import { scryptSync } from 'node:crypto'
import { fromText, jcs, parseCanonical, Refused } from './bytes.mjs'
import { bytes, object } from './fields.mjs'
import { verifyEd25519 } from './keys.mjs'
import { member } from './kinds.mjs'

// joining.md.

/** The places in the list of BIP-39 of a roster's 12 words. */
export function numbersOf(roster) {
  const options = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 2 ** 20 }
  const stretched = scryptSync(fromText(roster), 'lockbox/words/v1', 17, options)
  const bits = [...stretched].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: 12 }, (_, at) => Number.parseInt(bits.slice(11 * at, 11 * at + 11), 2))
}

const isCard = object({ card: member, sig: bytes(64) })

/** The member entry of a join card. @throws {Refused} `malformed`, `schema` or `signature`. */
export function readJoinCard(file) {
  const { card, sig } = parseCard(file)
  const payload = Buffer.from(jcs(card))
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 38 application/vnd.lockbox.join-card+json ${payload.length} `),
    payload,
  ])
  if (!verifyEd25519(fromText(card.device.keys.statement), signed, fromText(sig))) throw new Refused('signature')
  return card
}

function parseCard(file) {
  if (file.length > 32_768) throw new Refused('malformed')
  const value = parse(file)
  if (!isCard(value)) throw new Refused('schema')
  return value
}

function parse(file) {
  try {
    return parseCanonical(file)
  } catch {
    // Whatever is wrong with its form, it is one code.
    throw new Refused('malformed')
  }
}
