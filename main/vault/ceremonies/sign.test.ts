import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { digest, equalBytes, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { LockboxError } from '../../../shared/errors.ts'
import { verify as throughTheDoor } from '../../../shared/statements/door.ts'
import { envelopeOf, type HardwareSignature, parse, prepare } from '../../../shared/statements/envelope.ts'
import type { Roster } from '../../../shared/statements/kinds.ts'
import { deviceId, keyId, type Member } from '../../../shared/statements/member.ts'
import { signatureChecks } from '../../checks.ts'
import { fileOf, type Person, personWithVault, restarted, unlockWith, withFile } from '../testing/vaults.ts'
import { play } from '../testing/window.ts'
import type { SignOrder } from '../types.ts'

/** Plays a sign ceremony; gives what the touch gave, with the box key copied before it is wiped. */
async function signed(person: Person, order: Pick<SignOrder, 'challenge' | 'withSecret'>, key = person.desk) {
  let signature: HardwareSignature | null = null
  let boxKey: Uint8Array | null = null
  let lent: Uint8Array | null = null
  const onSigned: SignOrder['onSigned'] = async (gave) => {
    signature = gave.signature
    lent = gave.boxKey
    boxKey = gave.boxKey && Uint8Array.from(gave.boxKey)
  }
  const end = await play(person.vault, person.vault.sign({ ...order, onSigned }), () => key)
  if (end.kind !== 'done' || !signature) throw new Error(`ended as ${JSON.stringify(end)}`)
  return {
    signature: signature as HardwareSignature,
    boxKey: boxKey as Uint8Array | null,
    lent: lent as Uint8Array | null,
  }
}

/** An organization of one, with which the door judges a person's statements. */
function rosterOf(person: Person): { roster: Roster; id: string; member: string; device: string } {
  const summary = person.vault.summary()
  if (!summary) throw new Error('no vault')
  const member: Member = {
    member: toBase64Url(new Uint8Array(16).fill(1)),
    name: 'Alice',
    contact: '',
    roles: ['admin'],
    groups: [],
    device: { name: 'Laptop', keys: summary.device },
    authenticators: [...summary.authenticators],
  }
  const device = deviceId(member)
  const common = {
    member: member.member,
    device,
    time: 1_800_000_000_000,
    sequence: 0,
    previous: null,
    ledger: { size: 0, root: digest(new Uint8Array()) },
  }
  const roster: Roster = {
    ...common,
    predecessor: null,
    protocol: 1,
    name: 'Example',
    nonce: toBase64Url(new Uint8Array(32)),
    members: [member],
  }
  return { roster, id: prepare('roster', roster).id, member: member.member, device }
}

/** A genesis roster as a statement of its founder, with the hardware signature that `hardwareFor` gives its id. */
async function founded(person: Person, hardwareFor: (id: string) => Promise<HardwareSignature>) {
  const { roster, id, device } = rosterOf(person)
  const unsigned = prepare('roster', roster)
  const sig = toBase64Url(person.vault.open().signStatement(unsigned.signedBytes))
  const envelope = envelopeOf(unsigned, { keyid: device, sig }, await hardwareFor(id))
  return throughTheDoor(parse(envelope), { organization: null, roster: () => undefined }, signatureChecks)
}

describe('signing by touch', () => {
  it('makes a statement that passes the door, with either key', async () => {
    const person = await personWithVault()
    for (const key of [person.desk, person.backup]) {
      const verdict = await founded(
        person,
        async (challenge) => (await signed(person, { challenge, withSecret: false }, key)).signature,
      )
      expect(verdict.verdict).toBe('verified')
    }
  })

  it('takes no assertion of the unlock credential for a statement', async () => {
    const person = await personWithVault()
    const file = fileOf(person)
    const unlock = file.slots[0]?.unlock
    const sign = person.vault.summary()?.authenticators[0]
    if (!unlock || !sign) throw new Error('no slot')
    const byUnlock = async (id: string, publicKey: string): Promise<HardwareSignature> => {
      const options = {
        challenge: id,
        rpId: 'lockbox.localhost',
        allowCredentials: [{ id: unlock.credential }],
        userVerification: 'required',
      }
      const {
        signature: sig,
        authenticatorData,
        clientDataJSON,
      } = person.desk.get(options, 'https://lockbox.localhost').response
      return { keyid: keyId(publicKey), sig, authenticatorData, clientDataJSON }
    }
    await expect(founded(person, (id) => byUnlock(id, unlock.publicKey))).rejects.toMatchObject({
      code: 'hardware-unknown-key',
    })
    await expect(founded(person, (id) => byUnlock(id, sign.publicKey))).rejects.toMatchObject({
      code: 'hardware-signature',
    })
    for (const { credential, publicKey } of person.vault.summary()?.authenticators ?? []) {
      expect(file.slots.map((slot) => slot.unlock.credential)).not.toContain(credential)
      expect(file.slots.map((slot) => slot.unlock.publicKey)).not.toContain(publicKey)
    }
  })

  it('opens the box key with the same touch, the same with either key, and wipes it afterwards', async () => {
    const person = await personWithVault()
    const challenge = digest(utf8('decision'))
    const one = await signed(person, { challenge, withSecret: true })
    const two = await signed(person, { challenge, withSecret: true }, person.backup)
    expect(one.boxKey && toBase64Url(x25519.getPublicKey(one.boxKey))).toBe(person.vault.summary()?.device.box)
    expect(one.boxKey && two.boxKey && equalBytes(one.boxKey, two.boxKey)).toBe(true)
    expect(one.lent).toEqual(new Uint8Array(32))
  })

  it('asks for no secret when none is needed', async () => {
    const person = await personWithVault()
    const step = await person.vault.sign({
      challenge: digest(utf8('s')),
      withSecret: false,
      onSigned: async () => undefined,
    })
    expect(step).toMatchObject({
      kind: 'get',
      purpose: 'sign',
      key: null,
      options: { challenge: digest(utf8('s')), extensions: {} },
    })
  })

  it('tells the person why what followed the touch failed, and wipes the box key all the same', async () => {
    const person = await personWithVault()
    let lent: Uint8Array | null = null
    const onSigned: SignOrder['onSigned'] = async ({ boxKey }) => {
      lent = boxKey
      throw new LockboxError('expired', 'the request expired while you were deciding')
    }
    const end = await play(
      person.vault,
      person.vault.sign({ challenge: digest(utf8('s')), withSecret: true, onSigned }),
      () => person.desk,
    )
    expect(end).toMatchObject({
      kind: 'refused',
      code: 'failed',
      because: 'expired',
      message: 'the request expired while you were deciding',
      mayRetry: false,
    })
    expect(lent).toEqual(new Uint8Array(32))
  })

  it('never quotes an unexpected error, which might hold a secret', async () => {
    const person = await personWithVault()
    const onSigned = () => Promise.reject(new Error('secret: forty-two'))
    const end = await play(
      person.vault,
      person.vault.sign({ challenge: digest(utf8('s')), withSecret: false, onSigned }),
      () => person.desk,
    )
    expect(end).toMatchObject({ kind: 'refused', code: 'failed', because: null })
    expect(JSON.stringify(end)).not.toContain('forty')
  })

  it('is refused while the vault is locked', async () => {
    const { vault } = await restarted(await personWithVault())
    await expect(
      vault.sign({ challenge: digest(utf8('s')), withSecret: false, onSigned: async () => undefined }),
    ).rejects.toMatchObject({ code: 'locked' })
  })

  it('does not open a box key whose slot was altered', async () => {
    const person = await withFile((file) => ({
      ...file,
      slots: file.slots.map((slot) => ({ ...slot, sign: { ...slot.sign, sealed: toBase64Url(new Uint8Array(72)) } })),
    }))
    await unlockWith(person, person.desk)
    const end = await play(
      person.vault,
      person.vault.sign({ challenge: digest(utf8('s')), withSecret: true, onSigned: async () => undefined }),
      () => person.desk,
    )
    expect(end).toMatchObject({ kind: 'refused', code: 'slot-altered' })
  })
})
