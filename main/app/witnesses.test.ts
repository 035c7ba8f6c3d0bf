import { describe, expect, it, vi } from 'vitest'
import { type Digest, digest, utf8 } from '../../shared/bytes.ts'
import { type Answered, nearestFirst } from './witnesses.ts'

const [raj, leo] = ['raj', 'leo'].map((name) => digest(utf8(name))) as [Digest, Digest]
const cosigned = async (device: Digest): Promise<Answered> => ({ device, refused: null })
const refused = async (device: Digest): Promise<Answered> => ({ device, refused: 'not-now' })
const silent = new Promise<Answered>(() => undefined)
const LONG = 2 ** 30

describe('those who are far', () => {
  it('are not asked if somebody near cosigns', async () => {
    const askFar = vi.fn<() => Promise<Answered>[]>(() => [cosigned(leo)])
    expect(await nearestFirst([silent, refused(leo), cosigned(raj)], askFar, LONG)).toBe(raj)
    expect(askFar).not.toHaveBeenCalled()
  })

  it.each([
    ['nobody is near', []],
    ['all who are near refused', [refused(raj)]],
  ])('are asked at once if %s', async (_, near) => {
    expect(await nearestFirst(near, () => [silent, cosigned(leo)], LONG)).toBe(leo)
  })

  it('are asked after a while if nobody near answers, whose answer counts still', async () => {
    let answer: (answered: Answered) => void = () => undefined
    const late = new Promise<Answered>((resolve) => (answer = resolve))
    const askFar = () => {
      answer({ device: raj, refused: null })
      return [silent]
    }
    expect(await nearestFirst([late], askFar, 1)).toBe(raj)
    expect(await nearestFirst([silent], () => [cosigned(leo)], 1)).toBe(leo)
  })

  it('may refuse as well: then nobody did', async () => {
    expect(await nearestFirst([refused(raj)], () => [refused(leo)], LONG)).toBeNull()
    expect(await nearestFirst([], () => [], LONG)).toBeNull()
  })
})
