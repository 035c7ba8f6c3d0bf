import { describe, expect, it } from 'vitest'
import { Gathered } from './gathered.ts'

/** Keeps what it is given when it is told that the disk is done. */
function onDisk() {
  const given: (readonly string[])[] = []
  const disk: { done: () => void; fail: () => void } = { done: () => undefined, fail: () => undefined }
  const gathered = new Gathered<string>((all) => {
    given.push(all)
    return new Promise((resolve, reject) => {
      disk.done = () => resolve()
      disk.fail = () => reject(new TypeError('no disk'))
    })
  })
  return { gathered, given, disk }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('what comes one by one', () => {
  it('is kept at once, and together while the disk is busy with what came before', async () => {
    const { gathered, given, disk } = onDisk()
    const first = gathered.add('a')
    await turn()
    const later = [gathered.add('b'), gathered.add('c')]
    await turn()
    expect(given).toEqual([['a']])
    disk.done()
    await first
    await turn()
    expect(given).toEqual([['a'], ['b', 'c']])
    disk.done()
    await Promise.all(later)
    expect(given).toHaveLength(2)
  })

  it('is kept although what came before it was not', async () => {
    const { gathered, given, disk } = onDisk()
    const first = gathered.add('a')
    await turn()
    const second = gathered.add('b')
    disk.fail()
    await expect(first).rejects.toThrow('no disk')
    await turn()
    expect(given).toEqual([['a'], ['b']])
    disk.done()
    await second
  })
})
