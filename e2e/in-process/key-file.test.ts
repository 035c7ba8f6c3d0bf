import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVERY, MOMENTS } from './kills.ts'
import { acknowledged } from './mischief.ts'
import type { Point, Step } from './mortal-fs.ts'
import { isDeath } from './party.ts'
import { type LocalSetting, newFour } from './stories.ts'

describe('a file from which an access key was deposited, to be wiped afterwards,', () => {
  let four: LocalSetting
  let file: string
  /** The durable steps that a deposit takes: its sealed parts, then what is to be wiped, then the deposit itself, … */
  let steps: readonly Step[] = []
  beforeAll(async () => {
    four = await newFour()
    file = join(four.world.dir, 'accessKeys.csv')
  }, 120_000)
  afterAll(() => four.world.close())

  const content = () => {
    const { accessKeyId, secretAccessKey } = four.world.sandbox.accessKey
    return `Access key ID,Secret access key\r\n${accessKeyId},${secretAccessKey}\r\n`
  }
  const depositFromFile = async (): Promise<void> => {
    const [ana] = four.parties
    await writeFile(file, content())
    await ana.sign(ana.call.credentials.deposit({ plan: four.plan, key: { from: 'file', path: file, wipe: true } }))
  }
  const deposits = async () => (await four.parties[0].snapshot()).generations.length
  const notes = async () => (await four.parties[0].snapshot()).notes.map(({ what, means }) => `${what}. ${means}`)

  /** Lets Ana's app die at one of the durable steps that a deposit takes. */
  const dieDepositing = async (point: Point): Promise<void> => {
    const [ana] = four.parties
    await ana.running.dieAt(point)
    await expect(depositFromFile()).rejects.toSatisfy(isDeath)
  }

  /** What is on the disk before a step is there after the one before it. */
  const momentsOf = (step: number) => (step === 0 || EVERY ? MOMENTS : MOMENTS.filter((moment) => moment !== 'before'))

  test('is gone when the deposit is recorded, and the window says so', async () => {
    const { fs } = four.parties[0].running
    await acknowledged(four.parties)
    fs.count()
    await depositFromFile()
    steps = [...fs.steps]
    expect(existsSync(file)).toBe(false)
    expect(await notes()).toEqual([expect.stringContaining(`was overwritten and removed. It was ${file}.`)])
  })

  test('is gone after the next unlock if the app died at any step once the deposit was recorded; before that it stays', async () => {
    const [ana] = four.parties
    const found: [recorded: boolean, there: boolean][] = []
    for (const step of steps.keys())
      for (const moment of momentsOf(step)) {
        const before = await deposits()
        await dieDepositing({ step, moment })
        expect(await readFile(file, 'utf8').catch(() => null)).toBeOneOf([content(), null])
        await ana.revive()
        found.push([(await deposits()) > before, existsSync(file)])
      }
    expect(found.filter(([recorded, there]) => recorded === there)).toEqual([])
    expect(new Set(found.map(([recorded]) => recorded)).size).toBe(2)
  }, 300_000)

  test('is left alone after the next unlock if it was changed meanwhile, and named', async () => {
    const [ana] = four.parties
    await acknowledged(four.parties)
    await dieDepositing({ step: steps.indexOf('journal') + 1, moment: 'after' })
    await writeFile(file, 'something else')
    await ana.revive()
    expect(await readFile(file, 'utf8')).toBe('something else')
    expect(await notes()).toEqual([expect.stringContaining(`It may still hold the key: ${file}.`)])
    await ana.kill()
    await ana.revive()
    expect(await notes()).toEqual([])
  })
})
