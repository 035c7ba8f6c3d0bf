import { createPrivateKey, createPublicKey } from 'node:crypto'
import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import type { SoftwareKey } from '../../e2e/keys/software-key.ts'
import { digest, equalBytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../shared/bytes.ts'
import type { Answer, Step } from '../../shared/ceremony.ts'
import { LockboxError } from '../../shared/errors.ts'
import { jcs } from '../../shared/jcs.ts'
import { verify as throughTheDoor } from '../../shared/statements/door.ts'
import { envelopeOf, type HardwareSignature, parse, prepare } from '../../shared/statements/envelope.ts'
import type { Roster } from '../../shared/statements/kinds.ts'
import { deviceId, keyId, type Member } from '../../shared/statements/member.ts'
import { signatureChecks } from '../checks.ts'
import { verify } from './sodium.ts'
import { newPerson, ORDER, type Person, personWithVault, restarted } from './testing/vaults.ts'
import { newKey, play, touch } from './testing/window.ts'
import type { LockReason, SignOrder } from './types.ts'
import type { VaultFile } from './vault-file.ts'

const MINUTE = 60_000
const FILES = ['/profile/vault/vault.json', '/profile/vault/vault.copy.json']

const unlockWith = (person: Person, key: SoftwareKey | Answer): Promise<Step> =>
  play(person.vault, person.vault.unlock(), () => key)

/** A vault whose file somebody changed on the disk, after a restart. */
async function withFile(change: (file: VaultFile) => unknown): Promise<Person> {
  const person = await personWithVault()
  const fs = person.fs.afterKill()
  for (const path of FILES) fs.tamper(path, (bytes) => jcs(change(JSON.parse(fromUtf8(bytes)) as VaultFile)))
  return restarted(person, fs)
}

describe('a vault', () => {
  it('is none, then open after set-up, then locked after a restart, then opened by either key', async () => {
    expect((await newPerson()).vault.status()).toBe('none')
    const person = await personWithVault()
    expect(person.vault.status()).toBe('open')
    for (const pick of ['desk', 'backup'] as const) {
      const again = await restarted(person)
      expect(again.vault.status()).toBe('locked')
      expect(await unlockWith(again, again[pick])).toMatchObject({ kind: 'done', task: 'unlock', notices: [] })
      expect(again.vault.status()).toBe('open')
    }
  })

  it('gives back after a restart what its journal and blobs held, and the same device keys', async () => {
    const person = await personWithVault()
    const { journal, blobs, tls } = person.vault.open()
    await journal.append('statements', 's', utf8('kept'))
    const blob = await blobs.put(utf8('a box'))
    const [before, tlsBefore] = [person.vault.summary(), Uint8Array.from(tls().privateKey)]
    const again = await restarted(person)
    expect(again.vault.summary()).toEqual(before)
    await unlockWith(again, again.backup)
    const opened = again.vault.open()
    const values: string[] = []
    for await (const { value } of opened.journal.records('statements')) values.push(fromUtf8(value))
    expect(values).toEqual(['kept'])
    expect(await opened.blobs.get(blob)).toEqual(utf8('a box'))
    expect(opened.tls().privateKey).toEqual(tlsBefore)
  })

  it('signs with the keys that its summary names, each for its own use', async () => {
    const { vault } = await personWithVault()
    const device = vault.summary()?.device
    if (!device) throw new Error('no summary')
    const opened = vault.open()
    const bytes = utf8('statement')
    expect(verify(fromBase64Url(device.statement), bytes, opened.signStatement(bytes))).toBe(true)
    expect(verify(fromBase64Url(device.checkpoint), bytes, opened.signCheckpoint(bytes))).toBe(true)
    expect(verify(fromBase64Url(device.checkpoint), bytes, opened.signStatement(bytes))).toBe(false)
    expect(toBase64Url(x25519.getPublicKey(opened.mailboxKey()))).toBe(device.mailbox)
    const tls = createPrivateKey({ key: Buffer.from(opened.tls().privateKey), type: 'pkcs8', format: 'der' })
    expect(createPublicKey(tls).export({ type: 'spki', format: 'der' }).subarray(-65).toString('base64url')).toBe(
      device.tls,
    )
    expect(new Set(Object.values(device)).size).toBe(5)
  })

  it('shows nothing of its secrets on the disk', async () => {
    const { fs, vault } = await personWithVault()
    const secrets = [vault.open().mailboxKey(), vault.open().tls().privateKey.slice(36, 68)]
    for (const path of [...FILES, '/profile/vault/journal']) {
      const content = Buffer.from(fs.contentOf(path))
      for (const secret of secrets) {
        expect(content.includes(Buffer.from(secret))).toBe(false)
        expect(content.includes(toBase64Url(secret))).toBe(false)
      }
    }
  })
})

describe('unlocking', () => {
  it('is refused to a key of another vault, naming the keys that would do', async () => {
    const person = await restarted(await personWithVault())
    const end = await unlockWith(person, newKey('of somebody else'))
    expect(end).toMatchObject({ kind: 'refused', code: 'no-answer', mayRetry: true })
    expect(JSON.stringify(end)).toContain('“Desk”, “Backup (safe)”')
    expect(person.vault.status()).toBe('locked')
  })

  it('says that verification or the secret was missing, and never calls it the wrong key', async () => {
    const person = await restarted(await personWithVault())
    person.desk.faults.unverified = true
    expect(await unlockWith(person, person.desk)).toMatchObject({ kind: 'refused', code: 'no-verification' })
    person.desk.faults.unverified = false
    person.desk.faults.noPrf = true
    expect(await unlockWith(person, person.desk)).toMatchObject({ kind: 'refused', code: 'no-secret' })
    person.desk.faults.noPrf = false
    expect((await unlockWith(person, person.desk)).kind).toBe('done')
  })

  it('is refused to a credential that was not asked for', async () => {
    const person = await restarted(await personWithVault())
    const started = await person.vault.unlock()
    if (started.kind !== 'get') throw new Error('expected a question')
    const good = touch(person.desk, started)
    if (good.kind !== 'asserted') throw new Error('expected an assertion')
    // The sign credential of the very same key: right person, right key, wrong credential.
    const sign = person.vault.summary()?.authenticators[0]?.credential ?? ''
    const foreign = { ...good, response: { ...good.response, id: sign, rawId: sign } }
    expect(await person.vault.answer(started.ceremony, foreign)).toMatchObject({ code: 'unknown-key' })
  })

  it('is refused with an old answer, since every question has a fresh challenge', async () => {
    const person = await restarted(await personWithVault())
    const first = await person.vault.unlock()
    if (first.kind !== 'get') throw new Error('expected a question')
    const old = touch(person.desk, first)
    const second = await person.vault.unlock()
    expect(await person.vault.answer(first.ceremony, old)).toMatchObject({ code: 'out-of-date' })
    const replayed = touch(person.desk, first)
    expect(await person.vault.answer(second.ceremony, replayed)).toMatchObject({ code: 'not-verified' })
    expect(person.vault.status()).toBe('locked')
  })

  it('wipes the secret that the window brought, good or not', async () => {
    const person = await restarted(await personWithVault())
    const secrets: Uint8Array[] = []
    const spied = async (ceremony: (step: Step) => string): Promise<void> => {
      const step = await person.vault.unlock()
      if (step.kind !== 'get') throw new Error('expected a question')
      const answer = touch(person.desk, step)
      if (answer.kind === 'asserted' && answer.secret) secrets.push(answer.secret)
      await person.vault.answer(ceremony(step), answer)
    }
    await spied((step) => (step.kind === 'done' ? '' : step.ceremony))
    await spied(() => 'another ceremony')
    expect(secrets).toEqual([new Uint8Array(32), new Uint8Array(32)])
  })

  it('may be tried again after a refusal, in the same ceremony', async () => {
    const { vault, desk } = await restarted(await personWithVault())
    const refused = await play(vault, vault.unlock(), () => ({ kind: 'failed', name: 'NotAllowedError' }))
    if (refused.kind !== 'refused') throw new Error('expected a refusal')
    expect((await play(vault, vault.answer(refused.ceremony, { kind: 'again' }), () => desk)).kind).toBe('done')
  })

  it('reports a counter that went back, and does not lock anybody out for it', async () => {
    const person = await personWithVault()
    person.desk.state.signCount = 1000
    const ahead = await restarted(person)
    expect(await unlockWith(ahead, ahead.desk)).toMatchObject({ notices: [] })
    ahead.desk.state.signCount = 5
    const back = await restarted(ahead)
    expect(await unlockWith(back, back.desk)).toMatchObject({ kind: 'done', notices: [{ code: 'counter-drop' }] })
  })

  it('names what is wrong with the journal, and still opens', async () => {
    const person = await personWithVault()
    const fs = person.fs.afterKill()
    fs.tamper('/profile/vault/journal', () => new Uint8Array())
    const again = await restarted(person, fs)
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'done', notices: [{ code: 'journal' }] })
    const { journal, problems } = again.vault.open()
    await expect(journal.append('statements', 's', utf8('s'))).rejects.toMatchObject({ code: 'damaged' })
    await journal.accept(problems)
    await journal.append('statements', 's', utf8('s'))
  })
})

describe('a vault file that somebody changed', () => {
  const changes: [string, (slot: VaultFile['slots'][number]) => VaultFile['slots'][number]][] = [
    ['the label', (slot) => ({ ...slot, label: 'Spare' })],
    ['the model', (slot) => ({ ...slot, model: '0'.repeat(32) })],
    ['what is sealed', (slot) => ({ ...slot, unlock: { ...slot.unlock, sealed: toBase64Url(new Uint8Array(72)) } })],
    ['the salt', (slot) => ({ ...slot, unlock: { ...slot.unlock, salt: toBase64Url(new Uint8Array(32)) } })],
  ]
  it.each(changes)('in %s of one slot keeps that key out, as altered, and lets the other in', async (_, change) => {
    const person = await withFile((file) => ({
      ...file,
      slots: [change(file.slots[0] as VaultFile['slots'][number]), file.slots[1]],
    }))
    const end = await unlockWith(person, person.desk)
    expect(end).toMatchObject({ kind: 'refused', code: 'slot-altered' })
    expect(JSON.stringify(end)).toContain('Or use key “Backup (safe)”')
    expect(await unlockWith(person, person.backup)).toMatchObject({
      kind: 'done',
      notices: [{ code: 'vault-altered' }],
    })
  })

  it('in a slot’s public key accepts no answer of that key', async () => {
    const person = await withFile((file) => {
      const [one, two] = file.slots as [VaultFile['slots'][number], VaultFile['slots'][number]]
      return { ...file, slots: [{ ...one, unlock: { ...one.unlock, publicKey: two.unlock.publicKey } }, two] }
    })
    expect(await unlockWith(person, person.desk)).toMatchObject({ kind: 'refused', code: 'not-verified' })
  })

  it('in the device’s public keys opens for nobody', async () => {
    const person = await withFile((file) => ({
      ...file,
      device: { ...file.device, keys: { ...file.device.keys, statement: file.device.keys.checkpoint } },
    }))
    expect(await unlockWith(person, person.desk)).toMatchObject({ kind: 'refused', code: 'vault-altered' })
    expect(person.vault.status()).toBe('locked')
  })

  it('in the vault’s id opens for nobody', async () => {
    const person = await withFile((file) => ({ ...file, id: toBase64Url(new Uint8Array(32)) }))
    expect(await unlockWith(person, person.desk)).toMatchObject({ kind: 'refused', code: 'slot-altered' })
  })

  it('beyond reading is replaced by its copy, which is said', async () => {
    const person = await personWithVault()
    const fs = person.fs.afterKill()
    fs.tamper(FILES[0] as string, (bytes) => bytes.slice(0, 100))
    const again = await restarted(person, fs)
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'done', notices: [{ code: 'vault-copy' }] })
  })

  it('and whose copy is gone too makes the vault damaged, never none', async () => {
    for (const lose of [(path: string) => path, null]) {
      const person = await personWithVault()
      const fs = person.fs.afterKill()
      for (const path of FILES) {
        if (lose) await fs.remove(lose(path))
        else fs.tamper(path, () => utf8('{}'))
      }
      const { vault } = await restarted(person, fs)
      expect(vault.status()).toBe('damaged')
      await expect(vault.setUp(ORDER)).rejects.toMatchObject({ code: 'exists' })
    }
  })
})

describe('locking', () => {
  it.each<LockReason>(['button', 'idle', 'screen', 'suspend', 'quit'])(
    'for reason %s zeroes the keys and tells who listens',
    async (reason) => {
      const { vault } = await personWithVault()
      const told: LockReason[] = []
      vault.onLock((why) => void told.push(why))
      const opened = vault.open()
      const { privateKey } = opened.tls()
      await vault.lock(reason)
      expect(privateKey).toEqual(new Uint8Array(privateKey.length))
      expect(told).toEqual([reason])
      expect(vault.status()).toBe('locked')
      expect(() => vault.open()).toThrow('the vault is locked')
      for (const verb of [
        () => opened.signStatement(utf8('x')),
        () => opened.signCheckpoint(utf8('x')),
        () => opened.tls(),
        () => opened.mailboxKey(),
      ])
        expect(verb).toThrow('the vault is locked')
      await expect(opened.journal.append('statements', 's', utf8('s'))).rejects.toMatchObject({ code: 'closed' })
      await expect(opened.blobs.put(utf8('s'))).rejects.toMatchObject({ code: 'closed' })
    },
  )

  it('zeroes the keys before anything else happens', async () => {
    const { vault } = await personWithVault()
    const { privateKey } = vault.open().tls()
    const locking = vault.lock('suspend')
    expect(privateKey).toEqual(new Uint8Array(privateKey.length))
    await locking
  })

  it('ends the ceremony that was under way: a touch that comes later signs nothing', async () => {
    const { vault, desk } = await personWithVault()
    let signed = false
    const step = await vault.sign({
      challenge: digest(utf8('s')),
      withSecret: false,
      onSigned: async () => void (signed = true),
    })
    if (step.kind !== 'get') throw new Error('expected a question')
    await vault.lock('button')
    expect(await vault.answer(step.ceremony, touch(desk, step))).toMatchObject({ code: 'out-of-date' })
    expect(signed).toBe(false)
  })

  it('wins over an unlock that is just being finished', async () => {
    const { vault, desk } = await restarted(await personWithVault())
    const step = await vault.unlock()
    if (step.kind !== 'get') throw new Error('expected a question')
    const unlocking = vault.answer(step.ceremony, touch(desk, step))
    await vault.lock('screen')
    expect(await unlocking).toMatchObject({ code: 'out-of-date' })
    expect(vault.status()).toBe('locked')
  })

  it('happens after ten idle minutes, and each touch of the window puts it off', async () => {
    const { vault, passes } = await personWithVault()
    passes(9 * MINUTE)
    expect(await vault.checkIdle()).toBe(MINUTE)
    vault.touched()
    passes(9 * MINUTE)
    await vault.checkIdle()
    expect(vault.status()).toBe('open')
    passes(MINUTE)
    expect(await vault.checkIdle()).toBe(0)
    expect(vault.status()).toBe('locked')
  })

  it('by idle time keeps held shares, and by screen afterwards wipes them', async () => {
    const { vault, passes } = await personWithVault()
    const share = new Uint8Array(32).fill(4)
    vault.held.hold('case', share)
    passes(10 * MINUTE)
    await vault.checkIdle()
    expect(vault.status()).toBe('locked')
    expect(vault.held.until('case')).not.toBeNull()
    await vault.lock('screen')
    expect(vault.held.until('case')).toBeNull()
    expect(share).toEqual(new Uint8Array(32))
  })
})

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
    const file = JSON.parse(fromUtf8(person.fs.contentOf(FILES[0] as string))) as VaultFile
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
      message: 'the request expired while you were deciding',
      mayRetry: false,
    })
    expect(lent).toEqual(new Uint8Array(32))
  })

  it('never quotes an unexpected error, which might hold a secret', async () => {
    const person = await personWithVault()
    const onSigned = () => Promise.reject(new Error('secret 42'))
    const end = await play(
      person.vault,
      person.vault.sign({ challenge: digest(utf8('s')), withSecret: false, onSigned }),
      () => person.desk,
    )
    expect(end).toMatchObject({ kind: 'refused', code: 'failed' })
    expect(JSON.stringify(end)).not.toContain('42')
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
