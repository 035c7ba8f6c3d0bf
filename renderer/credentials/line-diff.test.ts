import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Change, compared, type Line } from './line-diff.ts'

const lines = (text: string): Line[] => text.split('').map((key) => ({ key, text: key.toUpperCase() }))
const shown = (changes: readonly Change[]) =>
  changes.map(({ is, key }) => `${is === 'same' ? ' ' : is === 'removed' ? '-' : '+'}${key}`).join('')

describe('two lists line by line', () => {
  it.each([
    ['abc', 'abc', ' a b c'],
    ['abc', 'axc', ' a-b+x c'],
    ['', 'ab', '+a+b'],
    ['ab', '', '-a-b'],
    ['abcd', 'acdb', ' a-b c d+b'],
    ['aa', 'a', ' a-a'],
  ])('%s becomes %s', (before, after, changes) => {
    expect(shown(compared(lines(before), lines(after)))).toBe(changes)
  })

  it('shows the newer text of a line that is the same', () => {
    expect(compared([{ key: 'm', text: 'Anna' }], [{ key: 'm', text: 'Ana' }])).toEqual([
      { is: 'same', key: 'm', text: 'Ana' },
    ])
  })

  const lists = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 12 }).map((all) => lines(all.join('')))

  it('leave both lists whole: without the additions it is the old one, without the removals the new one', () => {
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const changes = compared(before, after)
        const keys = (without: Change['is']) => changes.filter(({ is }) => is !== without).map(({ key }) => key)
        expect(keys('added')).toEqual(before.map(({ key }) => key))
        expect(keys('removed')).toEqual(after.map(({ key }) => key))
      }),
    )
  })

  it('call as many lines the same as any way of comparing could', () => {
    const common = (a: readonly Line[], b: readonly Line[]): number => {
      const [first, ...rest] = a
      if (first === undefined || b.length === 0) return 0
      const at = b.findIndex(({ key }) => key === first.key)
      const skipped = common(rest, b)
      return at < 0 ? skipped : Math.max(skipped, 1 + common(rest, b.slice(at + 1)))
    }
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        expect(compared(before, after).filter(({ is }) => is === 'same')).toHaveLength(common(before, after))
      }),
    )
  })

  it('shows all of two long lists that have nothing in common, in a moment', () => {
    const many = (from: string) => Array.from({ length: 4000 }, (_, at) => ({ key: `${from}${at}`, text: '' }))
    const changes = compared(many('a'), many('b'))
    expect(changes.filter(({ is }) => is === 'removed')).toHaveLength(4000)
    expect(changes.filter(({ is }) => is === 'added')).toHaveLength(4000)
  })
})
