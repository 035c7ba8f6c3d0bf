import type { Outcome, Sender } from '../../../dispatch.ts'
import type { AssetTable, Presence } from '../../shell.ts'
import { ElectronShell } from '../electron-shell.ts'
import { FakeElectron } from './fake-electron.ts'
import { still } from './still.ts'

export const HOME = 'https://lockbox.localhost/'
export const BLANK = 'https://lockbox-blank.localhost/'

const assets: AssetTable = new Map()

/** A shell over a fake Electron, with its window open. */
export interface Opened {
  readonly fake: FakeElectron
  readonly shell: ElectronShell
  readonly heard: (readonly [Sender, string])[]
  readonly presences: Presence[]
  /** Calls from the page, as its preload script does. */
  readonly ask: (text: unknown, event?: Partial<Electron.IpcMainInvokeEvent>) => Promise<unknown>
}

/** A shell that was not opened yet. */
export function made(platform = 'linux', fake = new FakeElectron()) {
  const shell = new ElectronShell({
    electron: fake.electron,
    assets,
    preload: '/out/main/electron-preload.cjs',
    platform,
    versions: { electron: '45.4.1', chrome: '156.0.0.0' },
    ticker: still,
  })
  const presences: Presence[] = []
  shell.onPresence((presence) => presences.push(presence))
  return { fake, shell, presences }
}

/** A shell that was. */
export async function opened(platform = 'linux'): Promise<Opened> {
  const { fake, shell, presences } = made(platform)
  const heard: (readonly [Sender, string])[] = []
  await shell.open(async (sender, text): Promise<Outcome> => {
    heard.push([sender, text])
    return { reply: `answer to ${text}`, refused: null }
  })
  const ask: Opened['ask'] = async (text, event = {}) => {
    const sender = fake.contentsObject
    const senderFrame = { ...fake.frame } as Electron.WebFrameMain
    return fake.invoked?.({ sender, senderFrame, processId: fake.processId, ...event } as never, text)
  }
  return { fake, shell, heard, presences, ask }
}
