import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { execPath, kill, platform } from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { EMERGENCY_ROLE, type SandboxOptions } from '../../../e2e/sandbox-aws/sandbox.ts'
import { readyWorker } from './client.ts'
import { type Bench, go, type Readied, type Scene, setReady, setUpBench } from './testing/bench.ts'
import { goFacts, shareFacts } from './testing/organization.ts'

let bench: Bench
let scene: Scene

beforeAll(async () => {
  bench = await setUpBench()
})
afterAll(() => bench.remove())
afterEach(() => scene.sandbox.close())

async function ready(indexes: readonly number[], options: SandboxOptions = {}): Promise<Readied> {
  const readied = await setReady(bench, indexes, options)
  scene = readied
  return readied
}

describe('a failure of AWS ends the attempt with its reason', () => {
  const noTags = { ...EMERGENCY_ROLE, trust: EMERGENCY_ROLE.trust.replace('"sts:TagSession",', '') }
  it.each<[string, string, boolean, SandboxOptions, () => void]>([
    [
      'a wrong AWS key',
      'wrong-key',
      false,
      {},
      () => scene.sandbox.setActive(scene.sandbox.accessKey.accessKeyId, false),
    ],
    ['a denied AssumeRole', 'denied', false, { roles: [noTags] }, () => undefined],
    ['throttling everywhere', 'throttled', false, {}, () => scene.sandbox.fault({ kind: 'throttled' }, { times: 2 })],
    [
      'a broken connection before',
      'unreachable',
      true,
      {},
      () => scene.sandbox.fault({ kind: 'cut', done: false }, { times: 2 }),
    ],
    [
      'a broken connection after',
      'unreachable',
      true,
      {},
      () => scene.sandbox.fault({ kind: 'cut', done: true }, { times: 2 }),
    ],
    ['clock skew', 'clock-skew', false, {}, () => scene.sandbox.setClockSkew(20 * 60_000)],
  ])('%s', async (_, code, mayExist, options, fail) => {
    const { worker, process, releases } = await ready([1, 2, 3], options)
    fail()
    const gone = await go(scene, worker, releases)
    expect(gone).toMatchObject({ is: 'failed', code, mayExist })
    expect(JSON.stringify(gone)).not.toContain(scene.sandbox.accessKey.secretAccessKey)
    await process.exited
    expect(scene.sandbox.log.some(({ issued }) => issued !== null)).toBe(
      code === 'unreachable' && scene.sandbox.log.some(({ done }) => done),
    )
  })
  it('a session policy that is too large', async () => {
    const { worker, releases } = await ready([1, 2, 3])
    const dense = Array.from({ length: 170 }, (_, at) =>
      Math.sin(at + 1)
        .toString(36)
        .slice(2),
    )
      .join('')
      .slice(0, 1900)
    const sessionPolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Sid: dense, Effect: 'Deny', Action: '*', Resource: '*' }],
    })
    const { access } = goFacts(scene.organization, scene.dealt, scene.sandbox)
    const gone = await go(scene, worker, releases, { access: { ...access, sessionPolicy } })
    expect(gone).toMatchObject({ is: 'failed', code: 'policy-too-large', mayExist: false })
  })
  it('a time-out', { timeout: 20_000 }, async () => {
    const { worker, releases } = await ready([1, 2, 3], { regions: ['eu-central-1'] })
    scene.sandbox.fault({ kind: 'silent', done: true })
    expect(await go(scene, worker, releases)).toMatchObject({ is: 'failed', code: 'timed-out', mayExist: true })
  })
})

describe('the worker process', () => {
  it('killed before go loses its key: what was released to it opens for nobody', async () => {
    const { worker, process, releases } = await ready([1, 2, 3])
    process.kill()
    await process.exited
    expect(await go(scene, worker, releases)).toMatchObject({ is: 'failed', code: 'worker-gone' })
    const next = await readyWorker(bench.start())
    expect(await go(scene, next, releases)).toMatchObject({ is: 'shares', good: [], missing: 3 })
    await next.abandon()
    expect(scene.sandbox.log).toEqual([])
  })
  it('killed while AWS is asked leaves the word that a session may exist', async () => {
    const { worker, process, releases } = await ready([1, 2, 3])
    scene.sandbox.fault({ kind: 'silent', done: true })
    const going = go(scene, worker, releases)
    await expect.poll(() => scene.sandbox.log.length).toBe(1)
    process.kill()
    expect(await going).toMatchObject({ is: 'failed', code: 'worker-gone', mayExist: true })
  })
  it('ends when main goes away', async () => {
    const { process } = await ready([])
    process.finish()
    expect(await process.exited).toBe(0)
  })
  it('ends after the credential was touched, so that a second go finds nothing', async () => {
    const { worker, process, releases } = await ready([1, 2, 3])
    expect(await go(scene, worker, releases)).toMatchObject({ is: 'issued' })
    await process.exited
    expect(await go(scene, worker, releases)).toMatchObject({ is: 'failed', code: 'worker-gone' })
    expect(scene.sandbox.log).toHaveLength(1)
  })
  it.skipIf(platform !== 'linux')('has no arguments, environment, core dump, open file or debugger', async () => {
    const { worker, releases } = await ready([1, 2, 3])
    const pid = youngestWorker()
    const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
    expect(read('cmdline').split('\0')).toEqual([execPath, fileURLToPath(bench.program), ''])
    // The shell that sets the core limit adds its folder.
    expect(read('environ').replace(/^PWD=[^\0]*\0/, '')).toBe('')
    expect(read('limits')).toMatch(/^Max core file size +0 /m)
    expect(read('coredump_filter').trim()).toBe('00000000')
    const open = () => readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
    expect(open().filter((target) => target.startsWith('/') && !target.startsWith('/dev/'))).toEqual([])
    const sockets = () => open().filter((target) => target.startsWith('socket:'))
    const before = sockets()
    kill(pid, 'SIGUSR1')
    // Had the signal opened a debugger, its socket would be there by the time this is answered.
    expect(await worker.check({ ...shareFacts(scene.organization, scene.dealt), releases })).toMatchObject({
      missing: 0,
    })
    expect(sockets()).toEqual(before)
    await worker.abandon()
  })
})

/** The process id of the worker that was started last. What else was started from here, such as a compiler's service, is none. */
function youngestWorker(): number {
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '),
  )
  return Math.max(...children.filter((pid) => wordsOf(pid).includes(fileURLToPath(bench.program))).map(Number))
}

/** The words a process was started with; none if it ended meanwhile. */
function wordsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

/** Where a descriptor points; nothing if it was closed meanwhile. */
function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)]
  } catch {
    return []
  }
}
