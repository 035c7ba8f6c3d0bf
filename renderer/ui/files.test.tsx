import { act } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { FILE_ABOUT } from '../../shared/carriers/file.ts'
import { NOTHING_TAKEN } from '../../shared/ipc-values.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { button, freshPages, open, press, show } from '../testing/page.tsx'
import { aloneSnapshot, memberSnapshot } from '../testing/snapshots.ts'

freshPages()

/** A file as the browser has it. Nothing of it is read before somebody asks. */
function fileOf(size: number, read: () => Promise<ArrayBuffer>): { readonly file: File; readonly read: typeof read } {
  const file = new File([], 'case.lockbox')
  const reading = vi.fn<typeof read>(read)
  Object.defineProperties(file, { size: { value: size }, arrayBuffer: { value: reading } })
  return { file, read: reading }
}

const settled = () => new Promise((resolve) => setTimeout(resolve))

/** How a file comes into the window. */
const WAYS: Readonly<Record<string, (file: File) => Promise<void>>> = {
  picked: (file) =>
    act(async () => {
      const input = document.querySelector('input[aria-label="Take in statements from a file: file"]')
      Object.defineProperty(input, 'files', { value: [file] })
      input?.dispatchEvent(new Event('change', { bubbles: true }))
      await settled()
    }),
  dropped: async (file) => {
    await press('Scan codes')
    await act(async () => {
      const drop = Object.assign(new Event('drop', { bubbles: true }), { dataTransfer: { files: [file] } })
      document.querySelector('[aria-label="Without a camera"]')?.dispatchEvent(drop)
      await settled()
    })
  },
}

describe.each(Object.keys(WAYS))('a file that is %s', (way) => {
  async function given(file: File) {
    const answers = { 'exchange.readFile': () => NOTHING_TAKEN, 'exchange.scan': () => null }
    const { app, main } = await appWith(memberSnapshot('ana'), answers)
    go(app.view, { screen: 'log' })
    await show(app)
    await WAYS[way]?.(file)
    return main.calls.filter(({ channel }) => channel === 'exchange.readFile').map(({ request }) => request)
  }
  const text = () => document.body.textContent ?? ''

  it('reaches main whole', async () => {
    const { file } = fileOf(3, async () => Uint8Array.of(1, 2, 3).buffer)
    expect(await given(file)).toEqual([{ name: 'case.lockbox', bytes: Uint8Array.of(1, 2, 3) }])
  })

  it('is refused by name if it is of 5 GB, and nothing of it is read', async () => {
    const { file, read } = fileOf(5 * 2 ** 30, async () => new ArrayBuffer(0))
    expect(await given(file)).toEqual([])
    expect(read).not.toHaveBeenCalled()
    expect(text()).toContain('That is larger than Lockbox takes at once.')
  })

  it('is refused by name if it is a folder, or the stick was pulled out', async () => {
    const { file } = fileOf(4096, () => Promise.reject(new DOMException('no', 'NotReadableError')))
    expect(await given(file)).toEqual([])
    expect(text()).toContain('This file cannot be read.')
  })
})

it('what a file says of itself names what there is in the window', async () => {
  const namedOn = (...names: readonly string[]) =>
    names.filter((name) => FILE_ABOUT.includes(name) && button(name) !== undefined)
  await open(memberSnapshot('ana'), { screen: 'log' })
  const onLog = ['Take in statements from a file', 'Scan codes']
  expect(namedOn(...onLog)).toEqual(onLog)
  await open(aloneSnapshot(), { screen: 'people' })
  expect(namedOn('Open a draft')).toEqual(['Open a draft'])
})
