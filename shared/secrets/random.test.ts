import { describe, expect, it } from 'vitest'
import { drawBytes, lendRandom } from './random.ts'
import { seeded } from './testing/setup.ts'

describe('drawing random bytes', () => {
  it('leaves nothing in the buffer that the source gave', () => {
    const source = seeded('source')(32)
    const drawn = drawBytes(() => source, 32)
    expect(drawn).toEqual(seeded('source')(32))
    expect(source).toEqual(new Uint8Array(32))
  })

  it.each([31, 33])('refuses %i bytes where 32 were asked for', (length) => {
    expect(() => drawBytes(() => new Uint8Array(length), 32)).toThrow('expected 32 random bytes')
  })
})

describe('lending the source of random bytes', () => {
  it('wipes all that was drawn when the borrower is done', () => {
    const lent = lendRandom(seeded('lent'), (random) => [random(), random(48)])
    expect(lent).toEqual([new Uint8Array(32), new Uint8Array(48)])
  })

  it('wipes all that was drawn when the borrower fails', () => {
    const lent: Uint8Array[] = []
    const failing = () =>
      lendRandom(seeded('lent'), (random) => {
        lent.push(random())
        throw new TypeError('the borrower failed')
      })
    expect(failing).toThrow('the borrower failed')
    expect(lent).toEqual([new Uint8Array(32)])
  })
})
