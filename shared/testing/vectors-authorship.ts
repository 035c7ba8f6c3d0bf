import { ed25519 } from '@noble/curves/ed25519.js'
import { concat, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { addOrder, craft, flip } from './craft.ts'
import { person, testKey } from './keys.ts'
import type { Fault, Kit } from './vector-kit.ts'

/** Well-formed envelopes whose author, device or hardware key is not right. */
export function faultsOfAuthorship({ decision, release, touched, clientData, flags, hmac, good, plain }: Kit): Fault[] {
  return [
    ['wrong-organization', 'other', 'a statement of another organization', release({ organization: good.id })],
    ['not-in-roster', 'member', 'an author who is no member', release({ member: person('mallory').member })],
    ['not-in-roster', 'device', 'another member’s device', release({}, { by: person('carol') })],
    [
      'not-in-roster',
      'old-device',
      'a device that is not the member’s',
      release({ device: person('bob/new phone').device }, { by: person('bob/new phone') }),
    ],
    [
      'device-signature',
      'bit',
      'a device signature with one bit turned',
      release(
        {},
        { change: (all) => ({ ...all, signatures: all.signatures.map((one) => ({ ...one, sig: flip(one.sig, 3) })) }) },
      ),
    ],
    [
      'device-signature',
      'payload-alone',
      'a device signature over the payload, not over its encoding with the type',
      release(
        {},
        {
          change: (all) => ({
            ...all,
            signatures: [
              {
                keyid: person('bob').device,
                sig: toBase64Url(ed25519.sign(fromBase64Url(all.payload), person('bob').deviceSeed)),
              },
            ],
          }),
        },
      ),
    ],
    [
      'device-signature',
      'large-s',
      'a device signature whose S is not below the group order',
      release(
        {},
        {
          change: (all) => ({ ...all, signatures: all.signatures.map((one) => ({ ...one, sig: addOrder(one.sig) })) }),
        },
      ),
    ],
    [
      'device-signature',
      'other-device',
      'another device’s signature under the author’s key id',
      release({}, { by: person('carol'), keyid: person('bob').device }),
    ],
    [
      'hardware-missing',
      'stripped',
      'a decision whose hardware signature was taken away',
      decision({}, { change: (all) => ({ ...all, signatures: all.signatures.slice(0, 1) }) }),
    ],
    ['hardware-unexpected', 'added', 'a release with a hardware signature', craft('release', jcs(plain.payload), true)],
    [
      'hardware-unknown-key',
      'unlock',
      'an assertion by the unlock credential, which is in no roster',
      decision({}, { key: testKey('bob unlock') }),
    ],
    [
      'hardware-unknown-key',
      'colleague',
      'an assertion by another member’s key',
      decision({}, { key: person('carol').keys[0] }),
    ],
    ['hardware-client-data', 'create', 'the client data of a registration', touched({ type: 'webauthn.create' })],
    [
      'hardware-client-data',
      'space',
      'client data with a space before the type',
      touched({ clientData: clientData('}').replace('{', '{ ') }),
    ],
    [
      'hardware-client-data',
      'duplicate',
      'client data with a key twice',
      touched({ clientData: clientData(',"a":1,"a":2}') }),
    ],
    [
      'hardware-client-data',
      'duplicate-escaped',
      'client data with a key twice, once as an escape',
      touched({ clientData: clientData(',"\\u0074ype":"webauthn.get"}') }),
    ],
    [
      'hardware-client-data',
      'top-origin',
      'client data with a topOrigin',
      touched({ clientData: clientData(',"topOrigin":"https://lockbox.localhost"}') }),
    ],
    [
      'hardware-client-data',
      'trailing',
      'client data with something after it',
      touched({ clientData: clientData('}}') }),
    ],
    [
      'hardware-client-data',
      'bom',
      'client data with a byte order mark',
      touched({ clientData: `\ufeff${clientData('}')}` }),
    ],
    [
      'hardware-client-data',
      'utf8',
      'client data that is not UTF-8',
      touched({ clientData: concat(utf8(clientData(',"a":"')), Uint8Array.of(0xff), utf8('"}')) }),
    ],
    ['hardware-wrong-statement', 'other', 'a key touched for another statement', touched({ challenge: plain.id })],
    ['hardware-wrong-statement', 'padding', 'a challenge with padding', touched({ challenge: `${good.id}=` })],
    ['hardware-wrong-origin', 'other', 'another origin', touched({ origin: 'https://lockbox.localhost.example' })],
    ['hardware-wrong-origin', 'port', 'an origin with a port', touched({ origin: 'https://lockbox.localhost:8443' })],
    [
      'hardware-wrong-origin',
      'cross',
      'an assertion made in a frame of another origin',
      touched({ clientData: clientData('}').replace('false', 'true') }),
    ],
    ['hardware-wrong-site', 'other', 'an assertion for another site', touched({ rpId: 'localhost' })],
    ['hardware-no-touch', 'up', 'an assertion without a touch', touched(flags(0x04))],
    ['hardware-no-verification', 'uv', 'an assertion without PIN or fingerprint', touched(flags(0x01))],
    ['hardware-synced', 'be', 'a credential that may be backed up', touched(flags(0x0d))],
    ['hardware-synced', 'bs', 'a credential that is backed up and may not be', touched(flags(0x15))],
    ['hardware-flags', 'at', 'attested data in an assertion', touched(flags(0x45))],
    ['hardware-flags', 'ed-empty', 'extensions announced and absent', touched(flags(0x85))],
    ['hardware-flags', 'no-ed', 'extensions present and not announced', touched({ extensions: hmac(48) })],
    [
      'hardware-flags',
      'ed-other',
      'another extension',
      touched({ flags: 0x85, extensions: Uint8Array.of(0xa1, 0x61, 0x78, 0xf5) }),
    ],
    [
      'hardware-flags',
      'ed-trailing',
      'something after the extensions',
      touched({ flags: 0x85, extensions: concat(hmac(48), Uint8Array.of(0)) }),
    ],
    [
      'hardware-signature',
      'bit',
      'a hardware signature with one bit turned',
      decision(
        {},
        {
          change: (all) => ({
            ...all,
            signatures: all.signatures.map((one, at) => (at === 1 ? { ...one, sig: flip(one.sig, 40) } : one)),
          }),
        },
      ),
    ],
    [
      'hardware-signature',
      'algorithm',
      'an EdDSA signature under an ES256 key’s id',
      decision(
        {},
        {
          change: (all) => ({
            ...all,
            signatures: all.signatures.map((one, at) =>
              at === 1 ? { ...one, sig: toBase64Url(new Uint8Array(64).fill(1)) } : one,
            ),
          }),
        },
      ),
    ],
    ['waiting', 'roster', 'a statement that names a roster which is not here', release({ roster: good.id })],
  ]
}
