import { describe, expect, it } from 'vitest'
import type { BadShare } from '../issuers/worker/protocol.ts'
import type { Release } from './ground.ts'
import { ShareChecks } from './share-checks.ts'

const release = (id: string) => ({ statement: { id }, box: new Uint8Array() }) as unknown as Release
const BAD: BadShare = { member: 'b', index: 2, why: 'it does not fit' }

describe('shares that are checked as they come', () => {
  it('are checked once each, one after the other, and the bad ones are named', async () => {
    const asked: string[] = []
    let running = 0
    const checks = new ShareChecks(async ({ statement: { id } }) => {
      expect(running++).toBe(0)
      asked.push(id)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return id === 'b' ? BAD : null
    })
    const all = ['a', 'b', 'c'].map(release)
    for (const one of all.slice(0, 2)) checks.begin(one)
    checks.begin(all[0] as Release)
    expect([checks.has('b'), checks.has('c')]).toEqual([true, false])
    expect(await checks.badOf(all)).toEqual([BAD])
    expect(await checks.badOf([all[0], all[2]] as Release[])).toEqual([])
    expect(asked).toEqual(['a', 'b', 'c'])
  })

  it('say what went wrong with the worker to whoever asks, and to nobody before', async () => {
    const checks = new ShareChecks(async ({ statement: { id } }) => {
      if (id === 'a') throw new TypeError('the worker is gone')
      return null
    })
    checks.begin(release('a'))
    checks.begin(release('b'))
    expect(await checks.badOf([release('b')])).toEqual([])
    await expect(checks.badOf([release('a')])).rejects.toThrow('the worker is gone')
  })
})
