import type * as Electron from 'electron'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { WindowTransport } from '../../../shared/wire.ts'
import { type Call, Listeners, only } from './testing/only.ts'

let calls: Call[]
let main: Listeners
let answer: (text: unknown) => Promise<unknown>

beforeEach(() => {
  calls = []
  main = new Listeners()
  answer = async () => null
  vi.resetModules()
  vi.doMock('electron', () => ({
    contextBridge: only<Electron.ContextBridge>('contextBridge', {
      exposeInMainWorld: (name, api) => void calls.push(['exposeInMainWorld', name, api]),
    }),
    ipcRenderer: only<Electron.IpcRenderer>('ipcRenderer', {
      on: main.on as unknown as Electron.IpcRenderer['on'],
      invoke: async (channel, text: unknown) => {
        calls.push(['invoke', channel, text])
        return answer(text)
      },
    }),
  }))
})
afterEach(() => {
  vi.doUnmock('electron')
  vi.unstubAllGlobals()
})

async function loadedAt(origin: string): Promise<WindowTransport | null> {
  vi.stubGlobal('location', { origin })
  await import('./preload.ts')
  const [call] = calls.splice(0)
  return call ? (call[2] as WindowTransport) : null
}

it.each(['null', 'https://lockbox-blank.localhost', 'https://example.com', 'http://lockbox.localhost'])(
  'gives a page of %s nothing',
  async (origin) => {
    expect(await loadedAt(origin)).toBeNull()
    expect(main.heard()).toEqual([])
  },
)

it('gives our page a transport for texts, and nothing else', async () => {
  const transport = await loadedAt('https://lockbox.localhost')
  expect(Object.keys(transport ?? {})).toEqual(['send', 'listen'])
})

it('carries a text to main, and its answer back', async () => {
  answer = async (text) => `answer to ${String(text)}`
  const transport = await loadedAt('https://lockbox.localhost')
  const heard: string[] = []
  transport?.listen((text) => heard.push(text))
  transport?.send('a call')
  await vi.waitFor(() => expect(heard).toEqual(['answer to a call']))
  expect(calls).toEqual([['invoke', 'lockbox', 'a call']])
})

it.each([
  ['none', async () => null],
  ['a failure', () => Promise.reject(new Error('disposed'))],
  ['no text', async () => ({ text: 'x' })],
])('hears nothing where the answer is %s', async (_what, given) => {
  answer = given
  const transport = await loadedAt('https://lockbox.localhost')
  const heard: string[] = []
  transport?.listen((text) => heard.push(text))
  transport?.send('a call')
  await new Promise((resolve) => setImmediate(resolve))
  expect(heard).toEqual([])
})

it('keeps what main says before the page listens, in order, and nothing that is no text', async () => {
  const transport = await loadedAt('https://lockbox.localhost')
  for (const given of ['first', 7, 'second']) main.emit('lockbox', {}, given)
  const heard: string[] = []
  transport?.listen((text) => heard.push(text))
  main.emit('lockbox', {}, 'third')
  expect(heard).toEqual(['first', 'second', 'third'])
})
