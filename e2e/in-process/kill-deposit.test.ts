import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNowhere } from './invariants.ts'
import { fourToKill, killAlong } from './kills.ts'
import { acknowledged } from './mischief.ts'
import { carryOn } from './people.ts'
import { depositing, type LocalSetting } from './stories.ts'

describe('a deposit, whoever’s app is killed between two durable steps,', () => {
  let four: LocalSetting
  beforeAll(async () => {
    four = await fourToKill()
  }, 120_000)
  afterAll(() => four.world.close())

  test('goes on when the depositor’s app was killed: dealt again, or offered to everybody, and proved by all', async () => {
    expect(await killAlong(four, four.parties[0], depositing, 4)).toBeGreaterThanOrEqual(4)
  }, 600_000)

  test('goes on when a custodian’s app was killed: the share is accepted and proved after all', async () => {
    expect(await killAlong(four, four.parties[1], depositing, 4)).toBeGreaterThanOrEqual(2)
  }, 600_000)

  test('leaves nothing of a deposit that was not recorded, once its depositor’s app is open again', async () => {
    const [ana] = four.parties
    const files = () => readdir(join(ana.profileDir, 'vault', 'blobs'))
    const sizes = async () =>
      Promise.all((await files()).map(async (name) => (await stat(join(ana.profileDir, 'vault', 'blobs', name))).size))
    const blobs = async () => (await sizes()).filter((size) => size > 0).length
    await ana.call.vault.lock()
    await ana.unlock()
    const before = await blobs()
    const { people } = await depositing(four)
    await acknowledged(four.parties)
    await ana.running.dieAt({ step: 3, moment: 'after' })
    await carryOn(people.slice(0, 1), () => false, undefined, 0).catch(() => undefined)
    expect(ana.isDead).toBe(true)
    // What is put at once is written at once: the fifth may be there as well.
    expect([before + 4, before + 5]).toContain(await blobs())
    await ana.revive()
    expect(await files()).toHaveLength(before)
  })

  test('leaves the access key on nobody’s disk', async () => {
    const { secretAccessKey } = four.world.sandbox.accessKey
    await expectNowhere(four.world.dir, [secretAccessKey])
    expect(four.parties.map(({ clipboard }) => clipboard)).toEqual(['', '', '', ''])
  })
})
