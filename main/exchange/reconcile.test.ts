import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idsToOffer, SUMMARY_BYTES, summarize } from './reconcile.ts'
import { idOf } from './testing/people.ts'

const ids = fc.uniqueArray(fc.nat(5000), { maxLength: 300 }).map((all) => all.map((number) => idOf(`${number}`)))

describe('comparing ids', () => {
  it('offers each side everything that it lacks', () => {
    fc.assert(
      fc.property(ids, ids, (alices, bobs) => {
        const [alice, bob] = [summarize(alices), summarize(bobs)]
        const toBob = new Set(idsToOffer(alice, bob.bytes))
        const toAlice = new Set(idsToOffer(bob, alice.bytes))
        expect(alices.filter((id) => !bobs.includes(id)).every((id) => toBob.has(id))).toBe(true)
        expect(bobs.filter((id) => !alices.includes(id)).every((id) => toAlice.has(id))).toBe(true)
      }),
    )
  })

  it('offers nothing between equal sets, in whatever order they came', () => {
    fc.assert(
      fc.property(ids, (all) => {
        const theirs = summarize([...all].reverse()).bytes
        expect(theirs).toHaveLength(SUMMARY_BYTES)
        expect(idsToOffer(summarize(all), theirs)).toEqual([])
      }),
    )
  })

  it('offers the buckets that differ and no others', () => {
    const all = Array.from({ length: 10_000 }, (_, index) => idOf(`${index}`))
    const [ours, theirs] = [summarize(all), summarize(all.slice(1))]
    const offered = idsToOffer(ours, theirs.bytes)
    expect(offered).toContain(all[0])
    expect(offered.length).toBeLessThan(100)
    expect(new Set(offered.map((id) => Buffer.from(id, 'base64url')[0])).size).toBe(1)
  })
})
