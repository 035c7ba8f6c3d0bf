import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Relaying } from '../../main/app/relaying.ts'
import { BROKER_PACE } from '../../main/relay/broker.ts'
import { LinkFailure } from '../../main/relay/failure.ts'
import { hasNatsServer, LEFT_OUT, NatsServer } from '../../main/relay/testing/nats-server.ts'
import { approves, asks, caseOf, isDone } from './people.ts'
import { type LocalSetting, newFour } from './stories.ts'
import { type Plug, Switchboard } from './switchboard.ts'
import type { LocalParty } from './world.ts'

// Four people whose apps meet on one network, but for Leo, who is elsewhere; and two real brokers, of which one dies.

const switchboard = new Switchboard()
/** The latest plug of each, in the order in which they arrived. */
const plugs: Plug[] = []
let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty
let first: NatsServer
let second: NatsServer

const brokersOf = (party: LocalParty) => party.snapshot().then(({ relay }) => relay)
const usesBoth = (party: LocalParty) =>
  party.until('both brokers', ({ relay }) => relay.length === 2 && relay.every(({ state }) => state === 'on'))
const personOf = (party: LocalParty, name: string) =>
  party.snapshot().then(({ people }) => people.find((person) => person.name === name))

describe.runIf(hasNatsServer)(`by relay${LEFT_OUT}`, () => {
  beforeAll(async () => {
    first = await NatsServer.start()
    second = await NatsServer.start()
    const carrier = () => {
      const plug = switchboard.carrier()
      plugs.push(plug)
      return plug
    }
    four = await newFour({ apps: { carrier } })
    ;[ana, raj, mia, leo] = four.parties
  }, 120_000)
  afterAll(async () => {
    await Promise.all([first.close(), second.close()])
    await four.world.close()
  })

  test('it is off until somebody names a broker, and nobody else’s word turns it on', async () => {
    for (const party of four.parties) expect(await brokersOf(party)).toEqual([])
    await expect(
      ana.call.relay.add({ url: 'nats://relay.example:4222', ca: null, credentials: { as: 'nobody' } }),
    ).rejects.toMatchObject({ code: 'bad-broker' })
    for (const party of four.parties)
      for (const { url } of [first, second])
        await party.call.relay.add({ url, ca: null, credentials: { as: 'nobody' } })
    for (const party of four.parties) await usesBoth(party)
  })

  test('an app that looks twice at once whether to use them connects once to each', async () => {
    const { app } = ana.running
    const { device, notary, carrier } = app.desk()
    const opened: string[] = []
    const relaying = await Relaying.load(
      { device, notary, carrier, onChange: () => undefined },
      {
        pace: BROKER_PACE,
        open: ({ url }) => {
          opened.push(url)
          return Promise.reject(new LinkFailure('the test opens none'))
        },
      },
    )
    await Promise.all([relaying.turn(), relaying.turn()])
    await relaying.close()
    expect(opened).toEqual([first.url, second.url])
  })

  test('a whole break-glass with an approver who is reached by relay alone, and a broker that dies on the way', async () => {
    await plugs[3]?.plug(false)
    await ana.until(
      'that Leo is away',
      ({ people }) => people.find(({ name }) => name === 'Leo')?.reach?.connected === false,
    )
    const reference = 'INC-R1'
    await asks({ plan: four.plan, reference })(ana, await ana.snapshot())
    await raj.until('the request', (now) => caseOf(now, reference))
    await leo.until('the request, by relay', (now) => caseOf(now, reference)?.mine.mayDecide)
    await first.kill()
    await approves(reference)(raj, await raj.snapshot())
    await approves(reference)(leo, await leo.snapshot())
    const held = await ana.until('the session', ({ sessions }) => sessions.find(({ here }) => here))
    expect(held).toBeDefined()
    const released = await mia.until('both releases', (now) => {
      const kinds = caseOf(now, reference)?.timeline.filter(({ kind }) => kind === 'release')
      return kinds?.length === 2 && kinds
    })
    expect(released.map(({ person }) => person.name).toSorted()).toEqual(['Leo', 'Raj'])
    await leo.until('the grant, by relay', (now) => caseOf(now, reference)?.grant)
    await isDone(ana, await ana.snapshot())
    await leo.until('the end, by relay', (now) => typeof caseOf(now, reference)?.grant?.endedAt === 'number')
    await ana.until('that one broker is gone', ({ relay }) => relay[0]?.trouble === 'connection refused')
    expect((await personOf(ana, 'Leo'))?.reach).toMatchObject({ connected: false, presence: 'gone' })
    expect((await personOf(ana, 'Leo'))?.reach?.relayedAt).toBeGreaterThan(Date.now() - 60_000)
  })

  test('the broker that came back is used again, and so is what it kept', async () => {
    await first.begin()
    for (const party of four.parties) {
      for (const { id } of await brokersOf(party)) await party.call.relay.tryNow({ id })
      await usesBoth(party)
    }
    await ana.until('nothing left to send', ({ relay }) => relay.every(({ waiting }) => waiting === 0))
    expect((await brokersOf(leo)).map(({ trouble, unreadable }) => [trouble, unreadable])).toEqual([
      [null, 0],
      [null, 0],
    ])
  })

  test('an app that was off has the request after its next unlock, though whoever asked is gone by then', async () => {
    await leo.quit()
    const reference = 'INC-R2'
    const before = await brokersOf(ana)
    await asks({ plan: four.plan, reference })(ana, await ana.snapshot())
    await ana.until('a message for each at each', ({ relay }) =>
      relay.every(({ kept }, at) => kept >= (before[at]?.kept ?? 0) + 3),
    )
    for (const party of [ana, raj, mia]) await party.quit()
    await leo.start()
    await leo.unlock()
    await plugs.at(-1)?.plug(false)
    const heard = await leo.until('the request, by relay', (now) => caseOf(now, reference))
    expect(heard.mine.mayDecide).toBe(true)
    await approves(reference)(leo, await leo.snapshot())
    await ana.revive()
    await ana.until('the approval, by relay', (now) =>
      caseOf(now, reference)?.seats.some(({ person, state }) => person.name === 'Leo' && state === 'approved'),
    )
  })

  test('what the brokers keep says nothing of any of it', async () => {
    const { organization, people } = await ana.snapshot()
    const words = ['INC-R1', 'INC-R2', 'payloadType', 'vnd.lockbox', organization?.name ?? '?', organization?.id ?? '?']
    const ids = four.parties
      .map((party) => party.running.app)
      .flatMap((app) => (app.isOpen ? app.desk().device.id : []))
    const disks = await Promise.all([first.disk(), second.disk()])
    for (const disk of disks) {
      expect(disk.length).toBeGreaterThan(30_000)
      for (const word of [...words, ...ids, ...people.map(({ member }) => member)])
        expect([word, disk.includes(Buffer.from(word))]).toEqual([word, false])
    }
  })

  test('a broker that was removed stays away, also after a restart; its password is in no snapshot', async () => {
    const [one] = await brokersOf(ana)
    await ana.call.relay.remove({ id: one?.id ?? '' })
    await ana.call.relay.add({
      url: first.url,
      ca: null,
      credentials: { as: 'user', user: 'lockbox', password: 'a secret of the broker' },
    })
    await ana.kill()
    await ana.revive()
    const { relay, ...rest } = await ana.snapshot()
    expect(relay.map(({ url, as }) => [url, as])).toEqual([
      [second.url, 'nobody'],
      [first.url, 'user'],
    ])
    expect(JSON.stringify([relay, rest])).not.toContain('a secret of the broker')
    await expect(ana.call.relay.remove({ id: one?.id ?? '' })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a locked app uses no broker', async () => {
    await ana.call.vault.lock()
    expect((await ana.snapshot()).relay).toEqual([])
  })
})
