import { describe, expect, it } from 'vitest'
import { hashOf, OwnTexts } from './own-texts.ts'

/** A clipboard, and what of ours may be on it. */
function clipboard() {
  const ours = new OwnTexts()
  const on = { text: '' }
  const clear = () =>
    ours.clear(async (hashes) => {
      const found = hashes.includes(hashOf(on.text))
      if (found) on.text = ''
      return found
    })
  return { ours, on, clear }
}

describe('a text that was put on the clipboard', () => {
  it('is taken away by whoever clears after it is there, also if somebody cleared just before', async () => {
    const { ours, on, clear } = clipboard()
    let land = (): void => undefined
    const written = ours.write('secret', () => new Promise((resolve) => (land = () => resolve(undefined))))
    expect(await clear()).toBe(false)
    on.text = 'secret'
    land()
    await written
    expect(await clear()).toBe(true)
    expect(on.text).toBe('')
  })

  it('is taken away if it was copied again while somebody cleared it', async () => {
    const { ours, on, clear } = clipboard()
    await ours.write('secret', async () => undefined)
    const again = async () => {
      await ours.write('secret', async () => undefined)
      on.text = 'secret'
      return false
    }
    await ours.clear(again)
    expect(await clear()).toBe(true)
    expect(await clear()).toBe(false)
  })

  it('is taken away while its write is not answered', async () => {
    const { ours, on, clear } = clipboard()
    void ours.write('secret', () => new Promise(() => undefined))
    on.text = 'secret'
    expect(await clear()).toBe(true)
  })

  it.each(['first', 'second'])('is taken away after a write that failed, where it left the %s', async (left) => {
    const { ours, on, clear } = clipboard()
    await ours.write('first', async () => undefined)
    const failed = ours.write('second', () => Promise.reject(new Error('the window was replaced')))
    await expect(failed).rejects.toThrow('replaced')
    on.text = left
    expect(await clear()).toBe(true)
    on.text = left
    expect(await clear()).toBe(false)
  })

  it('is of somebody else once ours has taken its place', async () => {
    const { ours, on, clear } = clipboard()
    await ours.write('first', async () => undefined)
    await ours.write('second', async () => undefined)
    on.text = 'first'
    expect(await clear()).toBe(false)
  })

  it('is still looked for when it could not be looked at', async () => {
    const { ours, clear, on } = clipboard()
    await ours.write('secret', async () => undefined)
    await expect(ours.clear(() => Promise.reject(new Error('busy')))).rejects.toThrow('busy')
    on.text = 'secret'
    expect(await clear()).toBe(true)
  })
})
