import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { CaseView } from '../../shared/views/case-views.ts'
import { follow, ToldPicture } from '../../shared/views/following.ts'
import { type PictureChange, pictureChange } from '../../shared/views/picture-change.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { pack, unpack } from '../../shared/wire-text.ts'
import { approvedCase, askedCase, grantedCase } from '../testing/cases.ts'
import { digestId } from '../testing/people.ts'
import { closedSnapshot, memberSnapshot } from '../testing/snapshots.ts'

const ids = ['a', 'b', 'c', 'd'].map(digestId)
/** Each case as it may stand at different times. */
const stands: readonly ((id: string) => CaseView)[] = [
  (id) => askedCase(0, { id }),
  (id) => askedCase(0, { id, headline: 'Waiting for 1 more' }),
  (id) => approvedCase(0, { id }),
  (id) => grantedCase(0, { id }),
]

const pictures = fc.oneof(
  fc
    .record({
      entries: fc.integer({ min: 0, max: 3 }),
      opened: fc.constantFrom(null, { number: 1, name: 'a.lockbox' }),
      cases: fc
        .shuffledSubarray(ids)
        .chain((some) => fc.tuple(...some.map((id) => fc.constantFrom(...stands.map((stand) => stand(id)))))),
    })
    .map(({ entries, opened, cases }) => {
      const member = memberSnapshot('ana', { opened, cases })
      return { ...member, log: { ...member.log, entries } }
    }),
  fc.constant(closedSnapshot('locked')),
)

/** Main with a window that gets what is pushed, as it crosses, unless it is lost. */
class Main {
  readonly told = new ToldPicture()
  picture: Snapshot
  asked = 0
  #listener: (change: PictureChange) => void = () => undefined

  constructor(first: Snapshot) {
    this.picture = { ...first, number: 1 }
  }

  readonly source = {
    snapshot: async () => {
      this.asked++
      return this.told.whole(this.picture)
    },
    changed: (listener: (change: PictureChange) => void) => {
      this.#listener = listener
      return () => undefined
    },
  }

  show(picture: Snapshot, isLost = false): PictureChange | null {
    this.picture = { ...picture, number: this.picture.number + 1 }
    const change = this.told.change(this.picture)
    const crossed = change && pictureChange.parse(unpack(pack(change)))
    if (crossed !== null && !isLost) this.#listener(crossed)
    return crossed
  }

  again(change: PictureChange): void {
    this.#listener(change)
  }
}

describe('a window that follows what main shows', () => {
  it('shows each picture as it was drawn, and asks once (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pictures, { minLength: 2, maxLength: 6 }), async ([first, ...others]) => {
        const main = new Main(first as Snapshot)
        const shown: Snapshot[] = []
        await follow(main.source, (picture) => void shown.push(picture))
        for (const picture of others) {
          main.show(picture)
          expect(shown.at(-1)).toEqual(main.picture)
        }
        expect(shown).toHaveLength(1 + others.length)
        expect(main.asked).toBe(1)
      }),
    )
  })

  it('is right again with the next change when some were lost, came twice or late (property)', async () => {
    const steps = fc.array(fc.record({ picture: pictures, isLost: fc.boolean(), again: fc.nat({ max: 5 }) }), {
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(pictures, steps, async (first, all) => {
        const main = new Main(first)
        const shown: Snapshot[] = []
        await follow(main.source, (picture) => void shown.push(picture))
        const changes: PictureChange[] = []
        for (const { picture, isLost, again } of all) {
          changes.push(main.show(picture, isLost) as PictureChange)
          const late = changes[again]
          if (late !== undefined && !isLost) main.again(late)
        }
        main.show(first)
        await vi.waitFor(() => expect(shown.at(-1)).toEqual(main.picture))
        const numbers = shown.map(({ number }) => number)
        expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
      }),
    )
  })

  it('is told of nothing but the case that changed, and shares the others with the picture before', async () => {
    const [one, other] = [askedCase(0, { id: ids[0] as string }), askedCase(0, { id: ids[1] as string })]
    const main = new Main(memberSnapshot('ana', { cases: [one, other] }))
    const shown: Snapshot[] = []
    await follow(main.source, (picture) => void shown.push(picture))
    const after = approvedCase(0, { id: ids[1] as string })
    const change = main.show({ ...main.picture, cases: [one, after] })
    expect(change).toEqual({
      since: 1,
      number: 2,
      now: main.picture.now,
      cases: { order: [one.id, other.id], drawn: [after] },
    })
    expect(shown[1]?.cases[0]).toBe(shown[0]?.cases[0])
  })

  it('asks again with the next change if main had no picture when it was asked', async () => {
    const main = new Main(memberSnapshot('ana'))
    const shown: Snapshot[] = []
    const { snapshot } = main.source
    const source = { ...main.source, snapshot: () => snapshot() }
    await follow(source, (picture) => void shown.push(picture))
    main.show(closedSnapshot('locked'), true)
    source.snapshot = () => Promise.reject(new Error('nothing could be drawn'))
    main.show(memberSnapshot('ana', { opened: { number: 1, name: 'a' } }))
    source.snapshot = () => snapshot()
    await Promise.resolve()
    await Promise.resolve()
    main.show(memberSnapshot('ana', { opened: { number: 2, name: 'b' } }))
    await vi.waitFor(() => expect(shown.at(-1)).toEqual(main.picture))
  })
})
