import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { EMERGENCY_USER } from '../../../e2e/sandbox-aws/sandbox.ts'
import type { ShellWorker } from '../../shell/shell.ts'
import { awsIssuer } from '../aws/issuer.ts'
import { NO_PROGRESS, type Progress } from '../aws/rotation.ts'
import { type RotateWorker, startRotation } from './rotate-client.ts'
import { type Bench, type Scene, setScene, setUpBench } from './testing/bench.ts'
import { credentialOf, dealOrder, goFacts } from './testing/organization.ts'

let bench: Bench
let scene: Scene
let process: ShellWorker
let worker: RotateWorker
beforeAll(async () => {
  bench = await setUpBench()
})
afterAll(() => bench.remove())
beforeEach(async () => {
  scene = await setScene()
  process = bench.start()
  worker = await begin(60_000)
})
afterEach(async () => {
  await worker.end()
  await scene.sandbox.close()
})

/** Gives the worker a rotator that the scene's key made. */
async function begin(holdMs: number): Promise<RotateWorker> {
  const { sandbox, organization, dealt } = scene
  const access = { ...goFacts(organization, dealt, sandbox).access, aftercare: sandbox.aftercare }
  const { rotator } = await awsIssuer().aftercare({
    credential: credentialOf(sandbox),
    access,
    attempt: 1,
    request: goFacts(organization, dealt, sandbox).request,
    issuer: organization.issuer.member,
    issued: { userId: null, expires: Date.now() + 900_000, skewMs: null },
    signal: new AbortController().signal,
  })
  const facts = { iam: sandbox.iam, regions: [...sandbox.regions], holdMs }
  return startRotation(process, facts, rotator?.session ?? new Uint8Array(0))
}

const record = (change: object = {}) => {
  const old = scene.sandbox.accessKey.accessKeyId
  return { old, named: [old], sound: [old], next: [], isHeld: false, isOldNeeded: false, deletesAt: null, ...change }
}
const unkept = () => Promise.reject(new TypeError('nothing is to be kept here'))
const active = () => scene.sandbox.activeKeys(EMERGENCY_USER.name)

/** Creates a key, and tries it. */
async function make(): Promise<Progress> {
  const created = await worker.turn(record(), NO_PROGRESS, () => Promise.resolve())
  return (await worker.turn(record(), created.progress, unkept)).progress
}

describe('a worker that replaces a key', () => {
  it('has what it asks for kept before the key is there, and tells of the key no more than its id', async () => {
    let keysThen: readonly string[] = []
    const keep = vi.fn<(progress: Progress) => Promise<void>>(async () => {
      keysThen = active()
    })
    const { outcome, progress, holds } = await worker.turn(record(), NO_PROGRESS, keep)
    expect(keep).toHaveBeenCalledOnce()
    expect(keysThen).toHaveLength(1)
    expect(active()).toHaveLength(2)
    expect(outcome).toEqual({ is: 'created', accessKeyId: progress.made })
    expect(holds).toBe(progress.made)
  })
  it('creates none if that cannot be kept, and ends', async () => {
    const keep = () => Promise.reject(new TypeError('the disk is full'))
    await expect(worker.turn(record(), NO_PROGRESS, keep)).rejects.toThrow('the disk is full')
    await process.exited
    expect(active()).toHaveLength(1)
  })
  it('deals the key that it created, and as often as it is asked; nothing of its secret leaves it otherwise', async () => {
    const { made } = await make()
    const order = { ...dealOrder(scene.organization), generation: 2 }
    const [one, other] = [await worker.deal(order), await worker.deal(order)]
    expect(one.header).toMatchObject({ accessKeyId: made, generation: 2 })
    expect(one.boxes).toHaveLength(order.custodians.length)
    expect(other.header.nonce).not.toBe(one.header.nonce)
  })
  it('has no key before it created one, and none any more once it worked without the old one', async () => {
    const order = dealOrder(scene.organization)
    await expect(worker.deal(order)).rejects.toMatchObject({ code: 'refused' })
    let progress = await make()
    const held = () => record({ sound: [scene.sandbox.accessKey.accessKeyId, progress.made], isHeld: true })
    ;({ progress } = await worker.turn(held(), progress, unkept))
    const retested = await worker.turn(held(), progress, unkept)
    expect(retested).toMatchObject({ outcome: { is: 'retested' }, holds: null })
    expect(active()).toEqual([progress.made])
    await expect(worker.deal(order)).rejects.toMatchObject({ code: 'refused' })
  })
  it('ends when the time of what it was given is over', async () => {
    await worker.end()
    process = bench.start()
    worker = await begin(50)
    await process.exited
    await expect(worker.turn(record(), NO_PROGRESS, () => Promise.resolve())).rejects.toMatchObject({ code: 'gone' })
  })
})
