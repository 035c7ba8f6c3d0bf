import { act } from 'react'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { codesOf } from '../../shared/carriers/codes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { type FileReceipt, NOTHING_TAKEN } from '../../shared/ipc-values.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import type { FakeMain } from '../testing/fake-main.ts'
import { button, freshPages, press, show } from '../testing/page.tsx'
import { memberSnapshot } from '../testing/snapshots.ts'

freshPages()

const camera = vi.hoisted(() => {
  // Files share their modules: what others loaded is loaded again here, over the stand-in, and after it without.
  vi.resetModules()
  return { tell: (_text: string): void => undefined }
})
afterAll(() => {
  vi.doUnmock('./filming.ts')
  vi.resetModules()
})
vi.mock('./filming.ts', () => ({
  useFilming: (_id: string | null, onText: (text: string) => void) => {
    camera.tell = onText
    return { video: { current: null }, camera: null, choices: [], trouble: null }
  },
}))

const GOT: FileReceipt = { ...NOTHING_TAKEN, added: 1 }
const REFUSED = Uint8Array.from({ length: 200 }, (_, at) => at)
const TAKEN = Uint8Array.from({ length: 200 }, (_, at) => 255 - at)

let main: FakeMain
beforeEach(async () => {
  const readCode = (request: unknown) => {
    if ((request as { pack: Uint8Array }).pack[0] === REFUSED[0]) throw new LockboxError('signature', 'not taken in')
    return GOT
  }
  const { app, main: fake } = await appWith(memberSnapshot('ana'), { 'exchange.readCode': readCode })
  main = fake
  go(app.view, { screen: 'log' })
  await show(app)
  await press('Scan codes')
})

/** The camera sees these codes in so many pictures, and main has answered before each next one. */
const sees = (messages: readonly Uint8Array[], pictures = 10) =>
  act(async () => {
    for (let picture = 0; picture < pictures; picture++)
      for (const message of messages) {
        camera.tell(codesOf(message).code(1))
        await new Promise((resolve) => setTimeout(resolve))
      }
  })
const read = () =>
  main.calls
    .filter(({ channel }) => channel === 'exchange.readCode')
    .map(({ request }) => ((request as { pack: Uint8Array }).pack[0] === REFUSED[0] ? 'refused' : 'taken'))

describe('a code that main refuses', () => {
  it('is asked of it once, however many pictures the camera takes of it', async () => {
    await sees([REFUSED])
    expect(read()).toEqual(['refused'])
    expect(button('Read it again')).toBeDefined()
  })

  it('is read once more after something else was taken in, which it may have waited for', async () => {
    await sees([REFUSED, TAKEN])
    expect(read()).toEqual(['refused', 'taken', 'refused'])
  })

  it('is read once more when its owner says so', async () => {
    await sees([REFUSED])
    await press('Read it again')
    expect(button('Read it again')).toBeUndefined()
    await sees([REFUSED])
    expect(read()).toEqual(['refused', 'refused'])
  })
})
