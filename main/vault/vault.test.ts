import { createPrivateKey, createPublicKey } from 'node:crypto'
import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it, vi } from 'vitest'
import { digest, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { verify } from './sodium.ts'
import { newPerson, personWithVault, restarted, unlockWith, VAULT_FILES } from './testing/vaults.ts'
import { touch } from './testing/window.ts'
import type { LockReason } from './types.ts'

const MINUTE = 60_000

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
    const opened = person.vault.open()
    const { journal, blobs } = opened
    await journal.append('statements', 's', utf8('kept'))
    const blob = await blobs.put(utf8('a box'))
    const [before, tlsBefore] = [person.vault.summary(), Uint8Array.from(opened.tls().privateKey)]
    const again = await restarted(person)
    expect(again.vault.summary()).toEqual(before)
    await unlockWith(again, again.backup)
    const reopened = again.vault.open()
    const values: string[] = []
    for await (const { value } of reopened.journal.records('statements')) values.push(fromUtf8(value))
    expect(values).toEqual(['kept'])
    expect(await reopened.blobs.get(blob)).toEqual(utf8('a box'))
    expect(reopened.tls().privateKey).toEqual(tlsBefore)
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
    for (const path of [...VAULT_FILES, '/profile/vault/journal']) {
      const content = Buffer.from(fs.contentOf(path))
      for (const secret of secrets) {
        expect(content.includes(Buffer.from(secret))).toBe(false)
        expect(content.includes(toBase64Url(secret))).toBe(false)
      }
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

  it('closes the rest when one piece fails, says so, and lets the vault be opened again', async () => {
    const person = await personWithVault()
    const { vault, desk } = person
    const opened = vault.open()
    const { blobs, recordings, journal } = opened
    const { privateKey } = opened.tls()
    vi.spyOn(blobs, 'close').mockImplementation(() => {
      throw new Error('blobs failed')
    })
    await expect(vault.lock('button')).rejects.toThrow('blobs failed')
    expect(privateKey).toEqual(new Uint8Array(privateKey.length))
    await expect(recordings.names()).rejects.toMatchObject({ code: 'not-recorded' })
    await expect(journal.append('statements', 's', utf8('s'))).rejects.toMatchObject({ code: 'closed' })
    expect(await unlockWith(person, desk)).toMatchObject({ kind: 'done' })
    await vault.lock('button')
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
