import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PayloadOf } from '../statements/kinds.ts'
import { draftRows } from './draft-rows.ts'

const someone = (member: string) => ({ member, name: 'someone' })

const leaf = fc.oneof(fc.string({ minLength: 1 }), fc.integer(), fc.boolean(), fc.constant(null))
const payload = fc
  .dictionary(
    fc.stringMatching(/^[a-z][A-Za-z]{0,11}$/),
    fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('object')),
      object: fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z]{0,11}$/), tie('value'), { minKeys: 1, maxKeys: 4 }),
    })).value,
    { maxKeys: 6 },
  )
  .chain((fields) =>
    fc.record({
      fields: fc.constant(fields),
      time: fc.nat(7_258_118_400_000),
      sequence: fc.nat(),
      previous: fc.option(fc.string({ minLength: 43, maxLength: 43 })),
    }),
  )
  .map(({ fields, ...common }) => ({ ...fields, ...common }))

/** How many values people have to see: an empty list is one too. */
function count(value: unknown): number {
  if (Array.isArray(value)) return value.length === 0 ? 1 : sum(value)
  if (typeof value === 'object' && value !== null) return sum(Object.values(value))
  return 1
}

const sum = (values: unknown[]): number => values.reduce<number>((all, one) => all + count(one), 0)

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : []
}

describe('what is shown of a statement before it is signed', () => {
  it('is every value of the payload, none left out and none shortened', () => {
    fc.assert(
      fc.property(payload, (said) => {
        const { rows, place } = draftRows(said as unknown as PayloadOf<'request'>, someone)
        const all = [...rows, ...place]
        expect(all).toHaveLength(count(said))
        const values = all.map(({ value }) => value)
        for (const text of texts(said)) expect(values).toContain(text)
        expect(values.some((value) => value.includes(String(said.time)))).toBe(true)
      }),
    )
  })

  it('says first what its kind says, then who signs and where it stands', () => {
    const { rows, place } = draftRows(
      { of: 'x', sequence: 4, time: 0, member: 'm' } as unknown as PayloadOf<'endorsement'>,
      (member) => ({ member, name: 'Raj' }),
    )
    expect(rows).toEqual([{ label: 'Statement endorsed', value: 'x' }])
    expect(place).toEqual([
      { label: 'Member', value: 'm' },
      { label: 'Time', value: '1970-01-01T00:00:00.000Z (0 ms)' },
      { label: 'Number in this device’s chain', value: '4' },
    ])
  })
})
