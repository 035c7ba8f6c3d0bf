import { concat, toBase64Url, utf8 } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { craft, flip, fromHex, nested, spelled } from './craft.ts'
import { person } from './keys.ts'
import type { Fault, Kit } from './vector-kit.ts'

/** Envelopes that are not well formed: refused before any signature is looked at. */
export function faultsOfForm({
  decision,
  release,
  exported,
  read,
  pruned,
  grant,
  text,
  roster,
  rosterWith,
  device,
  crowd,
  good,
  plain,
  child,
}: Kit): Fault[] {
  return [
    ['too-large', 'envelope', 'an envelope of more than 96 KiB', roster({ members: crowd(90) })],
    ['too-large', 'payload', 'a payload of more than 64 KiB', roster({ members: crowd(66) })],
    ['malformed', 'cut', 'an envelope that was cut short', good.envelope.slice(0, -1)],
    [
      'malformed',
      'utf8',
      'a payload that is not UTF-8',
      text((json) => concat(utf8(json.slice(0, -2)), Uint8Array.of(0xff), utf8('"}'))),
    ],
    ['malformed', 'bom', 'a payload that begins with a byte order mark', text((json) => `\ufeff${json}`)],
    [
      'malformed',
      'envelope-bom',
      'an envelope that begins with a byte order mark',
      concat(utf8('\ufeff'), good.envelope),
    ],
    [
      'malformed',
      'padding',
      'a payload in base64url with padding',
      release({}, { change: (all) => ({ ...all, payload: `${all.payload}=` }) }),
    ],
    [
      'malformed',
      'alphabet',
      'a payload in base64 of the other alphabet',
      text((json) => json, { change: (all) => ({ ...all, payload: `+${all.payload.slice(1)}` }) }),
    ],
    ['not-canonical', 'space', 'a payload with white space', text((json) => json.replace('{', '{ '))],
    ['not-canonical', 'envelope-space', 'an envelope with a line feed at its end', concat(good.envelope, utf8('\n'))],
    ['not-canonical', 'duplicate', 'a payload with a key twice', text((json) => json.replace('{', '{"box":"x",'))],
    ['not-canonical', 'order', 'a payload whose keys are not in order', text((json) => `${json.slice(0, -1)},"a":1}`)],
    ['not-canonical', 'exponent', 'a number written 2e0', text((json) => json.replace('"index":1', '"index":1e0'))],
    ['not-canonical', 'escape', 'a letter written as an escape', text((json) => json.replace('"box"', '"\\u0062ox"'))],
    ['not-canonical', 'surrogate', 'half a surrogate pair', text((json) => json.replace('"box":"', '"box":"\\ud800'))],
    ['too-deep', 'payload', 'a payload nested deeper than 16', release({ box: nested(16) })],
    ['not-an-integer', 'fraction', 'a time with a fraction', release({ time: 1.5 })],
    [
      'not-an-integer',
      'large',
      'a time beyond 2^53',
      text((json) => json.replace(/"time":\d+/, '"time":9007199254740993')),
    ],
    ['not-an-integer', 'negative-zero', 'a negative zero', text((json) => json.replace('"index":1', '"index":-0'))],
    [
      'unknown-kind',
      'later',
      'a kind of a later version',
      craft('', jcs(plain.payload), false, { type: 'application/vnd.lockbox.suspend+json' }),
    ],
    ['unknown-kind', 'media', 'another media type', craft('', jcs(plain.payload), false, { type: 'application/json' })],
    [
      'unknown-kind',
      'case',
      'a kind in capital letters',
      craft('', jcs(plain.payload), false, { type: 'application/vnd.lockbox.Release+json' }),
    ],
    [
      'unknown-kind',
      'prototype',
      'a kind that is a name every object has',
      craft('', jcs(plain.payload), false, { type: 'application/vnd.lockbox.constructor+json' }),
    ],
    ['schema', 'extra', 'a field too many', release({ extra: 1 })],
    ['schema', 'proto', 'a field named __proto__', text((json) => json.replace('{', '{"__proto__":{"index":1},'))],
    ['schema', 'missing', 'a field too few', release({ box: undefined })],
    ['schema', 'type', 'a text where a number belongs', release({ index: '1' })],
    ['schema', 'array', 'a payload that is an array', craft('release', jcs([plain.payload]), false)],
    ['schema', 'digest', 'a digest whose spare bits are not zero', release({ box: `${'A'.repeat(42)}B` })],
    ['schema', 'digest-length', 'a digest of 31 bytes', release({ box: 'A'.repeat(42) })],
    ['schema', 'time', 'a time before 1970', release({ time: -1 })],
    ['schema', 'skew', 'a clock that differs by more than two times can', grant({ skewMs: 7_258_118_400_001 })],
    ['schema', 'bidi', 'a text that turns the direction of its neighbours', decision({ reason: 'evil \u202e txt' })],
    ['schema', 'control', 'a text with a control character', decision({ reason: 'bell \u0007' })],
    ['schema', 'nfc', 'a text that is not NFC', decision({ reason: 'e\u0301' })],
    ['schema', 'trim', 'a text with a space at its end', decision({ reason: 'yes ' })],
    [
      'schema',
      'read-alone',
      'a record of reading that does not say of which case, not even none',
      read({ case: undefined }),
    ],
    [
      'schema',
      'exported-scope',
      'an export with a field too many in its scope',
      exported({ scope: { case: null, from: null, member: null, until: null } }),
    ],
    ['schema', 'exported-digest', 'an export without the digest of what was handed over', exported({ sha256: null })],
    ['schema', 'pruned-nothing', 'a record of pruning that names no entry', pruned([])],
    ['schema', 'pruned-empty', 'a record of pruning with an empty range', pruned([{ from: 3, to: 3 }])],
    [
      'schema',
      'pruned-order',
      'a record of pruning whose ranges are not in order',
      pruned([
        { from: 7, to: 8 },
        { from: 3, to: 5 },
      ]),
    ],
    [
      'schema',
      'pruned-touching',
      'a record of pruning with two ranges that are one',
      pruned([
        { from: 3, to: 5 },
        { from: 5, to: 8 },
      ]),
    ],
    ['schema', 'invisible', 'a text with a joiner that nobody sees', decision({ reason: 'a\u200db' })],
    [
      'schema',
      'envelope-extra',
      'a field too many in the envelope',
      release({}, { change: (all) => ({ ...all, extra: 1 }) }),
    ],
    [
      'schema',
      'signature-extra',
      'a field too many in a signature',
      release({}, { change: (all) => ({ ...all, signatures: all.signatures.map((one) => ({ ...one, extra: 1 })) }) }),
    ],
    ['schema', 'no-signature', 'no signature at all', release({}, { change: (all) => ({ ...all, signatures: [] }) })],
    [
      'schema',
      'three-signatures',
      'a third signature',
      decision({}, { change: (all) => ({ ...all, signatures: [...all.signatures, all.signatures[1]] }) }),
    ],
    [
      'schema',
      'two-devices',
      'two device signatures',
      release({}, { change: (all) => ({ ...all, signatures: [...all.signatures, ...all.signatures] }) }),
    ],
    [
      'schema',
      'hardware-first',
      'the hardware key before the device',
      decision({}, { change: (all) => ({ ...all, signatures: [...all.signatures].reverse() }) }),
    ],
    [
      'schema',
      'signature-base64',
      'a signature whose spare bits are not zero',
      release(
        {},
        {
          change: (all) => ({
            ...all,
            signatures: all.signatures.map(({ sig, ...one }) => ({
              ...one,
              sig: `${sig.slice(0, -1)}${sig.endsWith('B') ? 'C' : 'B'}`,
            })),
          }),
        },
      ),
    ],
    [
      'schema',
      'genesis-named',
      'a genesis roster that names an organization',
      craft('roster', jcs({ ...child.payload, predecessor: null }), true, { by: person('alice') }),
    ],
    ['schema', 'child-unnamed', 'a later roster that names no organization', roster({ organization: undefined })],
    [
      'schema',
      'one-key',
      'a member with one authenticator',
      rosterWith({ authenticators: person('bob').entry.authenticators.slice(0, 1) }),
    ],
    ['schema', 'groups-order', 'groups that are not in order', rosterWith({ groups: ['security', 'platform'] })],
    [
      'schema',
      'key-base64',
      'a device key whose spare bits are not zero',
      rosterWith(device({ box: `${'A'.repeat(42)}B` })),
    ],
    [
      'schema',
      'authenticator-alphabet',
      'an authenticator key in base64 of the other alphabet',
      rosterWith({
        authenticators: person('bob').entry.authenticators.map((one) => ({
          ...one,
          publicKey: `+${one.publicKey.slice(1)}`,
        })),
      }),
    ],
    [
      'schema',
      'ed25519-low-order',
      'a device key of low order',
      rosterWith(
        device({ statement: toBase64Url(fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')) }),
      ),
    ],
    [
      'schema',
      'ed25519-spelling',
      'a device key that is not the canonical spelling of its point',
      rosterWith(
        device({ statement: toBase64Url(fromHex('eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')) }),
      ),
    ],
    [
      'schema',
      'x25519-low-order',
      'a box key of low order',
      rosterWith(
        device({ box: toBase64Url(fromHex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')) }),
      ),
    ],
    [
      'schema',
      'x25519-spelling',
      'a box key with its highest bit set',
      rosterWith(device({ box: spelled(person('bob').entry.device.keys.box) })),
    ],
    [
      'schema',
      'p256-off-curve',
      'a TLS key that is no point of P-256',
      rosterWith(device({ tls: flip(person('bob').entry.device.keys.tls, 64) })),
    ],
  ]
}
