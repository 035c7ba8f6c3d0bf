import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Column, Mostly, PIECE } from './columns.ts'
import { Digests } from './digests.ts'

const around = fc.constantFrom(0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7)

describe('columns', () => {
  it('give back what was pushed and set, over any number of pieces', () => {
    fc.assert(
      fc.property(around, fc.infiniteStream(fc.nat(2 ** 31 - 1)), (count, stream) => {
        const values = Array.from({ length: count }, () => stream.next().value as number)
        const column = new Column(Int32Array)
        for (const value of values) column.push(value)
        for (let at = 0; at < count; at += 3) column.set(at, at)
        expect(Array.from({ length: column.length }, (_, at) => column.at(at))).toEqual(
          values.map((value, at) => (at % 3 === 0 ? at : value)),
        )
      }),
      { numRuns: 20 },
    )
  })

  it.each([Uint16Array, Uint32Array])('keep beside what does not fit into %s', (make) => {
    const edge = 2 ** (8 * make.BYTES_PER_ELEMENT)
    const values = [0, 1, edge - 2, edge - 1, edge, edge + 1, Number.MAX_SAFE_INTEGER, 5]
    const column = new Mostly<Uint16Array | Uint32Array>(make)
    for (const value of values) column.push(value)
    expect(values.map((_, at) => column.at(at))).toEqual(values)
  })

  it('number digests in the order in which they were first seen, over any number of pieces', () => {
    const digests = Array.from({ length: PIECE + 3 }, (_, at) => {
      const digest = new Uint8Array(32)
      new DataView(digest.buffer).setUint32(at % 2 === 0 ? 0 : 28, at)
      return digest
    })
    const numbers = new Digests()
    for (const [at, digest] of digests.entries()) expect(numbers.number(digest, 0)).toBe(at)
    for (const [at, digest] of digests.entries()) expect(numbers.number(digest, 0)).toBe(at)
    expect(numbers.count).toBe(digests.length)
  })
})
