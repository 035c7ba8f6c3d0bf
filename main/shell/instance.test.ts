import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { focusAddress, takeProfile } from './instance.ts'

let profile: string

beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'lockbox-profile-'))
})
afterEach(() => rm(profile, { recursive: true, force: true }))

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

it('lets the second start focus the first, and have nothing', async () => {
  let focused = 0
  const first = await takeProfile(profile, () => focused++)
  expect(await takeProfile(profile, () => {})).toBeNull()
  expect(focused).toBe(1)
  await first?.release()
})

it('hands the first start the file that the second was to open', async () => {
  const seconds: unknown[] = []
  const first = await takeProfile(profile, (second) => seconds.push(second))
  expect(await takeProfile(profile, () => {}, '/home/ana/a log.bundle')).toBeNull()
  expect(await takeProfile(profile, () => {})).toBeNull()
  expect(seconds).toEqual([{ open: '/home/ana/a log.bundle' }, { open: null }])
  await first?.release()
})

it.runIf(process.platform !== 'win32').each([
  ['a path that is not absolute', '{"open":"here.bundle"}\n'],
  ['what is no JSON', 'open it\n'],
  ['a line without an end', '{"open":"/'.padEnd(20_000, 'x')],
])('neither answers nor heeds %s', async (_what, text) => {
  const seconds: unknown[] = []
  const first = await takeProfile(profile, (second) => seconds.push(second))
  const peer = connect(focusAddress(profile, process.platform), () => peer.write(text))
  let answer = ''
  peer.on('data', (bytes) => {
    answer += String(bytes)
  })
  await once(peer, 'close')
  expect([answer, seconds]).toEqual(['', []])
  await first?.release()
})

it('is free again when released', async () => {
  await (await takeProfile(profile, () => {}))?.release()
  const second = await takeProfile(profile, () => {})
  expect(second).not.toBeNull()
  await second?.release()
})

it('takes the profile of a process that died', async () => {
  await writeFile(join(profile, 'lock'), `${await deadPid()} boot/1`)
  await writeFile(join(profile, 'focus'), '')
  const taken = await takeProfile(profile, () => {})
  expect(taken).not.toBeNull()
  await taken?.release()
})

it.runIf(process.platform === 'linux')('is not fooled by a process number that is used again', async () => {
  await writeFile(join(profile, 'lock'), `${process.pid} boot/1`)
  const taken = await takeProfile(profile, () => {})
  expect(taken).not.toBeNull()
  await taken?.release()
})

it('gives the profile of a dead process to one of many that start at once', async () => {
  await writeFile(join(profile, 'lock'), `${await deadPid()} boot/1`)
  const taken = await Promise.all(Array.from({ length: 8 }, () => takeProfile(profile, () => {})))
  const holders = taken.filter((instance) => instance !== null)
  expect(holders).toHaveLength(1)
  await holders[0]?.release()
  expect(await readdir(profile)).toEqual([])
  await expect(access(join(profile, 'lock'))).rejects.toThrow('ENOENT')
})

it('listens inside the profile, and on Windows on a pipe that only this profile has', () => {
  expect(focusAddress('/home/ana/lockbox', 'linux')).toBe('/home/ana/lockbox/focus')
  const pipe = focusAddress('C:\\Users\\Ana\\Lockbox', 'win32')
  expect(pipe).toMatch(/^\\\\\.\\pipe\\lockbox-focus-[0-9a-f]{32}$/)
  expect(focusAddress('c:\\users\\ana\\lockbox', 'win32')).toBe(pipe)
  expect(focusAddress('C:\\Users\\Leo\\Lockbox', 'win32')).not.toBe(pipe)
})
