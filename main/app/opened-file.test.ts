import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { OpenedFile } from './opened-file.ts'

let dir: string
let file: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockbox-opened-'))
  file = join(dir, 'lockbox-2026-11-28.bundle')
})
afterEach(() => rm(dir, { recursive: true }))

function opened(path: string): OpenedFile {
  const one = new OpenedFile(() => undefined)
  one.open(path)
  return one
}

it('is read as it is when it is wanted, and shown by its name alone', async () => {
  const one = opened(file)
  await writeFile(file, 'hello')
  expect(one.view()).toEqual({ number: 1, name: 'lockbox-2026-11-28.bundle' })
  expect(Buffer.from(await one.read()).toString()).toBe('hello')
})

it('takes the place of the one before, under another number', () => {
  let changes = 0
  const one = new OpenedFile(() => changes++)
  one.open(file)
  one.open('/elsewhere/other.lockbox')
  expect(one.view()).toEqual({ number: 2, name: 'other.lockbox' })
  one.close()
  expect(one.view()).toBeNull()
  expect(changes).toBe(3)
})

it('is not there any more once it was closed', async () => {
  const one = opened(file)
  one.close()
  await expect(one.read()).rejects.toMatchObject({ code: 'not-found' })
})

it.each<[string, string, () => Promise<unknown>]>([
  ['no file at all', 'no-file', async () => undefined],
  ['a directory', 'no-file', () => mkdir(file)],
  ['a pipe, which would be waited for', 'no-file', async () => execFileSync('mkfifo', [file])],
  [
    'a link, even to a file that may be read',
    'no-file',
    async () => {
      await writeFile(join(dir, 'real'), 'hello')
      await symlink(join(dir, 'real'), file)
    },
  ],
  [
    'more than 64 MiB',
    'too-large',
    async () => {
      const large = await open(file, 'w')
      await large.truncate(64 * 2 ** 20 + 1)
      await large.close()
    },
  ],
])('is refused if it is %s', async (_what, code, make) => {
  await make()
  await expect(opened(file).read()).rejects.toMatchObject({ code })
})
