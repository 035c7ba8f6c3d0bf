import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { contract } from '../shared/ipc.ts'
import { connect } from '../shared/wire.ts'
import { startElectron } from './electron-program.ts'
import { run } from './run.ts'
import { FakeElectron } from './shell/electron/testing/fake-electron.ts'
import { preventable } from './shell/electron/testing/only.ts'

// The whole of main, with its vault and its network, in a fake Electron; the test is its page.

// What `run` loads while the browser starts; here it has to be compiled first.
beforeAll(() => import('./serve.ts'))

let profile: string
beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'lockbox-in-electron-'))
})
afterEach(() => rm(profile, { recursive: true }))

/** The window's end of the contract, as the preload script makes it. */
function pageOf(fake: FakeElectron) {
  let receive: (text: string) => void = () => undefined
  return connect(contract, {
    send: (text) => {
      const senderFrame = { ...fake.frame } as Electron.WebFrameMain
      const event = { sender: fake.contentsObject, senderFrame, processId: fake.processId }
      void fake.invoked?.(event as Electron.IpcMainInvokeEvent, text).then((reply) => {
        if (typeof reply === 'string') receive(reply)
      })
    },
    listen: (to) => {
      receive = to
    },
  })
}

it('answers its window, tells it how a PIN can be asked for, and gives the profile back at the end', async () => {
  const fake = new FakeElectron()
  const complaints: string[] = []
  await startElectron(
    fake.electron,
    {
      argv: ['electron', '.', '--', `--profile=${profile}`, '--listen=127.0.0.1', '--no-discovery'],
      isDefaultApp: true,
      execPath: '/opt/electron',
      environment: {},
      platform: 'linux',
      isRoot: false,
      versions: { electron: '45.4.1', chrome: '156.0.0.0' },
      preload: '/preload.cjs',
      say: () => undefined,
      complain: (text) => complaints.push(text),
    },
    run,
  )
  await vi.waitFor(() => expect(fake.calls.map(([what]) => what)).toContain('webContents.loadURL'))
  const snapshot = await pageOf(fake).app.snapshot()
  expect(snapshot).toMatchObject({
    shell: 'electron',
    stage: 'set-up',
    browserModeCommand: process.platform === 'win32' ? null : `npm start -- --shell=browser --profile=${profile}`,
  })
  await access(join(profile, 'lock'))

  const quit = preventable()
  fake.app.emit('will-quit', quit)
  expect(quit.wasPrevented()).toBe(true)
  await vi.waitFor(() => expect(fake.calls.at(-1)).toEqual(['app.exit', 0]))
  await expect(access(join(profile, 'lock'))).rejects.toThrow('ENOENT')
  expect(complaints).toEqual([])
})
