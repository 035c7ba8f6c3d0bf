import { existsSync } from 'node:fs'
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Point } from './mortal-fs.ts'
import { isDeath } from './party.ts'
import { type LocalSetting, newFour } from './stories.ts'
import { type LocalParty, newWorld, type World } from './world.ts'

describe('a first set-up that is killed', () => {
  let world: World
  beforeAll(async () => {
    world = await newWorld(900)
  })
  afterAll(() => world.close())

  /** Sets up, dies at a durable step if there is one; whether it died. */
  const setUpDying = async (party: LocalParty, point: Point | null): Promise<boolean> => {
    await party.running.dieAt(point)
    try {
      await party.setUp()
      return false
    } catch (error) {
      if (!isDeath(error)) throw error
      return true
    }
  }

  test('at any durable step leaves no vault, and set-up begins anew, or a vault that opens and knows its owner', async () => {
    const found: string[] = []
    for (let step = 0; ; step++) {
      let died = false
      for (const moment of ['before', 'half', 'after'] as const) {
        const party = await world.arrive(`Ana ${step} ${moment}`)
        died = await setUpDying(party, { step, moment })
        if (!died) break
        await party.start()
        const { stage, vault } = await party.snapshot()
        expect([vault.trouble, vault.notices]).toEqual([null, []])
        found.push(stage)
        if (stage === 'set-up') await party.setUp()
        else await party.unlock()
        expect(await party.snapshot()).toMatchObject({ stage: 'alone', me: { name: party.name } })
        await party.quit()
      }
      if (!died) break
    }
    expect(new Set(found)).toEqual(new Set(['set-up', 'locked']))
  }, 120_000)
})

describe('a profile of which something is missing', () => {
  let four: LocalSetting
  let whole: string
  let raj: LocalParty
  beforeAll(async () => {
    four = await newFour()
    raj = four.parties[1]
    await raj.quit()
    whole = join(four.world.dir, 'whole copy')
    await cp(raj.profileDir, whole, { recursive: true })
  }, 120_000)
  afterAll(() => four.world.close())

  /** Starts Raj's app on his folder without one thing in it, as far as it starts. */
  const startWithout = async (name: string) => {
    await raj.quit()
    await rm(raj.profileDir, { recursive: true })
    await cp(whole, raj.profileDir, { recursive: true })
    expect(existsSync(join(raj.profileDir, name))).toBe(true)
    await rm(join(raj.profileDir, name), { recursive: true })
    await raj.start()
    return raj.snapshot()
  }
  const told = async () => {
    const { notes, vault, log } = await raj.snapshot()
    return [...notes.map(({ what }) => what), ...vault.notices.map(({ message }) => message), ...log.losses].join('\n')
  }

  test.each([
    ['vault', 'vault-gone'],
    ['vault/vault.json and its copy', 'unreadable'],
  ])('(%s) is damaged, and no vault is made in its place', async (what, code) => {
    const [name = '', copy] = what === 'vault' ? ['vault'] : ['vault/vault.json', 'vault/vault.copy.json']
    await startWithout(name)
    if (copy !== undefined) {
      await rm(join(raj.profileDir, copy))
      await raj.quit()
      await raj.start()
    }
    const { vault } = await raj.snapshot()
    expect(vault).toMatchObject({ status: 'damaged', trouble: { code } })
    await expect(raj.setUp()).rejects.toMatchObject({ code })
  })

  test.each([
    ['vault/vault.json', 'written anew from the other'],
    ['vault/vault.copy.json', 'written anew from the other'],
    ['vault/journal.head', 'the marker that says how far the journal goes is missing'],
    ['display.json', 'file with this device’s settings was missing'],
    ['vault/blobs', 'Your share of “prod-root” is not on this device any more'],
  ])('(%s) opens, and says so', async (name, says) => {
    expect((await startWithout(name)).stage).toBe('locked')
    await raj.unlock()
    expect(await told()).toContain(says)
  })

  test('(display.json) has its names back, and is not taken for a new one', async () => {
    expect((await startWithout('display.json')).vault.personName).toBe('')
    await raj.unlock()
    expect((await raj.snapshot()).vault).toMatchObject({ personName: 'Raj', deviceName: 'Raj’s laptop' })
    await raj.quit()
    await rm(join(raj.profileDir, 'vault'), { recursive: true })
    await raj.start()
    expect((await raj.snapshot()).vault).toMatchObject({ status: 'damaged', trouble: { code: 'vault-gone' } })
  })

  test('(vault/blobs) does not claim a share that is gone', async () => {
    await startWithout('vault/blobs')
    await raj.unlock()
    expect((await raj.snapshot()).generations.map(({ mine }) => mine)).toEqual(['lost'])
  })

  test('(vault/journal) makes nobody new of its owner', async () => {
    await startWithout('vault/journal')
    await expect(raj.unlock()).rejects.toMatchObject({ code: 'profile-lost' })
    expect((await raj.snapshot()).me).toBeNull()
  })

  test.each(['vault/reserve', 'vault/journal.index'])('(%s) says nothing of what is made anew', async (path) => {
    await startWithout(path)
    await raj.unlock()
    expect(await told()).toBe('')
  })

  test('has nothing else in it', async () => {
    expect((await readdir(whole)).sort()).toEqual(['display.json', 'vault'])
    const inside = ['blobs', 'journal', 'journal.head', 'journal.index', 'reserve', 'vault.copy.json', 'vault.json']
    expect((await readdir(join(whole, 'vault'))).sort()).toEqual(inside)
  })
})
