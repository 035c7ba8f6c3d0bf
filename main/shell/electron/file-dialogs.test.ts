import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFile, saveFile } from './file-dialogs.ts'
import { FakeElectron } from './testing/fake-electron.ts'

let directory: string
let fake: FakeElectron
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockbox-dialogs-'))
  fake = new FakeElectron()
})
afterEach(() => rm(directory, { recursive: true }))

const open = (extensions: readonly string[], maxBytes = 100) =>
  openFile(fake.electron, fake.windowObject, extensions, maxBytes)

describe('opening', () => {
  it.each([
    [['.lbx', '.txt'], [{ name: '.lbx, .txt', extensions: ['lbx', 'txt'] }]],
    [[], []],
  ])('asks for one file of %j, and takes no for an answer', async (extensions, filters) => {
    expect(await open(extensions)).toBeNull()
    expect(fake.calls).toEqual([['dialog.showOpenDialog', { filters, properties: ['openFile'] }]])
  })

  it.each([
    [5, 'note.txt: gruen'],
    [4, 'file-too-large'],
  ])('gives a file of 5 bytes where %i may be', async (maxBytes, outcome) => {
    const path = join(directory, 'note.txt')
    await writeFile(path, 'gruen')
    fake.picked = { canceled: false, filePaths: [path] }
    const came = await open(['.txt'], maxBytes).then(
      (file) => `${file?.name}: ${new TextDecoder().decode(file?.bytes)}`,
      (error: { code: string }) => error.code,
    )
    expect(came).toBe(outcome)
  })

  it('says so where a file cannot be read, without its path', async () => {
    fake.picked = { canceled: false, filePaths: [join(directory, 'absent.txt')] }
    await expect(open([])).rejects.toMatchObject({
      code: 'refused',
      message: 'absent.txt cannot be read: may you read it?',
    })
  })
})

describe('saving', () => {
  const save = () => saveFile(fake.electron, fake.windowObject, 'case-3f9a.lbx', Uint8Array.of(1, 2))

  it('asks where, and takes no for an answer', async () => {
    expect(await save()).toBe(false)
    expect(fake.calls).toEqual([
      [
        'dialog.showSaveDialog',
        {
          defaultPath: 'case-3f9a.lbx',
          filters: [{ name: '.lbx', extensions: ['lbx'] }],
          properties: ['createDirectory', 'showOverwriteConfirmation'],
        },
      ],
    ])
  })

  it('writes where the person said', async () => {
    const filePath = join(directory, 'mine.lbx')
    fake.chosen = { canceled: false, filePath }
    expect(await save()).toBe(true)
    expect([...(await readFile(filePath))]).toEqual([1, 2])
  })

  it('says so where nothing can be written', async () => {
    fake.chosen = { canceled: false, filePath: join(directory, 'absent', 'mine.lbx') }
    const named: unknown = expect.stringContaining('ENOENT')
    await expect(save()).rejects.toMatchObject({ code: 'refused', message: named })
  })
})
