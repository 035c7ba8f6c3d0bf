import { chmod, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makePrivateDir } from './private-dir.ts'

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lockbox-private-'))
})
afterEach(() => rm(parent, { recursive: true }))

const modeOf = async (path: string): Promise<string> => ((await lstat(path)).mode & 0o777).toString(8)

it('makes a directory, and those above it, that only its owner can enter', async () => {
  await makePrivateDir(join(parent, 'a', 'b'))
  expect([await modeOf(join(parent, 'a')), await modeOf(join(parent, 'a', 'b'))]).toEqual(['700', '700'])
})

it('closes one that was open to others', async () => {
  const path = join(parent, 'open')
  await mkdir(path)
  await chmod(path, 0o755)
  await makePrivateDir(path)
  expect(await modeOf(path)).toBe('700')
})

it('does not follow a link that somebody put in its place', async () => {
  await mkdir(join(parent, 'target'))
  await symlink(join(parent, 'target'), join(parent, 'link'))
  await expect(makePrivateDir(join(parent, 'link'))).rejects.toMatchObject({ code: 'not-private' })
})

it('does not take a file for a directory', async () => {
  await writeFile(join(parent, 'file'), '')
  await expect(makePrivateDir(join(parent, 'file'))).rejects.toThrow('EEXIST')
})
