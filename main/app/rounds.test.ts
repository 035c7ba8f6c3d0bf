import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Rounds } from './rounds.ts'

describe('rounds', () => {
  it('run once more after a change that came while they ran', async () => {
    let runs = 0
    const rounds = new Rounds(async () => {
      runs++
      if (runs === 1) rounds.ask()
    })
    rounds.ask()
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    expect(runs).toBe(2)
    await rounds.close()
  })

  it('say whether one is under way, and until when', async () => {
    let done = (): void => undefined
    const rounds = new Rounds(() => new Promise<void>((resolve) => (done = resolve)))
    expect(rounds.underWay).toBeNull()
    rounds.ask()
    for (let turn = 0; turn < 2; turn++) await setImmediate()
    const { underWay } = rounds
    expect(underWay).not.toBeNull()
    done()
    await underWay
    expect(rounds.underWay).toBeNull()
    await rounds.close()
  })

  it('are few while changes pour in, and none is missed', async () => {
    let [runs, changes, seen] = [0, 0, 0]
    const rounds = new Rounds(async () => {
      runs++
      seen = changes
    })
    for (; changes < 2000; changes++) {
      rounds.ask()
      if (changes % 10 === 0) await setImmediate()
    }
    expect(runs).toBeLessThan(100)
    await vi.waitFor(() => expect(seen).toBe(changes))
    await rounds.close()
  })

  it('are fewer still where each is asked for very often, as while a log pours in, and none is missed', async () => {
    /** How many runs there are in a row, each asked for so often, before one is waited for. */
    const inARow = async (often: number) => {
      let [runs, changes, seen] = [0, 0, 0]
      const rounds = new Rounds(async () => {
        runs++
        seen = changes
      })
      for (let before = -1; runs > before; ) {
        before = runs
        for (let time = 0; time < often; time++, changes++) rounds.ask()
        for (let turn = 0; turn < 4; turn++) await setImmediate()
      }
      const soFar = runs
      await vi.waitFor(() => expect(seen).toBe(changes))
      await rounds.close()
      return soFar
    }
    const usual = await inARow(31)
    expect(usual).toBeGreaterThanOrEqual(16)
    expect(await inARow(100)).toBeLessThanOrEqual(usual / 3)
  })

  it('do not wait any more once they are closed', async () => {
    let runs = 0
    const rounds = new Rounds(async () => void runs++)
    const pour = async () => {
      const before = runs
      rounds.ask()
      for (let turn = 0; turn < 3; turn++) await setImmediate()
      return runs > before
    }
    while (await pour());
    const soFar = runs
    await rounds.close()
    expect(runs).toBe(soFar)
    expect(await pour()).toBe(false)
  })
})
