import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digest, utf8 } from '../bytes.ts'
import { Chain } from './chain.ts'

/** A statement of a device as far as its chain goes. */
function link(sequence: number, previous: string | null, branch = '') {
  const id = digest(utf8(`${branch}${sequence}`))
  return { id, payload: { sequence, previous } as never }
}

function linksOf(length: number, branch = '', from = 0, previous: string | null = null) {
  const links = []
  let before = previous
  for (let number = from; number < length; number++) {
    const one = link(number, before, branch)
    links.push(one)
    before = one.id
  }
  return links
}

function chainOf(links: readonly ReturnType<typeof link>[]): Chain {
  const chain = new Chain()
  for (const one of links) chain.add(one)
  return chain
}

const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length })

describe('a device’s chain', () => {
  it('is whole and shows no fork, in whatever order it comes, and however often (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }).chain((length) => shuffled(linksOf(length))),
        (links) => {
          const chain = chainOf([...links, ...links])
          expect([chain.fork, chain.isWhole, chain.last?.number ?? -1]).toEqual([null, true, links.length - 1])
        },
      ),
    )
  })

  it('with a gap shows no fork, and is not whole (property)', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 12 })
          .chain((length) => fc.tuple(fc.nat({ max: length - 2 }), shuffled(linksOf(length)))),
        ([gap, links]) => {
          const chain = chainOf(links.filter(({ payload }) => Reflect.get(payload, 'sequence') !== gap))
          expect([chain.fork, chain.isWhole]).toEqual([null, false])
        },
      ),
    )
  })

  it('names the first gaps, in whatever order it comes (property)', () => {
    const numbers = fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(numbers, (taken) => {
        const chain = chainOf(taken.map((number) => link(number, null)))
        const missing = Array.from({ length: Math.max(...taken) }, (_, number) => number).filter(
          (number) => !taken.includes(number),
        )
        const gaps = missing.filter((number) => !missing.includes(number - 1)).slice(0, 8)
        const named = gaps.map((from) => {
          let to = from
          while (missing.includes(to + 1)) to++
          return { from, to }
        })
        expect([chain.gaps(), chain.isWhole]).toEqual([named, missing.length === 0])
      }),
    )
  })

  it('that went on in two ways is a fork at that place, in whatever order it comes (property)', () => {
    const cases = fc
      .tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
      .chain(([common, one, other]) => {
        const stem = linksOf(common)
        const before = stem.at(-1)?.id ?? null
        const branches = [
          ...linksOf(common + one, 'a', common, before),
          ...linksOf(common + other, 'b', common, before),
        ]
        return fc.tuple(fc.constant(common), shuffled([...stem, ...branches]))
      })
    fc.assert(
      fc.property(cases, ([common, links]) => {
        const { fork } = chainOf(links)
        expect(fork).not.toBeNull()
        expect(fork?.number).toBeGreaterThanOrEqual(common)
      }),
    )
  })

  it('of which one statement follows another than the one here is a fork, though no two claim one place', () => {
    const [first, second] = linksOf(2)
    const other = link(1, digest(utf8('another first')), 'b')
    expect(chainOf([first, second].flatMap((one) => one ?? [])).fork).toBeNull()
    expect(chainOf([first, other].flatMap((one) => one ?? [])).fork).toEqual({ number: 0, statements: null })
    expect(chainOf([other, first].flatMap((one) => one ?? [])).fork).toEqual({ number: 0, statements: null })
  })

  it('whose fork is proved names the two statements, whatever was found before', () => {
    const [first, second] = linksOf(2)
    const other = link(1, digest(utf8('another first')), 'b')
    const chain = chainOf([first, other, second].flatMap((one) => one ?? []))
    expect(chain.fork).toEqual({ number: 1, statements: [other.id, second?.id] })
    // Both say that they follow the same one, though with other numbers.
    const skipped = link(2, first?.id ?? null, 'c')
    expect(chainOf([first, second, skipped].flatMap((one) => one ?? [])).fork).toEqual({
      number: 1,
      statements: [second?.id, skipped.id],
    })
  })

  it('names what is missing before its last, and not what is not', () => {
    const links = linksOf(9)
    const chain = chainOf([0, 3, 4, 8].flatMap((at) => links[at] ?? []))
    expect(chain.gaps()).toEqual([
      { from: 1, to: 2 },
      { from: 5, to: 7 },
    ])
    expect([chainOf(links).gaps(), new Chain().gaps()]).toEqual([[], []])
    const far = chainOf(Array.from({ length: 40 }, (_, at) => link(2 * at + 1, null, 'gaps')))
    expect(far.gaps()).toHaveLength(8)
  })

  it('that begins with something before the beginning is a fork', () => {
    expect(chainOf([link(0, digest(utf8('before')))]).fork).toEqual({ number: 0, statements: null })
  })

  it('knows what comes next', () => {
    const chain = chainOf(linksOf(3))
    expect(chain.isNext(link(3, chain.last?.id ?? null))).toBe(true)
    expect(chain.isNext(link(4, chain.last?.id ?? null))).toBe(false)
    expect(chain.isNext(link(3, null))).toBe(false)
    expect(new Chain().isNext(link(0, null))).toBe(true)
  })
})
