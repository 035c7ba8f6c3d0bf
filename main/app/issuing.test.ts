import { describe, expect, it } from 'vitest'
import { casesFrom } from '../../shared/case/case-from.ts'
import { person } from '../../shared/testing/keys.ts'
import { setup } from '../../shared/testing/setup.ts'
import type { ShellWorker } from '../shell/shell.ts'
import type { Device } from './device.ts'
import { Issuing } from './issuing.ts'
import type { Notary } from './notary.ts'
import type { Carrier, Elsewhere } from './ports.ts'
import type { Revokers } from './revokers.ts'

/** Alice asks; Bob’s and Carol’s devices may issue, Dave’s may not. How many worker processes an app of that name runs. */
async function foreseeing(name: string) {
  const told = await setup('alice', 'bob', 'carol', 'dave')
  const { story } = told
  const { member, device } = person(name)
  const running = new Set<ShellWorker>()
  const startWorker = () => {
    let end = (): void => undefined
    const exited = new Promise<null>((resolve) => (end = () => resolve(null)))
    const kill = () => {
      running.delete(worker)
      end()
    }
    const worker = { exited, kill } as unknown as ShellWorker
    running.add(worker)
    return worker
  }
  const app = {
    org: () => story.org(),
    currentCases: () => casesFrom(story.org(), story.now),
    self: () => ({ member, device }),
    host: { startWorker },
  } as unknown as Device
  const ways = { carrier: {} as Carrier, elsewhere: {} as Elsewhere }
  const issuing = new Issuing(app, {} as Notary, ways, {} as Revokers)
  const workers = async () => {
    await issuing.foresee()
    return running.size
  }
  return { ...told, issuing, workers, running }
}

describe('a worker that is started ahead', () => {
  it('is there while a request waits for approvals, one for all of them, and ends with the last', async () => {
    const { story, plan, workers } = await foreseeing('bob')
    expect(await workers()).toBe(0)
    const request = await story.ask('alice', plan)
    const other = await story.ask('alice', plan)
    expect([await workers(), await workers()]).toEqual([1, 1])
    await story.withdraw('alice', request)
    expect(await workers()).toBe(1)
    await story.withdraw('alice', other)
    expect(await workers()).toBe(0)
  })

  it('is not there where another device is ready, or where the plan does not let this one issue', async () => {
    const [carol, dave] = [await foreseeing('carol'), await foreseeing('dave')]
    const request = await carol.story.ask('alice', carol.plan)
    expect(await carol.workers()).toBe(1)
    await carol.story.decide('dave', request)
    await carol.story.ready('bob', request, carol.deposit)
    expect(await carol.workers()).toBe(0)
    await dave.story.ask('alice', dave.plan)
    expect(await dave.workers()).toBe(0)
  })

  it('ends when the vault locks', async () => {
    const { story, plan, issuing, workers, running } = await foreseeing('bob')
    await story.ask('alice', plan)
    expect(await workers()).toBe(1)
    await issuing.close()
    expect(running.size).toBe(0)
    expect(await workers()).toBe(0)
  })
})
