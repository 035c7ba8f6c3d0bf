import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { preAuthenticationEncoding } from '../statements/encoding.ts'
import { parse } from '../statements/envelope.ts'
import type { Member } from '../statements/member.ts'
import { strictEd25519 } from '../testing/checks.ts'
import { person } from '../testing/keys.ts'
import {
  cardEnvelope,
  cardInEnvelope,
  JoinCardError,
  joinCardSignedBytes,
  readJoinCard,
  writeJoinCard,
} from './join-card.ts'

const folder = new URL('vectors/cards/', import.meta.url)
const { entry, deviceSeed } = person('bob')
const card: Member = { ...entry, contact: 'desk 4, +1 555 0100', roles: ['admin', 'approver'], groups: ['platform'] }
const sign = (message: Uint8Array) => ed25519.sign(message, deviceSeed)
const good = writeJoinCard(card, sign(joinCardSignedBytes(card)))

/** A card with one field of its text changed after it was signed. */
const changed = (from: string, to: string) => utf8(fromUtf8(good).replace(from, to))
/** What somebody would sign who does not keep to the form. */
const signedAnyway = (odd: object) => jcs({ card: odd, sig: toBase64Url(sign(signedBytesOf(odd))) })

function signedBytesOf(odd: object): Uint8Array {
  const payload = jcs(odd)
  return concat(utf8(`DSSEv1 38 application/vnd.lockbox.join-card+json ${payload.length} `), payload)
}

/** Cards, and what must come of each. */
const CARDS: Record<string, { readonly expect: string; readonly bytes: Uint8Array }> = {
  good: { expect: 'verified', bytes: good },
  'changed-role': { expect: 'signature', bytes: changed('"approver"', '"auditor"') },
  'signed-without-its-type': { expect: 'signature', bytes: writeJoinCard(card, sign(jcs(card))) },
  'signed-by-another-device': {
    expect: 'signature',
    bytes: writeJoinCard(card, ed25519.sign(joinCardSignedBytes(card), person('eve').deviceSeed)),
  },
  'one-key': { expect: 'schema', bytes: signedAnyway({ ...card, authenticators: card.authenticators.slice(1) }) },
  'one-field-more': { expect: 'schema', bytes: signedAnyway({ ...card, note: 'let me in' }) },
  'roles-in-another-order': { expect: 'schema', bytes: signedAnyway({ ...card, roles: ['approver', 'admin'] }) },
  'white-space': { expect: 'malformed', bytes: concat(good, utf8('\n')) },
  'no-json': { expect: 'malformed', bytes: utf8('bob wishes to join') },
  'too-large': { expect: 'malformed', bytes: jcs({ card: 'A'.repeat(32_768), sig: '' }) },
}

if (process.env['WRITE_VECTORS']) {
  for (const [name, { bytes }] of Object.entries(CARDS)) writeFileSync(new URL(`${name}.join-card.json`, folder), bytes)
  const expected = Object.fromEntries(Object.entries(CARDS).map(([name, one]) => [name, one.expect]))
  writeFileSync(new URL('expected.json', folder), `${JSON.stringify(expected, null, 2)}\n`)
}

function outcomeOf(bytes: Uint8Array): string {
  try {
    readJoinCard(bytes, strictEd25519)
    return 'verified'
  } catch (error) {
    if (error instanceof JoinCardError) return error.code
    throw error
  }
}

describe('a join card', () => {
  it('comes out as the entry that its owner wished for', () => {
    expect(readJoinCard(good, strictEd25519)).toEqual(card)
  })

  it('is signed as a document of its own type, so that no statement passes for one', () => {
    expect(joinCardSignedBytes(card)).toEqual(signedBytesOf(card))
  })

  it('with any byte changed is refused', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, to) => {
        fc.pre(good[at] !== to)
        expect(outcomeOf(good.with(at, to))).not.toBe('verified')
      }),
    )
  })
})

describe('the vectors of join cards', () => {
  const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<string, string>

  it('are all listed', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.join-card.json'))
    expect(names.sort()).toEqual(
      Object.keys(expected)
        .map((name) => `${name}.join-card.json`)
        .sort(),
    )
  })

  it.each(Object.entries(expected))('%s: %s', (name, outcome) => {
    const bytes = new Uint8Array(readFileSync(new URL(`${name}.join-card.json`, folder)))
    expect(outcomeOf(bytes)).toBe(outcome)
    expect(bytes).toEqual(Uint8Array.from(CARDS[name]?.bytes ?? []))
  })
})

describe('a join card as an envelope', () => {
  const envelope = cardEnvelope(good)
  const outer = () => JSON.parse(fromUtf8(envelope)) as { payload: string; payloadType: string; signatures: object[] }

  it('is signed as it stands there, and leads back to the very bytes of the file', () => {
    const { payload, payloadType, signatures } = outer()
    const signed = preAuthenticationEncoding(payloadType, fromBase64Url(payload))
    expect(signed).toEqual(joinCardSignedBytes(card))
    expect(signatures).toEqual([{ keyid: person('bob').device, sig: toBase64Url(sign(signed)) }])
    expect(cardInEnvelope(envelope)).toEqual(good)
  })

  it('is no statement to the door', () => {
    expect(() => parse(envelope)).toThrow(expect.objectContaining({ code: 'unknown-kind' }))
  })

  it('is not looked for in what is of another type, or no envelope', () => {
    const { payload, signatures } = outer()
    const other = jcs({ payload, payloadType: 'application/vnd.lockbox.decision+json', signatures })
    for (const bytes of [other, utf8('{"payload":"x"}'), utf8('no JSON'), good])
      expect(cardInEnvelope(bytes)).toBeNull()
  })

  it.each<[string, (one: ReturnType<typeof outer>) => object]>([
    [
      'under another key’s name',
      (one) => ({ ...one, signatures: [{ ...one.signatures[0], keyid: person('eve').device }] }),
    ],
    ['with a second signature', (one) => ({ ...one, signatures: [one.signatures[0], one.signatures[0]] })],
    ['with a field more', (one) => ({ ...one, note: 'let me in' })],
    [
      'whose payload is not canonical',
      (one) => ({ ...one, payload: toBase64Url(utf8(` ${fromUtf8(fromBase64Url(one.payload))}`)) }),
    ],
  ])('is refused %s', (_what, change) => {
    expect(() => cardInEnvelope(jcs(change(outer()) as never))).toThrow(JoinCardError)
  })

  it('is refused by its reader where what it says was changed after it was signed', () => {
    const one = outer()
    const payload = toBase64Url(utf8(fromUtf8(fromBase64Url(one.payload)).replace('desk 4', 'desk 5')))
    const bytes = cardInEnvelope(jcs({ ...one, payload }))
    expect(() => readJoinCard(bytes ?? good, strictEd25519)).toThrow(expect.objectContaining({ code: 'signature' }))
  })
})
