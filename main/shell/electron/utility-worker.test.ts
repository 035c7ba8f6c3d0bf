import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Call } from './testing/only.ts'
import { standInUtility } from './testing/stand-in-utility.ts'
import { forkOptions, startUtilityWorker } from './utility-worker.ts'

let directory: string
let program: URL

// The small worker of the shell's window tests: it answers each frame with what it sees of itself.
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockbox-utility-'))
  const outfile = join(directory, 'worker.mjs')
  const source = new URL('../../../e2e/windows/fixture/worker.ts', import.meta.url)
  await build({ entryPoints: [fileURLToPath(source)], outfile, bundle: true, platform: 'node', format: 'esm' })
  program = pathToFileURL(outfile)
})
afterAll(() => rm(directory, { recursive: true }))

const started = (calls: Call[] = []) => startUtilityWorker({ utilityProcess: standInUtility(calls) }, program)

it.each([
  ['linux', { LOCKBOX_WORKER: '1' }],
  ['darwin', { LOCKBOX_WORKER: '1' }],
  ['win32', { LOCKBOX_WORKER: '1', SystemRoot: 'C:\\Windows' }],
])('gives a worker on %s no argument, no output, and nothing of our environment', (platform, env) => {
  const ours = { SystemRoot: 'C:\\Windows', AWS_SECRET_ACCESS_KEY: 'x', NODE_OPTIONS: '--inspect' }
  expect(forkOptions(platform, ours)).toEqual({ env, execArgv: [], stdio: 'ignore', serviceName: 'Lockbox worker' })
})

it('starts it by its program alone', () => {
  const calls: Call[] = []
  const worker = started(calls)
  expect(calls).toEqual([
    ['utilityProcess.fork', fileURLToPath(program), [], forkOptions(process.platform, process.env)],
  ])
  worker.kill()
})

it('carries frames both ways; the worker ends when nothing more will come', async () => {
  const worker = started()
  await worker.send(Uint8Array.of(1, 2, 3))
  worker.finish()
  const answers: unknown[] = []
  for await (const frame of worker.frames) answers.push(JSON.parse(new TextDecoder().decode(frame)))
  expect(answers).toMatchObject([{ arguments: 2, backwards: [3, 2, 1] }])
  const { environment } = answers[0] as { environment: string[] }
  expect(environment).toContain('LOCKBOX_WORKER')
  expect(environment).not.toContain('PATH')
  expect(await worker.exited).toBe(0)
})

it('is killed at once, also where it has not started yet', async () => {
  const worker = started()
  worker.kill()
  expect(await worker.exited).toBeNull()
  const frames: Uint8Array[] = []
  for await (const frame of worker.frames) frames.push(frame)
  expect(frames).toEqual([])
})

it('that is gone takes nothing more', async () => {
  const worker = started()
  await worker.send(Uint8Array.of(1))
  worker.kill()
  await worker.exited
  await expect(worker.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'closed' })
})
