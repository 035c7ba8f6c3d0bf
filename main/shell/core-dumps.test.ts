import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { forbidCoreDumps } from './core-dumps.ts'

const coreLimit = async (pid: number) =>
  /Max core file size\s+(\S+)\s+(\S+)/.exec(await readFile(`/proc/${pid}/limits`, 'utf8'))?.slice(1)

it.runIf(process.platform === 'linux')('forbids core files to a process and to what it started before', async () => {
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [said] = (await once(parent.stdout, 'data')) as [Buffer]
  const [pid, child] = [parent.pid ?? 0, Number(said.toString())]
  try {
    expect(await forbidCoreDumps(pid)).toBe(true)
    expect(await Promise.all([pid, child].map(coreLimit))).toEqual([
      ['0', '0'],
      ['0', '0'],
    ])
  } finally {
    process.kill(child)
    await once(parent, 'exit')
  }
})

it.runIf(process.platform === 'linux')('says so where it could not', async () => {
  const gone = spawn('/bin/true')
  await once(gone, 'exit')
  expect(await forbidCoreDumps(gone.pid)).toBe(false)
})
