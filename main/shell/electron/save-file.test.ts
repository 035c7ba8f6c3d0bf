import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { saveFile } from './save-file.ts'
import { FakeElectron } from './testing/fake-electron.ts'

let directory: string
let fake: FakeElectron
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockbox-dialogs-'))
  fake = new FakeElectron()
})
afterEach(() => rm(directory, { recursive: true }))

describe('saving', () => {
  const save = (name = 'case-3f9a.lbx') => saveFile(fake.electron, fake.windowObject, name, Uint8Array.of(1, 2))

  it.each([
    ['case-3f9a.lbx', [{ name: '.lbx', extensions: ['lbx'] }]],
    ['README', []],
  ])('asks where to save %s, and takes no for an answer', async (defaultPath, filters) => {
    expect(await save(defaultPath)).toBe(false)
    const properties = ['createDirectory', 'showOverwriteConfirmation']
    expect(fake.calls).toEqual([['dialog.showSaveDialog', { defaultPath, filters, properties }]])
  })

  it('writes where the person said', async () => {
    const filePath = join(directory, 'mine.lbx')
    fake.chosen = { canceled: false, filePath }
    expect(await save()).toBe(true)
    expect([...(await readFile(filePath))]).toEqual([1, 2])
  })

  it('leaves what was there as it was where the new file cannot be written whole, and nothing beside it', async () => {
    const filePath = join(directory, 'mine.lbx')
    await writeFile(filePath, 'an older export')
    fake.chosen = { canceled: false, filePath }
    // In the place of the part that would be written: as a full disk, it takes none.
    await symlink('/dev/full', `${filePath}.part`)
    const named: unknown = expect.stringContaining('ENOSPC')
    await expect(save()).rejects.toMatchObject({ code: 'refused', message: named })
    expect(await readFile(filePath, 'utf8')).toBe('an older export')
    expect(await readdir(directory)).toEqual(['mine.lbx'])
  })

  it('says so where nothing can be written', async () => {
    fake.chosen = { canceled: false, filePath: join(directory, 'absent', 'mine.lbx') }
    const named: unknown = expect.stringContaining('ENOENT')
    await expect(save()).rejects.toMatchObject({ code: 'refused', message: named })
  })
})
