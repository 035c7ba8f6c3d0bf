import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diskFs } from '../vault/files.ts'
import { isSameFile, type Place } from './same-folder.ts'

const here: Place = { file: '17', born: '1000' }

describe('a journal', () => {
  it.each<[string, Place, boolean]>([
    ['the very file', here, true],
    ['another file', { file: '18', born: '1000' }, false],
    ['a file in the place of one that is gone, which is younger', { file: '17', born: '2000' }, false],
    ['the same file where nobody keeps when it was made', { file: '17', born: null }, true],
    ['a file of which nothing is known', { file: null, born: null }, true],
  ])('is compared with %s', (_, now, same) => {
    expect(isSameFile(here, now)).toBe(same)
    expect(isSameFile(now, here)).toBe(same)
  })
})

describe('on a real disk', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lockbox-place-'))
    await writeFile(join(dir, 'journal'), 'one')
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  const place = async (name: string): Promise<Place> => (await diskFs.look(join(dir, name))) as Place

  it('a file stays what it is when it grows, and when its folder is renamed', async () => {
    const before = await place('journal')
    await writeFile(join(dir, 'journal'), 'two', { flag: 'a' })
    expect(isSameFile(before, await place('journal'))).toBe(true)
    await rename(join(dir, 'journal'), join(dir, 'moved'))
    expect(isSameFile(before, await place('moved'))).toBe(true)
  })

  it('a copy is another, also where it takes the place of the first', async () => {
    const before = await place('journal')
    await cp(join(dir, 'journal'), join(dir, 'copy'), { preserveTimestamps: true })
    expect(isSameFile(before, await place('copy'))).toBe(false)
    if (before.born === null) return console.warn('left out: this disk does not keep when a file was made')
    let now = before
    // The clocks of file systems tick slowly.
    while (now.born === before.born) {
      await rm(join(dir, 'journal'))
      await cp(join(dir, 'copy'), join(dir, 'journal'), { preserveTimestamps: true })
      now = await place('journal')
    }
    expect(isSameFile(before, now)).toBe(false)
  })
})
