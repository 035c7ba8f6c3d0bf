import { describe, expect, it } from 'vitest'
import type { ShellWorker } from '../shell/shell.ts'
import { SpareWorker } from './spare-worker.ts'

/** Counts the processes that are started, of which each ends when it is killed, or told to by a test. */
function spare() {
  const started: { readonly worker: ShellWorker; isKilled: boolean; end(): void }[] = []
  const start = () => {
    let end = (): void => undefined
    const exited = new Promise<null>((resolve) => (end = () => resolve(null)))
    const one = { isKilled: false, end, worker: {} as ShellWorker }
    const kill = () => {
      one.isKilled = true
      end()
    }
    one.worker = { exited, kill } as unknown as ShellWorker
    started.push(one)
    return one.worker
  }
  return { started, spare: new SpareWorker(start) }
}

describe('a worker that is started ahead', () => {
  it('is one, however often it is wanted, and is taken once', async () => {
    const { started, spare: one } = spare()
    await one.want(true)
    await one.want(true)
    expect(started).toHaveLength(1)
    expect(one.take()).toBe(started[0]?.worker)
    expect(one.take()).toBe(started[1]?.worker)
    expect(started).toHaveLength(2)
  })

  it('is ended when none is wanted any more, and not once it was taken', async () => {
    const { started, spare: one } = spare()
    await one.want(true)
    one.take()
    await one.want(true)
    await one.want(false)
    expect(started.map(({ isKilled }) => isKilled)).toEqual([false, true])
  })

  it('is not started again and again if it ends by itself', async () => {
    const { started, spare: one } = spare()
    await one.want(true)
    started[0]?.end()
    await Promise.resolve()
    await one.want(true)
    expect(started).toHaveLength(1)
    expect(one.take()).toBe(started[1]?.worker)
    await one.want(false)
    await one.want(true)
    expect(started).toHaveLength(3)
  })
})
