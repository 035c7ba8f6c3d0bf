import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { BOX_OVERHEAD } from '../../shared/secrets/box.ts'
import { diskFs, type VaultFile, type VaultFs } from '../vault/files.ts'
import { Inbox, type Letter, MOST_BYTES_FROM_ONE, MOST_FROM_ONE } from './inbox.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'inbox-'))
})
afterEach(() => rm(dir, { recursive: true }))

const named = (name: string) => digest(utf8(name))
const letter = (change: Partial<Letter> = {}): Letter => ({
  urgent: false,
  at: 1_700_000_000_000,
  from: named('raj'),
  id: named('request'),
  box: new Uint8Array(BOX_OVERHEAD).fill(7),
  ...change,
})
const file = () => join(dir, 'inbox')

async function withLetters(...letters: readonly Letter[]): Promise<void> {
  const inbox = await Inbox.open(diskFs, dir)
  for (const one of letters) expect(await inbox.add(one)).toBe('kept')
  await inbox.close()
}

describe('the inbox', () => {
  it('keeps letters as docs/formats/mailbox.md has them', async () => {
    await withLetters(letter({ urgent: true }))
    const bytes = await readFile(file())
    expect(bytes.toString('hex')).toBe(
      `010000018bcfe5680000000030${Buffer.from(named('raj'), 'base64url').toString('hex')}${Buffer.from(named('request'), 'base64url').toString('hex')}${'07'.repeat(48)}`,
    )
  })

  it('gives back what was kept, in order, and says since when somebody should be called', async () => {
    const letters = [
      letter({ at: 30 }),
      letter({ id: named('later'), urgent: true, at: 20 }),
      letter({ id: named('last'), urgent: true, at: 10 }),
    ]
    await withLetters(...letters)
    const inbox = await Inbox.open(diskFs, dir)
    expect(inbox.letters).toEqual(letters)
    expect(inbox.state).toEqual({ count: 3, urgentSince: 10 })
  })

  it('has a letter of one device once, and of another device again: a spoilt copy keeps no good one out', async () => {
    const inbox = await Inbox.open(diskFs, dir)
    expect(await inbox.add(letter())).toBe('kept')
    expect(await inbox.add(letter({ box: new Uint8Array(60) }))).toBe('known')
    expect(await inbox.add(letter({ from: named('mia') }))).toBe('kept')
    expect(inbox.state.count).toBe(2)
    await inbox.close()
  })

  it('bounds what one device leaves, by pieces and by bytes, and keeps room for the others', async () => {
    const inbox = await Inbox.open(diskFs, dir)
    for (let count = 0; count < MOST_FROM_ONE; count++)
      expect(await inbox.add(letter({ id: named(`statement ${count}`), urgent: true }))).toBe('kept')
    expect(await inbox.add(letter({ id: named('one more'), urgent: true }))).toBe('full')
    const big = new Uint8Array(MOST_BYTES_FROM_ONE / 16)
    for (let count = 0; count < 16; count++)
      expect(await inbox.add(letter({ from: named('mia'), id: named(`big ${count}`), box: big }))).toBe('kept')
    expect(await inbox.add(letter({ from: named('mia'), id: named('small') }))).toBe('full')
    expect(await inbox.add(letter({ from: named('leo') }))).toBe('kept')
    await inbox.close()
    expect((await Inbox.open(diskFs, dir)).letters).toHaveLength(MOST_FROM_ONE + 16 + 1)
  })

  it('passes over what a crash left at any byte of a letter, and writes over it', async () => {
    await withLetters(letter(), letter({ id: named('second') }))
    const whole = await readFile(file())
    const one = whole.length / 2
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: one, max: whole.length - 1 }), async (length) => {
        await writeFile(file(), whole.subarray(0, length))
        const inbox = await Inbox.open(diskFs, dir)
        expect(inbox.letters).toEqual([letter()])
        expect(await inbox.add(letter({ id: named('third') }))).toBe('kept')
        await inbox.close()
        const again = await Inbox.open(diskFs, dir)
        expect(again.letters.map(({ id }) => id)).toEqual([named('request'), named('third')])
      }),
      { numRuns: 30 },
    )
  })

  it('reads any bytes without a fault, and never more than there are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), async (bytes) => {
        await writeFile(file(), bytes)
        const { letters } = await Inbox.open(diskFs, dir)
        const held = letters.reduce((sum, { box }) => sum + box.length, 0)
        expect(held).toBeLessThanOrEqual(bytes.length)
      }),
    )
    await writeFile(file(), new Uint8Array(77))
    expect((await Inbox.open(diskFs, dir)).letters).toEqual([])
    await writeFile(file(), Buffer.from(`00${'00'.repeat(8)}ffffffff${'00'.repeat(200)}`, 'hex'))
    expect((await Inbox.open(diskFs, dir)).letters).toEqual([])
  })

  it('has nothing that the disk did not say it has: such a letter is not confirmed, and can come again', async () => {
    let fails = true
    const fs = Object.create(diskFs, {
      open: {
        value: async (path: string) => {
          const opened = await diskFs.open(path, 'create')
          const sync = () => (fails ? Promise.reject(new Error('the disk is gone')) : opened.sync())
          const rest: Omit<VaultFile, 'sync'> = {
            size: () => opened.size(),
            read: (at, length) => opened.read(at, length),
            write: (bytes, at) => opened.write(bytes, at),
            truncate: (length) => opened.truncate(length),
            close: () => opened.close(),
          }
          return { ...rest, sync }
        },
      },
    }) as VaultFs
    const inbox = await Inbox.open(fs, dir)
    await expect(inbox.add(letter())).rejects.toThrow('the disk is gone')
    expect(inbox.state.count).toBe(0)
    fails = false
    expect(await inbox.add(letter())).toBe('kept')
    await inbox.close()
    expect((await Inbox.open(diskFs, dir)).letters).toEqual([letter()])
  })

  it('does not bring back what lay behind a damaged letter once another is written over that', async () => {
    const [first, damaged, behind] = [letter(), letter({ id: named('damaged') }), letter({ id: named('behind') })]
    await withLetters(first, damaged, behind)
    const bytes = await readFile(file())
    // The first byte says whether a letter is urgent, and is 0 or 1.
    bytes[bytes.length / 3] = 9
    await writeFile(file(), bytes)
    const fresh = letter({ id: named('fresh') })
    await withLetters(fresh)
    expect((await Inbox.open(diskFs, dir)).letters).toEqual([first, fresh])
  })

  it('is gone once it was read', async () => {
    await withLetters(letter())
    const inbox = await Inbox.open(diskFs, dir)
    await inbox.keepOnly(() => false)
    expect(await diskFs.readAll(file())).toBeNull()
    expect(inbox.state).toEqual({ count: 0, urgentSince: null })
  })

  it('keeps of its letters what could not be read yet, and makes room for others', async () => {
    const [first, second, third] = [letter(), letter({ id: named('second') }), letter({ id: named('third') })]
    await withLetters(first, second)
    const inbox = await Inbox.open(diskFs, dir)
    await inbox.keepOnly(({ id }) => id === second.id)
    expect(inbox.letters).toEqual([second])
    expect(await inbox.add(third)).toBe('kept')
    expect(await inbox.add(first)).toBe('kept')
    await inbox.close()
    expect((await Inbox.open(diskFs, dir)).letters).toEqual([second, third, first])
  })
})
