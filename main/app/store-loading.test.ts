import { beforeAll, describe, expect, it } from 'vitest'
import { concat, toBase64Url, utf8 } from '../../shared/bytes.ts'
import type { Arrival } from '../../shared/carriers/arrival.ts'
import { leafHash } from '../../shared/ledger/merkle.ts'
import type { SignatureChecks } from '../../shared/statements/door.ts'
import { parse } from '../../shared/statements/envelope.ts'
import { wholeStory } from '../../shared/verify/testing/exported.ts'
import { signatureChecks } from '../checks.ts'
import { systemClock } from '../vault/clock.ts'
import type { Journal } from '../vault/journal.ts'
import { open } from '../vault/testing/journals.ts'
import { MemoryDisk } from '../vault/testing/memory-disk.ts'
import { StatementStore } from './store.ts'
import { tellUnread } from './store-unread.ts'

const LAN: Arrival = { by: 'lan', device: null }
let envelopes: readonly Uint8Array[]

beforeAll(async () => {
  envelopes = (await wholeStory()).story.entries()
})

/** Checks that count how many signatures they were given. */
function counted(): { readonly checks: SignatureChecks; readonly count: () => number } {
  let count = 0
  const checks: SignatureChecks = {
    ed25519: (...given) => {
      count++
      return signatureChecks.ed25519(...given)
    },
    assertion: (...given) => {
      count++
      return signatureChecks.assertion(...given)
    },
  }
  return { checks, count: () => count }
}

/** A disk with all of the story's statements, from an app that was locked. */
async function filled(more?: (journal: Journal) => Promise<void>): Promise<MemoryDisk> {
  const fs = new MemoryDisk()
  const { journal } = await open(fs, { create: true })
  const store = await StatementStore.load(journal, signatureChecks, systemClock)
  for (const envelope of envelopes) await store.receive(envelope, LAN)
  await more?.(journal)
  await journal.close()
  return fs
}

async function loadedFrom(fs: MemoryDisk, rules = 'these', given: SignatureChecks | null = null) {
  const { checks: usual, count } = counted()
  const checks = given ?? usual
  const { journal } = await open(fs, { rules })
  const store = await StatementStore.load(journal, checks, systemClock)
  return { journal, store, checked: count() }
}

describe('a store that is loaded again', () => {
  it('checks no signature a second time by the same rules, and has the same', async () => {
    const fs = await filled()
    const { store, checked } = await loadedFrom(fs)
    expect([store.ids(), checked]).toEqual([envelopes.map((envelope) => parse(envelope).id), 0])
  })

  it('checks every signature by other rules', async () => {
    const fs = await filled()
    const { store, checked } = await loadedFrom(fs, 'others')
    const hardware = envelopes.filter((envelope) => parse(envelope).hardware !== null)
    expect([store.ids().length, checked]).toEqual([envelopes.length, envelopes.length + hardware.length])
  })

  it('checks what came since the index was made, and nothing else', async () => {
    const fs = new MemoryDisk()
    const { journal } = await open(fs, { create: true })
    const early = await StatementStore.load(journal, signatureChecks, systemClock)
    for (const envelope of envelopes.slice(0, 10)) await early.receive(envelope, LAN)
    await journal.close()
    const { store: late } = await loadedFrom(fs)
    for (const envelope of envelopes.slice(10)) await late.receive(envelope, LAN)
    // Killed: no index was made of these.
    const since = envelopes.slice(10)
    const hardware = since.filter((envelope) => parse(envelope).hardware !== null)
    const { store, checked } = await loadedFrom(fs.afterKill())
    expect([store.ids().length, checked]).toEqual([envelopes.length, since.length + hardware.length])
  })

  it('has an index of what is poured in, made in the midst of it and breaking up no piece more than once', async () => {
    const pour = async (indexEvery: number) => {
      const fs = new MemoryDisk()
      const { journal } = await open(fs, { create: true, indexEvery })
      const store = await StatementStore.load(journal, signatureChecks, systemClock)
      const before = fs.syncs
      await Promise.all(envelopes.map((envelope) => store.receive(envelope, LAN)))
      const syncs = fs.syncs - before
      // Killed: nothing but the pour itself made an index.
      return { syncs, vouched: (await loadedFrom(fs.afterKill())).journal.vouched }
    }
    const without = await pour(1000)
    expect(without.vouched).toBe(0)
    const half = Math.floor(envelopes.length / 2)
    const made = await pour(half)
    expect(made.vouched).toBeGreaterThanOrEqual(half)
    // The index itself is synced once, and stands between two pieces that would be one.
    expect(made.syncs - without.syncs).toBeLessThanOrEqual(2 * Math.floor((envelopes.length + 1) / half))
  })
})

describe('a record that the door does not let in any more', () => {
  /** The checks of a later door, which finds some statements wanting. */
  const without = (...gone: readonly Uint8Array[]): SignatureChecks => {
    const refused = new Set(gone.map((envelope) => toBase64Url(parse(envelope).signedBytes)))
    return {
      ...signatureChecks,
      ed25519: (key, bytes, signature) =>
        !refused.has(toBase64Url(bytes)) && signatureChecks.ed25519(key, bytes, signature),
    }
  }
  const indexOf = (kind: string) => envelopes.findIndex((envelope) => parse(envelope).kind === kind)
  const mayGoOn = (store: StatementStore) => tellUnread(store.unread(), (id) => store.get(id)?.kind)?.mayGoOn

  it.each(['decision', 'custody', 'grant'])(
    'keeps its leaf and its place in its chain, and says nothing to any case (%s)',
    async (kind) => {
      const fs = await filled()
      const before = (await loadedFrom(fs)).store
      const gone = envelopes[indexOf(kind)] as Uint8Array
      const { id, payload } = parse(gone)
      const { store, journal } = await loadedFrom(fs, 'later', without(gone))
      expect(store.ids()).toEqual(before.ids())
      expect(store.ledger.root()).toEqual(before.ledger.root())
      const chain = (one: StatementStore) => {
        const { last, isWhole, fork } = one.chainOf(payload.device)
        return { last, isWhole, fork }
      }
      expect(chain(store)).toEqual(chain(before))
      expect([store.get(id), store.collection().byId(id), store.has(id)]).toEqual([undefined, undefined, true])
      const { device, previous, sequence } = payload
      expect([...store.unread()]).toMatchObject([[id, { place: { device, previous, sequence } }]])
      expect(mayGoOn(store)).toBe(true)
      // Handed back by another it counts as had, and nothing vouches for it at the next opening.
      expect(await store.receive(gone, LAN)).toEqual({ verdict: 'pruned' })
      await journal.close()
      expect((await loadedFrom(fs, 'later', without(gone))).journal.vouched).toBe(0)
      expect([...(await loadedFrom(fs, 'newest')).store.unread()]).toEqual([])
    },
  )

  it('that is the list of people takes along what names it, and all of them keep their places', async () => {
    const fs = await filled()
    const before = (await loadedFrom(fs)).store
    const { store } = await loadedFrom(fs, 'later', without(envelopes[indexOf('roster')] as Uint8Array))
    expect([store.ids(), store.ledger.root()]).toEqual([before.ids(), before.ledger.root()])
    expect(store.unread().size).toBe(envelopes.length)
    expect(mayGoOn(store)).toBe(false)
  })

  it('that is no statement at all keeps its leaf, and may be anything', async () => {
    const garbage = utf8('{"payload":"e30","payloadType":"application/vnd.lockbox.decision+json","signatures":[]}')
    const id = toBase64Url(new Uint8Array(32).fill(7))
    const fs = await filled(async (journal) => {
      await journal.append('statement', id, concat(new Uint8Array(8), garbage))
    })
    const { store } = await loadedFrom(fs)
    expect(store.unread().get(id)).toMatchObject({ place: null, because: expect.any(String) as string })
    expect(mayGoOn(store)).toBe(false)
    expect([store.ids().length, store.ledger.size]).toEqual([envelopes.length + 1, envelopes.length + 1])
    expect(store.ledger.leaf(envelopes.length)).toEqual(leafHash(garbage))
  })

  it('and never was gives nothing, however often it is loaded', async () => {
    const orphan = envelopes.at(-1) as Uint8Array
    const fs = new MemoryDisk()
    const { journal } = await open(fs, { create: true })
    const store = await StatementStore.load(journal, signatureChecks, systemClock)
    // As another program would write it: a statement whose roster is not there.
    await journal.append('statement', parse(orphan).id, concat(new Uint8Array(8), orphan))
    expect(store.ids()).toEqual([])
    await journal.close()
    for (let times = 0; times < 2; times++) {
      const { store: again, journal: opened } = await loadedFrom(fs)
      expect([again.collection().of('roster'), [...again.unread().keys()], opened.vouched]).toEqual([
        [],
        [parse(orphan).id],
        0,
      ])
      await opened.close()
    }
  })
})
