import { contextBridge, ipcRenderer } from 'electron'
import { ORIGIN } from '../../../shared/origin.ts'
import type { WindowTransport } from '../../../shared/wire.ts'
import { CHANNEL } from './door.ts'

// Runs in the window's sandbox before its bundle, in a world of its own, and gives the page what browser mode gives it:
// the transport of `shared/wire.ts` as `lockbox`. Nothing of Electron itself reaches the page.

// main/ is compiled without the DOM; this is all that is needed of it.
declare const location: { readonly origin: string }

if (location.origin === ORIGIN) {
  let receive: ((text: string) => void) | null = null
  const early: string[] = []
  const arrived = (text: unknown): void => {
    if (typeof text !== 'string') return
    if (receive === null) early.push(text)
    else receive(text)
  }
  const transport: WindowTransport = {
    // The answer comes to the very document that asked; a refused call has none.
    send: (text) => void ipcRenderer.invoke(CHANNEL, text).then(arrived, () => undefined),
    listen: (to) => {
      receive = to
      for (const text of early.splice(0)) to(text)
    },
  }
  ipcRenderer.on(CHANNEL, (_event, text: unknown) => arrived(text))
  contextBridge.exposeInMainWorld('lockbox', transport)
}
