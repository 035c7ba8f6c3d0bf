import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hello } from './messages.ts'
import { type Candidate, isPreferred } from './preference.ts'
import { idOf, ORGANIZATION } from './testing/people.ts'

const [ALICE, BOB] = [idOf('alice'), idOf('bob')]

interface Wire {
  /** Whether alice dialed it. */
  readonly byAlice: boolean
  readonly alices: number
  readonly bobs: number
}

const hello = (connection: number, connected = true, run = 'run'): Hello => ({
  clock: 0,
  connected,
  connection,
  organization: ORGANIZATION,
  run,
  versions: [1],
})
const atAlice = ({ byAlice, alices, bobs }: Wire): Candidate => ({
  isOurs: byAlice,
  number: alices,
  hello: hello(bobs),
  openForMs: 0,
})
const atBob = ({ byAlice, alices, bobs }: Wire): Candidate => ({
  isOurs: !byAlice,
  number: bobs,
  hello: hello(alices),
  openForMs: 0,
})

/** Which of two connections an end keeps, given the order in which it saw them greeted. */
function kept(wires: readonly [Wire, Wire], see: (wire: Wire) => Candidate, ours: string, theirs: string): Wire {
  const [open, fresh] = wires
  return isPreferred(see(fresh), see(open), ours, theirs) ? fresh : open
}

describe('of two connections between two devices', () => {
  it('both ends keep the same one, whichever each saw first', () => {
    const wire = fc.record({ byAlice: fc.boolean(), alices: fc.nat(5), bobs: fc.nat(5) })
    fc.assert(
      fc.property(wire, wire, fc.boolean(), fc.boolean(), (one, two, aliceFirst, bobFirst) => {
        fc.pre(one.alices !== two.alices && one.bobs !== two.bobs)
        const order = (first: boolean): [Wire, Wire] => (first ? [one, two] : [two, one])
        expect(kept(order(aliceFirst), atAlice, ALICE, BOB)).toBe(kept(order(bobFirst), atBob, BOB, ALICE))
      }),
    )
  })

  it('the one of the peer’s new run is kept', () => {
    const open = { isOurs: true, number: 5, hello: hello(5, true, 'before'), openForMs: 0 }
    const fresh = { isOurs: false, number: 6, hello: hello(0, true, 'now'), openForMs: 0 }
    expect([isPreferred(fresh, open, ALICE, BOB), isPreferred(fresh, open, BOB, ALICE)]).toEqual([true, true])
  })

  it('the new one is kept when the peer lost the old one', () => {
    const open = { isOurs: ALICE < BOB, number: 5, hello: hello(5), openForMs: 60_000 }
    const fresh = { isOurs: ALICE > BOB, number: 6, hello: hello(6, false), openForMs: 0 }
    expect(isPreferred(fresh, open, ALICE, BOB)).toBe(true)
    expect(isPreferred(fresh, { ...open, openForMs: 100 }, ALICE, BOB)).toBe(false)
  })
})
