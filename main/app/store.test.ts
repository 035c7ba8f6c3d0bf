import { setImmediate } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import type { Arrival } from '../../shared/carriers/arrival.ts'
import { parse } from '../../shared/statements/envelope.ts'
import { type Exported, exportOf, wholeStory } from '../../shared/verify/testing/exported.ts'
import { signatureChecks } from '../checks.ts'
import { file, journalOf, open } from '../vault/testing/journals.ts'
import type { MemoryDisk } from '../vault/testing/memory-disk.ts'
import { StatementStore } from './store.ts'

const clock = () => ({ wall: 1_700_000_000_000, monotonic: 0 })
const LAN: Arrival = { by: 'lan', device: digest(utf8('bob’s device')) }
let log: Exported
let entries: readonly Uint8Array[] = []

beforeAll(async () => {
  const { story } = await wholeStory()
  log = exportOf(story)
  entries = log.entries
})

async function emptyStore() {
  const { fs, journal } = await journalOf(0)
  const store = await StatementStore.load(journal, signatureChecks, clock)
  store.pinOrganization(log.organization)
  return { fs, store }
}

/** What a start after a power cut finds. */
async function afterPowerCut(fs: MemoryDisk): Promise<StatementStore> {
  const { journal } = await open(fs.afterPowerCut(0))
  return StatementStore.load(journal, signatureChecks, clock)
}

const usedOf = (fs: MemoryDisk): number => [...fs.snapshot().values()].reduce((sum, hex) => sum + hex.length / 2, 0)

const spoiled = (envelope: Uint8Array): Uint8Array =>
  Buffer.from(
    Buffer.from(envelope)
      .toString()
      .replace(/"sig":"./, '"sig":"_'),
  )

describe('statements that come together', () => {
  it('are kept with few syncs, and stand in the ledger in the order in which they came', async () => {
    const { fs, store } = await emptyStore()
    // A disk takes longer than what waits for nothing.
    Object.defineProperty(fs.faults, 'slow', { get: () => setImmediate() })
    const heard: string[] = []
    store.onAccepted(({ id }) => heard.push(id))
    const before = fs.syncs
    const receipts = await Promise.all(entries.map((envelope) => store.receive(envelope, LAN)))
    expect(receipts.every(({ verdict }) => verdict === 'new')).toBe(true)
    // The genesis and each later roster stand between pieces: what follows may name them.
    expect(fs.syncs - before).toBeLessThan(entries.length / 2)
    expect(heard).toEqual(store.ids())
    expect(store.ids().map((id) => store.get(id)?.envelope)).toEqual(entries)
    expect(store.ids().map((id) => store.leaf(id))).toEqual(entries.map((_, at) => at))
    expect((await afterPowerCut(fs)).ids()).toEqual(store.ids())
  })

  it('are told of once they are on the medium, and not before', async () => {
    const { fs, store } = await emptyStore()
    const wasKept: Promise<boolean>[] = []
    store.onAccepted(({ id }) => wasKept.push(afterPowerCut(fs).then((after) => after.has(id))))
    await Promise.all(entries.map((envelope) => store.receive(envelope, LAN)))
    expect(wasKept).toHaveLength(entries.length)
    expect(await Promise.all(wasKept)).toEqual(entries.map(() => true))
  })

  it('are told first to whoever hands them on, then to this app itself, in the order in which they listen', async () => {
    const { store } = await emptyStore()
    const heard: string[] = []
    store.onAccepted(() => heard.push('judges'))
    store.onAccepted(() => heard.push('shows'))
    const stop = store.onAccepted(() => heard.push('hands on'), 'first')
    await store.receive(entries[0] as Uint8Array, LAN)
    stop()
    await store.receive(entries[1] as Uint8Array, LAN)
    expect(heard).toEqual(['hands on', 'judges', 'shows', 'judges', 'shows'])
  })

  it('are recorded and told to all, although one who hears of them fails', async () => {
    const { fs, store } = await emptyStore()
    const [heard, failures]: [string[], unknown[]] = [[], []]
    const broken = new Error('cannot listen')
    store.onAccepted(() => {
      throw broken
    })
    store.onAccepted(({ id }) => heard.push(id))
    store.failuresTo((error) => failures.push(error))
    const receipts = await Promise.all(entries.map((envelope) => store.receive(envelope, LAN)))
    expect(receipts.map(({ verdict }) => verdict)).toEqual(entries.map(() => 'new'))
    expect(heard).toEqual(store.ids())
    expect(failures).toEqual(entries.map(() => broken))
    expect((await afterPowerCut(fs)).ids()).toEqual(heard)
  })

  it('of this device’s own go to the disk at once, each the next of its chain; or none, where the first is not', async () => {
    const { fs, store } = await emptyStore()
    const ids = entries.map((envelope) => parse(envelope))
    const at = ids.findLastIndex(({ id, payload }, place) => ids[place + 1]?.payload.previous === id && payload.roster)
    const [both, rest] = [entries.slice(at, at + 2), entries.slice(0, at)]
    for (const envelope of rest.slice(0, -1)) await store.receive(envelope, LAN)
    const own = ids.slice(0, at).findLast(({ payload }) => payload.device === ids[at]?.payload.device)
    const missing = entries[ids.indexOf(own as (typeof ids)[number])] as Uint8Array
    const { store: without } = await emptyStore()
    for (const envelope of rest) if (envelope !== missing) await without.receive(envelope, LAN)
    await expect(without.receiveOwn(both)).rejects.toMatchObject({ code: 'chain-moved' })
    expect(without.ids()).toHaveLength(rest.length - 1)
    for (const envelope of rest.slice(-1)) await store.receive(envelope, LAN)
    const before = fs.syncs
    const receipts = await Promise.all(await store.receiveOwn(both))
    expect([fs.syncs - before, receipts.map(({ verdict }) => verdict)]).toEqual([1, ['new', 'new']])
    expect((await afterPowerCut(fs)).ids()).toEqual(ids.slice(0, at + 2).map(({ id }) => id))
  })

  it('of this device’s own wait for what has to be on the medium before them, and come to nothing where that fails', async () => {
    const { fs, store } = await emptyStore()
    const ids = entries.map((envelope) => parse(envelope))
    const at = ids.findLastIndex(({ payload }) => payload.roster)
    for (const envelope of entries.slice(0, at)) await store.receive(envelope, LAN)
    const last = [entries[at] as Uint8Array]
    await expect(store.receiveOwn(last, Promise.reject(new TypeError('no disk')))).rejects.toThrow('no disk')
    let go = (): void => undefined
    const received = store.receiveOwn(last, new Promise<void>((resolve) => (go = resolve)))
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    expect((await afterPowerCut(fs)).ids()).toHaveLength(at)
    go()
    await Promise.all(await received)
    expect((await afterPowerCut(fs)).ids()).toHaveLength(at + 1)
  })

  it('are judged each for itself: a spoiled one keeps nobody out, its good copy least of all', async () => {
    const { store } = await emptyStore()
    const last = entries.at(-1) as Uint8Array
    const given = [...entries.slice(0, -1), spoiled(last), last, last]
    const receipts = await Promise.all(given.map((envelope) => store.receive(envelope, LAN)))
    const verdicts = receipts.map(({ verdict }) => verdict)
    expect(verdicts).toEqual([...entries.slice(0, -1).map(() => 'new'), 'refused', 'new', 'known'])
    expect(store.ids()).toHaveLength(entries.length)
  })

  it('are judged by the organization of their turn, although their signatures were checked before', async () => {
    const { store } = await emptyStore()
    const [genesis, next] = entries as [Uint8Array, Uint8Array]
    await store.receive(genesis, LAN)
    const coming = store.receive(next, LAN)
    store.pinOrganization(digest(utf8('another organization')))
    expect(await coming).toMatchObject({ verdict: 'refused', code: 'wrong-organization' })
    store.pinOrganization(log.organization)
    expect(await store.receive(next, LAN)).toMatchObject({ verdict: 'new' })
  })

  it('wait for their roster, whatever the order, and are kept all the same', async () => {
    const { store } = await emptyStore()
    const receipts = await Promise.all(entries.toReversed().map((envelope) => store.receive(envelope, LAN)))
    expect(receipts.at(-1)?.verdict).toBe('new')
    expect(new Set(store.ids()).size).toBe(entries.length)
    expect(store.waitingCount()).toBe(0)
  })

  it('do not take back the roster they waited for where the disk has no room for them', async () => {
    const { fs, store } = await emptyStore()
    const [genesis, ...others] = entries as [Uint8Array, ...Uint8Array[]]
    for (const envelope of others) await store.receive(envelope, LAN)
    expect(store.waitingCount()).toBe(others.length)
    // Room for the genesis, and not for the next.
    fs.faults.capacity = usedOf(fs) + genesis.length + 400
    expect(await store.receive(genesis, LAN)).toMatchObject({ verdict: 'new' })
    expect(store.ids().length).toBeLessThan(entries.length)
    expect(store.get(store.ids()[0] as string)?.envelope).toEqual(genesis)
    delete fs.faults.capacity
    for (const envelope of others) await store.receive(envelope, LAN)
    expect(store.ids()).toHaveLength(entries.length)
  })

  it('are all refused by a disk that does not keep them, copies too, and none counts', async () => {
    const { fs, store } = await emptyStore()
    const [genesis, ...others] = entries as [Uint8Array, ...Uint8Array[]]
    await store.receive(genesis, LAN)
    const length = fs.contentOf(file).length
    fs.faults.capacity = 0
    const some = others.slice(0, 3)
    const settled = await Promise.allSettled([...some, ...some].map((envelope) => store.receive(envelope, LAN)))
    for (const one of settled) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'disk-full' } })
    expect(store.ids()).toHaveLength(1)
    expect(fs.contentOf(file)).toHaveLength(length)
    delete fs.faults.capacity
    const again = await Promise.all(some.map((envelope) => store.receive(envelope, LAN)))
    expect(again.map(({ verdict }) => verdict)).toEqual(['new', 'new', 'new'])
  })
})

describe('by which way a statement came first', () => {
  const way = (by: Arrival['by']): Arrival => ({ by, device: digest(utf8(by)) })

  it('is kept with it, whatever brings it again, and is still known after a restart', async () => {
    const { fs, store } = await emptyStore()
    const [genesis, second] = entries as [Uint8Array, Uint8Array]
    await store.receive(genesis, way('file'))
    await store.receive(genesis, way('code'))
    await store.receive(second, way('code'))
    const [one, two] = store.ids()
    const after = await afterPowerCut(fs)
    for (const each of [store, after])
      expect([one, two].map((id) => each.cameFrom(id ?? ''))).toEqual([way('file'), way('code')])
  })

  it('is that of its first coming, where it had to wait for a roster that came another way', async () => {
    const { store } = await emptyStore()
    const [genesis, second] = entries as [Uint8Array, Uint8Array]
    expect(await store.receive(second, way('code'))).toEqual({ verdict: 'waiting' })
    await store.receive(genesis, way('lan'))
    expect(store.cameFrom(store.ids()[1] ?? '')).toEqual(way('code'))
  })

  it('is told of what was refused', async () => {
    const { store } = await emptyStore()
    await store.receive(spoiled(entries[0] as Uint8Array), way('text'))
    expect(store.refusals()).toMatchObject({ count: 1, latest: [{ from: way('text'), code: 'device-signature' }] })
  })
})
