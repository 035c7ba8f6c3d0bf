import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { standInUtility } from '../../shell/electron/testing/stand-in-utility.ts'
import { startUtilityWorker } from '../../shell/electron/utility-worker.ts'
import { standingOf } from '../aws/identity.ts'
import { dealInWorker } from './client.ts'
import { type Bench, go, type Scene, sessionOf, setReady, setScene, setUpBench } from './testing/bench.ts'
import { credentialOf, dealOrder, shareFacts } from './testing/organization.ts'

// The same worker as in worker.test.ts, started as Electron starts one: no pipes, a port for messages.

let bench: Bench
let scene: Scene

beforeAll(async () => {
  bench = await setUpBench((program) => startUtilityWorker({ utilityProcess: standInUtility() }, program))
})
afterAll(() => bench.remove())
afterEach(() => scene.sandbox.close())

it('deals, and ends', async () => {
  scene = await setScene()
  const process = bench.start()
  const dealt = await dealInWorker(process, dealOrder(scene.organization), credentialOf(scene.sandbox))
  expect(dealt.boxes).toHaveLength(5)
  await process.exited
})

it('checks shares, issues a session that works, and ends', async () => {
  const readied = await setReady(bench, [1, 3, 5])
  scene = readied
  const { worker, process, releases } = readied
  expect(await worker.check({ ...shareFacts(scene.organization, scene.dealt), releases })).toMatchObject({
    good: [1, 3, 5],
    missing: 0,
  })
  const session = await sessionOf(scene, await go(scene, worker, releases))
  const endpoint = scene.sandbox.endpoints['eu-central-1'] ?? ''
  expect(await standingOf(session, endpoint)).toMatchObject({ standing: 'alive' })
  await process.exited
})

it('that is killed while it waits is told as gone', async () => {
  const readied = await setReady(bench, [1, 2, 3])
  scene = readied
  readied.process.kill()
  expect(await go(scene, readied.worker, readied.releases)).toMatchObject({ is: 'failed', code: 'worker-gone' })
})
