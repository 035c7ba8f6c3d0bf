import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { LanCarrier } from '../../main/exchange/carrier.ts'
import { ExchangeError } from '../../main/exchange/exchange.ts'
import type { MortalCarrier } from './local-app.ts'
import { found, type LocalParty, newWorld, type World } from './world.ts'

// A network that comes late, or fails first: the window hears of it although nothing else happens.

let world: World
let ana: LocalParty
/** What Ana's app meets the others by in its next unlocked period. */
let network: () => MortalCarrier

beforeAll(async () => {
  world = await newWorld(900)
  network = () => world.switchboard.carrier()
  ana = await world.arrive('Ana', { carrier: () => network() })
  const all = [ana, await world.arrive('Raj'), await world.arrive('Mia')]
  for (const party of all) await party.setUp()
  await found(all)
  for (const party of all) await party.quit()
})
beforeEach(() => ana.quit())
afterAll(() => world.close())

/** The LAN of this computer, with something that happens before it starts. */
function lan(before: () => Promise<void>): LanCarrier {
  const carrier = new LanCarrier([], { host: '127.0.0.1', discover: false })
  const start = carrier.start.bind(carrier)
  carrier.start = async (...given) => {
    await before()
    await start(...given)
  }
  return carrier
}

/** Resolves when a snapshot is made that shows the carrier listening; nobody but the app itself asks for one meanwhile. */
const showsAddress = (carrier: LanCarrier) =>
  new Promise<void>((resolve) => {
    const state = carrier.state.bind(carrier)
    carrier.state = () => {
      if (state().addresses.length > 0) resolve()
      return state()
    }
  })

test('is shown as soon as it is there', async () => {
  let release: () => void = () => undefined
  const carrier = lan(() => new Promise((resolve) => (release = resolve)))
  network = () => carrier
  await ana.revive()
  // Alone for five seconds, the app goes on without the others; after that nothing of its own moves any more.
  await ana.until('that she may sign', ({ standing }) => standing?.state === 'current')
  expect((await ana.snapshot()).exchange).toMatchObject({ state: 'off', addresses: [] })
  const shown = showsAddress(carrier)
  release()
  await shown
})

test('that failed is named, and tried again', async () => {
  let starts = 0
  network = () =>
    lan(async () => {
      starts++
      if (starts === 1) throw new ExchangeError('listen-failed', 'this address cannot be used')
    })
  await ana.revive()
  const { notes } = await ana.until('the network', (now) => now.exchange.state === 'on' && now)
  expect(starts).toBe(2)
  expect(notes).toContainEqual(
    expect.objectContaining({ what: 'Meeting the others failed', means: 'this address cannot be used' }),
  )
})

test('of an app that is unlocked once more is the only one', async () => {
  const carriers: LanCarrier[] = []
  network = () => {
    const carrier = lan(async () => undefined)
    carriers.push(carrier)
    return carrier
  }
  await ana.revive()
  await ana.until('the network', (now) => now.exchange.state === 'on')
  await ana.unlock()
  const again = await ana.until('the network again', (now) => now.exchange.state === 'on' && now)
  expect(carriers.map((carrier) => carrier.state().state)).toEqual(['off', 'on'])
  expect(again.exchange.addresses).toEqual(carriers[1]?.state().addresses)
})
