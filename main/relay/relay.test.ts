import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromBase64Url } from '../../shared/bytes.ts'
import { encodeRelay } from '../../shared/carriers/relay.ts'
import { sealBox, sealBoxFrom } from '../../shared/secrets/box.ts'
import { ORGANIZATION } from '../exchange/testing/people.ts'
import { LinkFailure } from './failure.ts'
import { MemoryBroker } from './testing/memory-broker.ts'
import { device, RelayApp } from './testing/people.ts'

const apps: RelayApp[] = []
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
})

/** Apps that know each other. */
function people<const Names extends readonly string[]>(...names: Names): { [At in keyof Names]: RelayApp } {
  const made = names.map(
    (name) =>
      new RelayApp(
        name,
        names.filter((other) => other !== name),
      ),
  )
  apps.push(...made)
  return made as { [At in keyof Names]: RelayApp }
}

const at = (broker: MemoryBroker, id = 'one') => ({ id, open: broker.open })
const soon = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 10 })
const has = (app: RelayApp, ...texts: string[]) =>
  soon(() => expect(app.store.texts()).toEqual(expect.arrayContaining(texts)))
/** All that an app has said is left at its first broker: at least so many messages. */
const hasLeft = (app: RelayApp, atLeast: number) =>
  soon(() => {
    const { kept = 0, waiting } = app.relay.brokers()[0] ?? {}
    expect([waiting, kept >= atLeast]).toEqual([0, true])
  })
const stands = (app: RelayApp, state: string, which = 0) =>
  soon(() => expect(app.relay.brokers()[which]?.state).toBe(state))

describe('by relay', () => {
  it('what one writes reaches the others', async () => {
    const broker = new MemoryBroker()
    const [ana, raj, mia] = people('ana', 'raj', 'mia')
    for (const app of [ana, raj, mia]) app.open([at(broker)])
    ana.write('request')
    raj.write('approval')
    for (const app of [ana, raj, mia]) await has(app, 'ana: request', 'raj: approval')
    expect(ana.store.texts()).toHaveLength(2)
  })

  it('an app that was off gets what was left for it, also when everybody else is off by then', async () => {
    const broker = new MemoryBroker()
    const [ana, raj] = people('ana', 'raj')
    ana.open([at(broker)])
    ana.write('request')
    await soon(() => expect(ana.relay.brokers()[0]).toMatchObject({ waiting: 0, state: 'on' }))
    await hasLeft(ana, 2)
    await ana.close()
    raj.open([at(broker)])
    await has(raj, 'ana: request')
  })

  it('two that were both away bring each other what the other lacks', async () => {
    const broker = new MemoryBroker()
    const [ana, raj] = people('ana', 'raj')
    ana.store.addOld('ana: one')
    ana.store.addOld('zoe: two')
    raj.store.addOld('raj: three')
    for (const app of [ana, raj]) app.open([at(broker)])
    for (const app of [ana, raj]) await has(app, 'ana: one', 'zoe: two', 'raj: three')
    expect(raj.store.texts()).toEqual(ana.store.texts())
  })

  it('blobs go along with what names them, and only to those who may have them', async () => {
    const broker = new MemoryBroker()
    const [ana, raj, mia] = people('ana', 'raj', 'mia')
    const blob = ana.store.addBlob('a sealed share', raj.own.peer.device)
    raj.store.wanted.add(blob)
    mia.store.wanted.add(blob)
    for (const app of [ana, raj, mia]) app.open([at(broker)])
    const [id = ''] = ana.store.add('ana: release')
    ana.store.named.set(id, [blob])
    ana.relay.accepted(id)
    await has(raj, 'ana: release')
    await has(mia, 'ana: release')
    await soon(() => expect(raj.store.blobs.has(blob)).toBe(true))
    expect(mia.store.count('blob')).toBe(0)
  })

  it('a blob that did not come is asked for', async () => {
    const broker = new MemoryBroker()
    const [ana, raj] = people('ana', 'raj')
    for (const app of [ana, raj]) app.open([at(broker)])
    await stands(raj, 'on')
    const blob = ana.store.addBlob('a sealed share', raj.own.peer.device)
    raj.store.wanted.add(blob)
    await soon(() => expect(raj.store.blobs.has(blob)).toBe(true))
  })

  it('what somebody wrote who is not there by relay is passed on to those who are not connected otherwise', async () => {
    const broker = new MemoryBroker()
    const [raj, mia, leo] = people('raj', 'mia', 'leo')
    raj.connected = [leo.own.peer.device]
    for (const app of [raj, mia, leo]) app.open([at(broker)])
    for (const app of [raj, mia, leo]) await stands(app, 'on')
    const [id = ''] = raj.store.add('ana: request')
    raj.relay.accepted(id)
    await has(mia, 'ana: request')
    // Mia passes it on in turn, since Leo is not connected to her.
    await has(leo, 'ana: request')
    expect(leo.store.received.filter((text) => text === 'ana: request').length).toBeGreaterThan(0)
  })

  it('what its author sends itself is passed on by nobody else', async () => {
    const broker = new MemoryBroker()
    const [ana, raj, mia] = people('ana', 'raj', 'mia')
    for (const app of [ana, raj, mia]) app.open([at(broker)])
    for (const app of [ana, raj, mia])
      await soon(() => {
        const others = [ana, raj, mia].filter((other) => other !== app)
        expect(others.map(({ own }) => app.relay.lastHeard(own.peer.device))).not.toContain(null)
      })
    const before = broker.kept.length
    ana.write('request')
    await has(raj, 'ana: request')
    await has(mia, 'ana: request')
    // Zoe is not there by relay. What she wrote came to Raj later than Ana's, and is passed on: Ana's was not before it.
    const [zoes = ''] = raj.store.add('zoe: request')
    raj.relay.accepted(zoes)
    await has(mia, 'zoe: request')
    expect(broker.kept.length - before).toBe(4)
  })

  it('nothing is said to those who are connected otherwise but what is new', async () => {
    const broker = new MemoryBroker()
    const [ana, raj] = people('ana', 'raj')
    ana.connected = [raj.own.peer.device]
    ana.store.addOld('ana: old')
    ana.open([at(broker)])
    await stands(ana, 'on')
    const id = ana.write('request')
    expect(ana.store.has(id)).toBe(true)
    await soon(() => expect(ana.relay.brokers()[0]?.kept).toBe(1))
    expect(broker.kept).toHaveLength(1)
  })

  it('two brokers do the same work, and one that dies is not missed; back again it is used again', async () => {
    const [one, two] = [new MemoryBroker(), new MemoryBroker()]
    const [ana, raj] = people('ana', 'raj')
    for (const app of [ana, raj]) app.open([at(one, 'one'), at(two, 'two')])
    ana.write('first')
    await has(raj, 'ana: first')
    one.down(true)
    await stands(ana, 'waiting')
    ana.write('second')
    await has(raj, 'ana: second')
    one.down(false)
    await stands(ana, 'on')
    await soon(() => expect(ana.relay.brokers()[0]?.waiting).toBe(0))
    two.down(true)
    await stands(raj, 'on')
    raj.write('third')
    await has(ana, 'raj: third')
    expect(raj.store.received.filter((text) => text === 'ana: second')).toHaveLength(1)
  })

  it('what was read is not read again after the next unlock, unless it is another stream', async () => {
    const broker = new MemoryBroker()
    const [ana, raj] = people('ana', 'raj')
    for (const app of [ana, raj]) app.open([at(broker)])
    ana.write('request')
    await has(raj, 'ana: request')
    await soon(() => {
      raj.relay.tryNow('one')
      expect(raj.places.get('one')?.read).toBe(broker.kept.length)
    })
    await raj.close()
    const before = raj.places.get('one')?.read ?? 0
    const received = raj.store.received.length
    raj.open([at(broker)])
    await stands(raj, 'on')
    ana.write('second')
    await has(raj, 'ana: second')
    expect(raj.relay.brokers()[0]?.read).toBeLessThanOrEqual(broker.kept.length - before)
    await raj.close()
    const other = new MemoryBroker('anew')
    other.kept.push(...broker.kept)
    raj.open([at(other)])
    await soon(() => expect(raj.store.received.slice(received)).toContain('ana: request'))
  })

  it('a clock that differs by a day does not matter', async () => {
    const broker = new MemoryBroker()
    const [ana, raj] = people('ana', 'raj')
    ana.ahead = 86_400_000
    for (const app of [ana, raj]) app.open([at(broker)])
    ana.write('request')
    raj.write('approval')
    await has(raj, 'ana: request')
    await has(ana, 'raj: approval')
    expect(raj.store.texts()).toEqual(ana.store.texts())
  })

  it('says when somebody was heard of last: never later than now, and not anew by what came before', async () => {
    const broker = new MemoryBroker()
    const [ana, raj] = people('ana', 'raj')
    ana.ahead = 60_000
    ana.open([at(broker)])
    ana.write('request')
    await hasLeft(ana, 2)
    await ana.close()
    raj.open([at(broker)])
    expect(raj.relay.lastHeard(ana.own.peer.device)).toBeNull()
    await has(raj, 'ana: request')
    const heard = raj.relay.lastHeard(ana.own.peer.device) ?? 0
    expect(heard).toBeLessThanOrEqual(Date.now())
    expect(heard).toBeGreaterThan(Date.now() - 60_000)
    // The broker brings it all again, once more under its subject.
    broker.kept.push(...broker.kept.slice())
    const { read = 0 } = raj.relay.brokers()[0] ?? {}
    raj.relay.tryNow('one')
    await soon(() => expect(raj.relay.brokers()[0]?.read).toBeGreaterThanOrEqual(read + 2))
    expect(raj.relay.lastHeard(ana.own.peer.device)).toBe(heard)
  })

  it('of a device whose clock is far ahead nobody can say when it was heard of', async () => {
    const broker = new MemoryBroker()
    const [ana, raj] = people('ana', 'raj')
    ana.ahead = 3_600_000
    for (const app of [ana, raj]) app.open([at(broker)])
    ana.write('request')
    await has(raj, 'ana: request')
    expect(raj.relay.lastHeard(ana.own.peer.device)).toBeNull()
  })
})

describe('a hostile broker', () => {
  it('that repeats and reorders changes nothing', async () => {
    const broker = new MemoryBroker()
    broker.malice = (_, kept) => [...kept.toReversed(), ...kept, ...kept]
    const [ana, raj] = people('ana', 'raj')
    ana.open([at(broker)])
    for (const words of ['one', 'two', 'three']) {
      const { kept = 0 } = ana.relay.brokers()[0] ?? {}
      ana.write(words)
      await soon(() => expect(ana.relay.brokers()[0]?.kept).toBeGreaterThan(kept))
    }
    raj.open([at(broker)])
    await has(raj, 'ana: one', 'ana: two', 'ana: three')
    for (const text of ['ana: one', 'ana: two', 'ana: three'])
      expect(raj.store.received.filter((one) => one === text)).toHaveLength(1)
    expect(raj.relay.brokers()[0]?.unreadable).toBe(0)
  })

  it('that drops is helped out by another, and by the next summary', async () => {
    const [bad, good] = [new MemoryBroker(), new MemoryBroker()]
    bad.malice = () => []
    const [ana, raj] = people('ana', 'raj')
    for (const app of [ana, raj]) app.open([at(bad, 'bad'), at(good, 'good')])
    ana.write('request')
    await has(raj, 'ana: request')
    expect(raj.store.received.filter((text) => text === 'ana: request')).toHaveLength(1)
  })

  it('that puts garbage, or one lane’s messages into another, is told of and costs nothing else', async () => {
    const broker = new MemoryBroker()
    const [ana, raj, mia] = people('ana', 'raj', 'mia')
    ana.open([at(broker)])
    mia.open([at(broker)])
    ana.write('request')
    await hasLeft(ana, 4)
    const foreign = broker.kept.map(({ bytes }) => bytes)
    const flipped = foreign.map((bytes) => Uint8Array.from(bytes, (byte, index) => (index === 100 ? byte ^ 1 : byte)))
    broker.malice = (_, kept) => [
      new Uint8Array(0),
      new Uint8Array(1072).fill(7),
      new Uint8Array(100_000),
      ...flipped,
      ...foreign,
      ...kept,
    ]
    raj.open([at(broker)])
    await has(raj, 'ana: request')
    await soon(() => expect(raj.relay.brokers()[0]?.unreadable).toBeGreaterThan(3))
    expect(raj.store.texts()).toEqual(['ana: request'])
    expect(raj.relay.brokers()[0]?.state).toBe('on')
  })

  it('that shows what one left in another’s lane first keeps nobody from reading it in its own', async () => {
    const broker = new MemoryBroker()
    const [ana, honest, mia] = people('ana', 'raj', 'mia')
    for (const app of [ana, honest, mia]) app.open([at(broker)])
    ana.write('request')
    mia.write('approval')
    await has(honest, 'ana: request', 'mia: approval')
    // All of it is there, and nobody who could say it again.
    await Promise.all([ana, honest, mia].map((app) => app.close()))
    const raj = new RelayApp('raj', ['ana', 'mia'])
    apps.push(raj)
    const all = broker.kept.map(({ bytes }) => bytes)
    broker.malice = (_, kept) => (kept.length === 0 ? [] : all)
    raj.open([at(broker)])
    await soon(() => expect(raj.relay.brokers()[0]?.unreadable).toBeGreaterThan(3))
    await has(raj, 'ana: request', 'mia: approval')
  })

  it('that answers without an end is read within bounds, and keeps nobody else’s lane from being read', async () => {
    const bad = new MemoryBroker()
    const [ana, raj, mia] = people('ana', 'raj', 'mia')
    ana.open([at(bad)])
    mia.open([at(bad)])
    ana.write('request')
    await hasLeft(ana, 4)
    /** The first lane that has nothing more. */
    const endlessLane = new Set<string>()
    let asked = 0
    const started = performance.now()
    const endless = new Uint8Array(1072).fill(9)
    raj.open([
      {
        id: 'one',
        open: async (...given) => {
          const link = await bad.open(...given)
          return {
            ...link,
            next: async (subject, from) => {
              const stored = await link.next(subject, from)
              if (stored !== null) return stored
              if (endlessLane.size === 0) endlessLane.add(subject)
              if (!endlessLane.has(subject)) return null
              asked++
              return { seq: from, bytes: endless }
            },
          }
        },
      },
    ])
    await has(raj, 'ana: request')
    await soon(() => expect(asked).toBeGreaterThan(250))
    expect(asked).toBeLessThan(256 + 2 * ((performance.now() - started) / 1000) + 20)
  })

  it('that goes beyond all bounds is left for a while, and says so', async () => {
    const broker = new MemoryBroker()
    const [ana] = people('ana')
    let opened = 0
    ana.open([
      {
        id: 'one',
        open: async (...given) => {
          opened++
          const link = await broker.open(...given)
          return { ...link, over: Promise.resolve(new LinkFailure('it sent more than anybody can read', true)) }
        },
      },
    ])
    await soon(() =>
      expect(ana.relay.brokers()[0]).toMatchObject({ state: 'waiting', trouble: 'it sent more than anybody can read' }),
    )
    await soon(() => expect(opened).toBeGreaterThan(1))
  })
})

describe('a message', () => {
  const [ana, raj, eve] = [device('ana'), device('raj'), device('eve')]
  const pack = encodeRelay({ sent: Date.now(), content: { kind: 'pack', pack: Uint8Array.of(1, 2, 3) } })
  const context = (from = ana.peer.device, to = raj.peer.device) =>
    ({ organization: ORGANIZATION, deposit: null, request: null, ready: null, from, to, index: null }) as const

  /** What Raj's app makes of bytes in Ana's lane. */
  async function made(box: Uint8Array): Promise<{ unreadable: number; heard: number | null }> {
    const broker = new MemoryBroker()
    const [anas, rajs] = people('ana', 'raj')
    anas.open([at(broker)])
    await soon(() => expect(broker.kept.length).toBeGreaterThan(0))
    broker.malice = () => [box]
    rajs.open([at(broker)])
    const before = broker.reads
    await soon(() => expect(broker.reads - before).toBeGreaterThan(8))
    await soon(() => expect(rajs.relay.brokers()[0]?.read).toBeGreaterThan(0))
    return { unreadable: rajs.relay.brokers()[0]?.unreadable ?? 0, heard: rajs.relay.lastHeard(ana.peer.device) }
  }

  it('of somebody else in a lane is nobody’s, though it is sealed to the right key', async () => {
    const box = await sealBoxFrom(
      eve.key.privateKey,
      fromBase64Url(raj.peer.mailbox),
      { purpose: 'relay', ...context() },
      pack,
    )
    expect(await made(box)).toMatchObject({ heard: null })
  })

  it('that was sealed without a sender is nobody’s', async () => {
    const box = await sealBox(fromBase64Url(raj.peer.mailbox), { purpose: 'mail', ...context() }, pack)
    expect(await made(box)).toMatchObject({ heard: null })
  })

  it('with a pack that nobody can read is told of, and its sender was heard of all the same', async () => {
    const box = await sealBoxFrom(
      ana.key.privateKey,
      fromBase64Url(raj.peer.mailbox),
      { purpose: 'relay', ...context() },
      pack,
    )
    const { unreadable, heard } = await made(box)
    expect(unreadable).toBe(1)
    expect(heard).not.toBeNull()
  })
})
