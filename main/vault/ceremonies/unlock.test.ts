import { describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../shared/bytes.ts'
import type { Step } from '../../../shared/ceremony.ts'
import { jcs } from '../../../shared/jcs.ts'
import { fileOf, ORDER, personWithVault, restarted, unlockWith, VAULT_FILES, withFile } from '../testing/vaults.ts'
import { newKey, play, touch } from '../testing/window.ts'
import type { VaultFile } from '../vault-file.ts'

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
    expect(journal.accepted.map(({ kind }) => kind)).toEqual(['emptied'])
  })

  it('says once what the journal lost: whoever accepted it is not told at each unlock', async () => {
    const person = await personWithVault()
    const fs = person.fs.afterKill()
    fs.tamper('/profile/vault/journal', () => new Uint8Array())
    const first = await restarted(person, fs)
    await unlockWith(first, first.desk)
    const { journal, problems } = first.vault.open()
    await journal.accept(problems)
    const again = await restarted(first)
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'done', notices: [] })
    const { accepted } = again.vault.open().journal
    expect(accepted.map(({ message }) => message)).toEqual(['records 0 to 1 were removed from the file'])
  })

  it('names a record that was being written at the end apart from damage, since nobody has to accept it', async () => {
    const person = await personWithVault()
    const fs = person.fs.afterKill()
    fs.tamper('/profile/vault/journal', (bytes) => Uint8Array.from([...bytes, ...utf8('LBJR and no more')]))
    const again = await restarted(person, fs)
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'done', notices: [{ code: 'journal-tail' }] })
    await again.vault.open().journal.append('statements', 's', utf8('s'))
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

  it.each([
    ['the file is beyond reading', VAULT_FILES[0], (bytes: Uint8Array) => bytes.slice(0, 100)],
    ['the file is missing', VAULT_FILES[0], null],
    ['the copy is beyond reading', VAULT_FILES[1], (bytes: Uint8Array) => bytes.slice(0, 100)],
    ['the copy is missing', VAULT_FILES[1], null],
  ])('is written anew from the other where %s, which is said once', async (_what, path, change) => {
    const person = await personWithVault()
    const good = person.fs.contentOf(path)
    const fs = person.fs.afterKill()
    if (change === null) await fs.remove(path)
    else fs.tamper(path, change)
    const again = await restarted(person, fs)
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'done', notices: [{ code: 'vault-copy' }] })
    expect(fs.contentOf(path)).toEqual(good)
    const afterwards = await restarted(again)
    expect(await unlockWith(afterwards, afterwards.desk)).toMatchObject({ kind: 'done', notices: [] })
  })

  it('of which somebody changed the one that is read is not written over the other', async () => {
    const person = await personWithVault()
    const fs = person.fs.afterKill()
    const file = fileOf(person)
    fs.tamper(VAULT_FILES[0], () => jcs({ ...file, tag: toBase64Url(new Uint8Array(32)) }))
    const again = await restarted(person, fs)
    const { notices } = (await unlockWith(again, again.desk)) as { notices: { code: string }[] }
    expect(notices.map(({ code }) => code)).toEqual(['vault-copy', 'vault-altered'])
    expect(fs.contentOf(VAULT_FILES[1])).toEqual(jcs(file))
  })

  it('and whose copy is gone too makes the vault damaged, never none', async () => {
    for (const lose of [(path: string) => path, null]) {
      const person = await personWithVault()
      const fs = person.fs.afterKill()
      for (const path of VAULT_FILES) {
        if (lose) await fs.remove(lose(path))
        else fs.tamper(path, () => utf8('{}'))
      }
      const { vault } = await restarted(person, fs)
      expect(vault.status()).toBe('damaged')
      await expect(vault.setUp(ORDER)).rejects.toMatchObject({ code: 'unreadable' })
    }
  })
})
