import { describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import { MemoryDisk } from './testing/memory-disk.ts'
import { fileOf, newPerson, ORDER, personWithVault, restarted, unlockWith, VAULT_FILES } from './testing/vaults.ts'
import { play, withKeys } from './testing/window.ts'

describe('a vault of another version', () => {
  it.each([
    ['lockbox/vault/v2', 'newer-version', 'has version 2 of its format; this Lockbox knows version 1'],
    ['lockbox/vault/v0', 'older-version', 'has version 0 of its format; this Lockbox knows version 1'],
  ])('%s is refused as %s; nothing in the profile is changed, and no new vault is made', async (format, code, says) => {
    const person = await personWithVault()
    const fs = person.fs.afterKill()
    const changed = jcs({ ...fileOf(person), format, whatComesLater: true })
    for (const path of VAULT_FILES) fs.tamper(path, () => changed)
    const before = fs.snapshot()
    const { vault } = await restarted(person, fs)
    expect(vault.status()).toBe('damaged')
    expect(vault.trouble()).toEqual({ code, detail: `the vault file ${says}` })
    await expect(vault.unlock()).rejects.toMatchObject({ code })
    await expect(vault.setUp(ORDER)).rejects.toMatchObject({ code })
    expect(fs.snapshot()).toEqual(before)
  })

  it('is refused too when an update was cut off between the file and its copy', async () => {
    const person = await personWithVault()
    const fs = person.fs.afterKill()
    fs.tamper(VAULT_FILES[1], () => jcs({ ...fileOf(person), format: 'lockbox/vault/v2' }))
    expect((await restarted(person, fs)).vault.trouble()).toMatchObject({ code: 'newer-version' })
  })

  it('is told apart from a journal of a later version, which shows only when it is opened', async () => {
    const person = await personWithVault()
    await person.vault.open().journal.append('statement', 's', utf8('later'), { version: 2 })
    await person.vault.lock('button')
    const fs = person.fs.afterKill()
    const again = await restarted(person, fs)
    const before = fs.snapshot()
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'refused', code: 'newer-version' })
    expect(again.vault.status()).toBe('locked')
    expect(fs.snapshot()).toEqual(before)
  })
})

describe('a profile whose vault is gone', () => {
  it('is damaged where one is expected, and no new one is made in its place', async () => {
    const { vault } = await newPerson(new MemoryDisk(), { expected: true })
    expect(vault.status()).toBe('damaged')
    expect(vault.trouble()).toMatchObject({ code: 'vault-gone' })
    await expect(vault.setUp(ORDER)).rejects.toMatchObject({ code: 'vault-gone' })
  })
})

describe('a vault on a disk that takes no writes', () => {
  it.each([
    ['EROFS', 'read-only'],
    ['EACCES', 'read-only'],
    ['EIO', 'disk-failed'],
  ])('(%s) is not opened, as %s, stays locked and unchanged, and opens once the disk does', async (error, code) => {
    const person = await personWithVault()
    await person.vault.lock('button')
    const fs = person.fs.afterKill()
    const again = await restarted(person, fs)
    const before = fs.snapshot()
    fs.faults.writeError = error
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'refused', code })
    expect(again.vault.status()).toBe('locked')
    expect(fs.snapshot()).toEqual(before)
    delete fs.faults.writeError
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'done' })
  })

  it('keeps nothing open of a vault of which only a part could be opened', async () => {
    const person = await personWithVault()
    await person.vault.lock('button')
    const fs = person.fs.afterKill()
    const again = await restarted(person, fs)
    // The journal is open by then; what travels beside statements lies in a directory of its own.
    const makeDir = fs.makeDir.bind(fs)
    const broken = vi.spyOn(fs, 'makeDir').mockImplementation(async (path) => {
      if (path.endsWith('/blobs')) throw Object.assign(new Error('EIO'), { code: 'EIO' })
      await makeDir(path)
    })
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'refused', code: 'disk-failed' })
    expect([again.vault.status(), fs.openFiles]).toEqual(['locked', 0])
    broken.mockRestore()
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'done' })
    expect(fs.openFiles).toBeGreaterThan(0)
    await again.vault.lock('button')
    expect(fs.openFiles).toBe(0)
  })

  it('is locked again where it opened and what it remembers of its keys cannot be read', async () => {
    const person = await personWithVault()
    await person.vault.open().journal.append('counters', 'a key', utf8('nothing that counts'))
    await person.vault.lock('button')
    const fs = person.fs.afterKill()
    const again = await restarted(person, fs)
    expect(await unlockWith(again, again.desk)).toMatchObject({ kind: 'refused', code: 'failed' })
    expect([again.vault.status(), fs.openFiles]).toEqual(['locked', 0])
  })

  it('cannot be set up, and says why', async () => {
    const person = await newPerson()
    person.fs.faults.writeError = 'EROFS'
    const touch = withKeys({ Desk: person.desk, 'Backup (safe)': person.backup }, person.desk)
    expect(await play(person.vault, person.vault.setUp(ORDER), touch)).toMatchObject({ code: 'read-only' })
    expect(person.vault.status()).toBe('none')
  })
})

describe('the state of the disk', () => {
  it('is told when it changes, and is well again when the vault is opened anew', async () => {
    const person = await personWithVault()
    const { vault, fs, desk } = person
    const told: string[] = []
    vault.onDisk(() => told.push(vault.disk().condition))
    fs.faults.syncError = 'EIO'
    await expect(vault.open().journal.append('statement', 's', utf8('s'))).rejects.toMatchObject({
      code: 'disk-failed',
    })
    expect(told).toEqual(['disk-failed'])
    await vault.lock('button')
    expect(vault.disk().condition).toBe('disk-failed')
    await unlockWith(person, desk)
    expect(vault.disk()).toEqual({ condition: 'well', detail: '', slowSince: null })
  })

  it('is slow while a call does not come back; what is recorded waits, and is kept', async () => {
    const { vault, fs } = await personWithVault()
    let letGo: () => void = () => undefined
    fs.faults.slow = new Promise((resolve) => {
      letGo = resolve
    })
    let kept = false
    const { journal } = vault.open()
    const appended = journal.append('statement', 's', utf8('s')).then(() => {
      kept = true
    })
    await vi.waitFor(() => expect(vault.disk().slowSince).toEqual(expect.any(Number)), { timeout: 10_000 })
    expect(kept).toBe(false)
    letGo()
    await appended
    expect(kept).toBe(true)
    expect(vault.disk()).toEqual({ condition: 'well', detail: '', slowSince: null })
  })
})
