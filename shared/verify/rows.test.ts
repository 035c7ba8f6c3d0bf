import { describe, expect, it } from 'vitest'
import { ACCEPTED, type Doored, FOLLOWS } from './batch.ts'
import { checkChains } from './chains.ts'
import { Findings } from './findings.ts'
import { inForce } from './in-force.ts'
import { NONE, Rows } from './rows.ts'

/** A row for each of these, as the door gives them: an id, and the one it names as before it. */
function doored(file: number, said: readonly { readonly id: number; readonly before: number | null }[]): Doored {
  const hashes = new Uint8Array(said.length * 96)
  for (const [row, { id, before }] of said.entries()) {
    hashes.fill(id, row * 96 + 32, row * 96 + 64)
    hashes.fill(before ?? 0, row * 96 + 64, row * 96 + 96)
  }
  return {
    file,
    places: Float64Array.from(said, (_, at) => at),
    hashes,
    flags: Uint8Array.from(said, ({ before }) => ACCEPTED | (before === null ? 0 : FOLLOWS)),
    sequences: Float64Array.from(said, (_, at) => at),
    devices: new Uint16Array(said.length).fill(1),
    keys: new Uint16Array(said.length),
    names: ['', 'device'],
    ownHeads: [],
    pruned: [],
    refused: [],
    waiting: [],
    notes: [],
    kept: [],
  }
}

describe('rows', () => {
  it('know what each names as before it: a row wherever that came, nothing, or what is not here', () => {
    const rows = new Rows()
    rows.add(
      doored(0, [
        { id: 2, before: 1 },
        { id: 1, before: null },
        { id: 3, before: 8 },
        { id: 4, before: 9 },
        { id: 5, before: 8 },
      ]),
    )
    rows.seal()
    const [second, first, lost, other, lostToo] = [0, 1, 2, 3, 4].map(rows.before) as [number, ...number[]]
    expect([second, first]).toEqual([1, NONE])
    // It names something, though nobody knows what: that is not to name nothing.
    expect(Math.max(lost as number, other as number)).toBeLessThan(NONE)
    expect([lostToo === lost, other === lost]).toEqual([true, false])
  })

  it.each([
    ['its first statement names nothing, and each that follows the one before', [null, 1, 2], []],
    ['its first statement names what is not here', [9, 1, 2], [0]],
    ['its second statement names nothing', [null, null, 2], [1]],
    ['its third statement names the first', [null, 1, 1], [2]],
  ])('show whether a device signed one history: %s', (_, befores, forkedAt) => {
    const rows = new Rows()
    rows.add(
      doored(
        0,
        befores.map((before, at) => ({ id: at + 1, before })),
      ),
    )
    rows.seal()
    const findings = new Findings()
    checkChains(rows, { findings, voices: inForce([]), exporters: ['device'], areParts: false })
    expect(findings.list().map(({ code, entries }) => [code, entries?.from])).toEqual(
      forkedAt.map((at) => ['chain-fork', at]),
    )
  })

  it('know each file that has one, and where', () => {
    const rows = new Rows()
    rows.add(doored(0, [{ id: 1, before: null }]))
    rows.add(
      doored(1, [
        { id: 2, before: null },
        { id: 1, before: null },
      ]),
    )
    expect(rows.count).toBe(2)
    expect([0, 1, 2].map((file) => [rows.isIn(0, file), rows.isIn(1, file)])).toEqual([
      [true, false],
      [true, true],
      [false, false],
    ])
    expect(rows.find(1, new Set([0, 1]))).toEqual(
      new Map([
        [1, 0],
        [0, 1],
      ]),
    )
  })
})
