import { randomFillSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { awsIssuer } from '../aws/issuer.ts'
import { type Message, messageBytes } from './messages.ts'
import { serve } from './serve.ts'

const MINUTE = 60_000
const REGION = { region: 'eu-west-1', endpoint: 'http://127.0.0.1:1' }
const ISSUE: Message = { facts: { job: 'issue' }, parts: [] }
const ROTATE: Message = {
  facts: { job: 'rotate', iam: REGION, regions: [REGION], holdMs: 180 * MINUTE },
  parts: [new Uint8Array([1])],
}

/** A worker in this process that is told its job, or nothing, and then nothing more. */
function silentAfter(job: Message | null) {
  let isOver = false
  const frames = (async function* () {
    if (job !== null) yield messageBytes(job)
    await new Promise(() => undefined)
  })()
  const random = (length: number) => randomFillSync(new Uint8Array(length))
  // It waits, and does not rehearse meanwhile.
  const issuer = { ...awsIssuer(), rehearse: () => new Promise<never>(() => undefined) }
  void serve({ frames, send: () => Promise.resolve(), random, issuer }).then(() => (isOver = true))
  return { isOver: () => isOver }
}

describe('a worker to which nothing more is said', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['waits for its job as long as a request is valid', null, 60, 66],
    ['waits for releases as long as its ready is valid', ISSUE, 10, 13],
    ['holds what replaces a key as long as it was told to', ROTATE, 179, 181],
  ])('%s, and then ends', async (_, job, still, then) => {
    const worker = silentAfter(job)
    await vi.advanceTimersByTimeAsync(still * MINUTE)
    expect(worker.isOver()).toBe(false)
    await vi.advanceTimersByTimeAsync((then - still) * MINUTE)
    expect(worker.isOver()).toBe(true)
  })
})
