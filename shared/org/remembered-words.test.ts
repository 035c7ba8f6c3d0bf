import { describe, expect, it } from 'vitest'
import type { Digest } from '../bytes.ts'
import { digestOf } from '../testing/keys.ts'
import { type KnownWords, rememberedWords } from './remembered-words.ts'

const [ONE, OTHER] = [digestOf('one'), digestOf('other')]

/** Words that tell rosters apart, and for which rosters they were made. */
function counted() {
  const made: Digest[] = []
  const wordsOf = (roster: Digest) => {
    made.push(roster)
    return Promise.resolve([roster.slice(0, 6), 'words'])
  }
  return { made, wordsOf }
}

describe('the words of rosters that were made before', () => {
  it('are made once for each roster, and are that roster’s', async () => {
    const { made, wordsOf } = counted()
    const remembered = rememberedWords(wordsOf, new Map())
    for (const roster of [ONE, OTHER, ONE, OTHER])
      expect(await remembered(roster)).toEqual(await counted().wordsOf(roster))
    expect(made).toEqual([ONE, OTHER])
  })

  it('are what was known, and are known after', async () => {
    const { made, wordsOf } = counted()
    const known: KnownWords = new Map([[ONE, ['known']]])
    const remembered = rememberedWords(wordsOf, known)
    expect([await remembered(ONE), await remembered(OTHER)]).toEqual([['known'], [OTHER.slice(0, 6), 'words']])
    expect(made).toEqual([OTHER])
    expect([...known.keys()]).toEqual([ONE, OTHER])
  })

  it('are made again where making them failed', async () => {
    const { wordsOf } = counted()
    let tries = 0
    const remembered = rememberedWords(
      (roster) => (tries++ === 0 ? Promise.reject(new RangeError('no memory')) : wordsOf(roster)),
      new Map(),
    )
    await expect(remembered(ONE)).rejects.toThrow(RangeError)
    expect(await remembered(ONE)).toEqual([ONE.slice(0, 6), 'words'])
  })
})
