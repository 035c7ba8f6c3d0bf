import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asks } from './people.ts'
import { type LocalSetting, newFour } from './stories.ts'
import { newWorld } from './world.ts'

// Whoever walks past a locked screen learns whose device it is and how much waits, nothing about cases, people or files.

let four: LocalSetting
beforeAll(async () => {
  four = await newFour()
}, 120_000)
afterAll(() => four.world.close())

test('a locked window is told how much waits behind the lock, and nothing of it', async () => {
  const [ana, ...others] = four.parties
  const path = join(four.world.dir, 'accessKeys.csv')
  const { accessKeyId, secretAccessKey } = four.world.sandbox.accessKey
  await writeFile(path, `Access key ID,Secret access key\r\n${accessKeyId},${secretAccessKey}\r\n`)
  await ana.sign(ana.call.credentials.deposit({ plan: four.plan, key: { from: 'file', path, wipe: true } }))
  await asks({ plan: four.plan, reference: 'INC-7' })(ana, await ana.snapshot())

  const file = join(four.world.dir, 'from-raj.lockbox')
  const { bytes } = await others[0].call.exchange.writeFile({ request: null })
  await writeFile(file, bytes)
  ana.running.app.openedFile.open(file)

  const open = await ana.snapshot()
  const [plan] = open.plans
  const content = [
    path,
    'from-raj.lockbox',
    accessKeyId,
    plan?.name,
    plan?.credential.name,
    open.cases[0]?.id,
    open.cases[0]?.what,
    ...others.map(({ name }) => name),
  ]
  const told = (snapshot: typeof open) => content.filter((text) => JSON.stringify(snapshot).includes(text ?? '?'))
  expect(open.notes.length).toBeGreaterThan(0)
  expect(open.vault.waiting).toBe(0)
  expect(told(open)).toEqual(content)

  await ana.call.vault.lock()
  const locked = await ana.snapshot()
  expect(locked.stage).toBe('locked')
  expect(told(locked)).toEqual([])
  expect(locked.vault.waiting).toBe(open.notes.length + 1)
  await expect(ana.call.opened.take()).rejects.toMatchObject({ code: 'locked' })

  await ana.unlock()
  expect((await ana.snapshot()).notes).toEqual(open.notes)
  expect(await ana.call.opened.take()).toMatchObject({ added: 0, refused: 0, waiting: 0 })
  await ana.call.opened.close()
  expect((await ana.snapshot()).opened).toBeNull()
})

test('a locked app is given no camera, and gives back the one that it has', async () => {
  const world = await newWorld(60)
  try {
    const told: boolean[] = []
    const ana = await world.arrive('Ana', { permitted: (camera) => void told.push(camera) })
    const refused = () => expect(ana.call.exchange.scan({ camera: true })).rejects.toMatchObject({ code: 'locked' })
    await refused()
    await ana.setUp()
    await ana.call.exchange.scan({ camera: true })
    await ana.call.vault.lock()
    await refused()
    expect(told).toEqual([true])
    await ana.call.exchange.scan({ camera: false })
    expect(told).toEqual([true, false])
  } finally {
    await world.close()
  }
})
