import { beforeAll, describe, expect, it } from 'vitest'
import { concat } from '../../shared/bytes.ts'
import type { Arrival } from '../../shared/carriers/arrival.ts'
import type { SignatureChecks } from '../../shared/statements/door.ts'
import { parse } from '../../shared/statements/envelope.ts'
import { wholeStory } from '../../shared/verify/testing/exported.ts'
import { signatureChecks } from '../checks.ts'
import { systemClock } from '../vault/clock.ts'
import type { Journal } from '../vault/journal.ts'
import { open } from '../vault/testing/journals.ts'
import { MemoryDisk } from '../vault/testing/memory-disk.ts'
import { StatementStore } from './store.ts'

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

async function loadedFrom(fs: MemoryDisk, rules = 'these') {
  const { checks, count } = counted()
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

  it('does not count a record that the door never let in, however often it is loaded', async () => {
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
      expect([again.ids(), opened.vouched]).toEqual([[], 0])
      await opened.close()
    }
  })
})
