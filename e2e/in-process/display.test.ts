import { afterAll, beforeAll, expect, it } from 'vitest'
import { newWorld, type World } from './world.ts'

// What the lock screen knows is one small file, and several things of one moment change it.

let world: World
beforeAll(async () => {
  world = await newWorld(900)
})
afterAll(() => world.close())

it('keeps every setting when several change at once', async () => {
  const ana = await world.arrive('Ana')
  await ana.setUp()
  const ports = Array.from({ length: 20 }, (_, at) => `127.0.0.1:${40_000 + at}`)
  await Promise.all([
    ana.call.vault.setIdle({ minutes: 5 }),
    ...ports.map((address) => ana.call.exchange.addAddress({ address })),
  ])
  await ana.quit()
  await ana.revive()
  const { vault } = await ana.snapshot()
  expect(vault.idleMinutes).toBe(5)
  expect(ana.running.app.display.addresses).toEqual(ports)
})
