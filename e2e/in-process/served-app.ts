import { Openings } from '../../main/openings.ts'
import { readOptions } from '../../main/options.ts'
import { serve } from '../../main/serve.ts'
import { ShellError } from '../../main/shell/errors.ts'
import { hashOf, OwnTexts } from '../../main/shell/own-texts.ts'
import type { Shell } from '../../main/shell/shell.ts'
import { ORIGIN } from '../../shared/origin.ts'
import type { Hands, RunningApp } from './running.ts'

/** An app in a shell, as the program for browser mode composes them. */
export interface ServedApp extends RunningApp {
  /** As the system does with SIGTERM. */
  terminate(): void
  /** A person closes its one window. */
  closeWindow(): void
  /** The window does not answer any more. */
  hang(): void
  /** Settles when its program would end. */
  readonly ended: Promise<void>
}

/** Starts an app in a shell whose window alone reaches the clipboard, as in browser mode. */
export async function serveApp(profile: string, hands: Hands): Promise<ServedApp> {
  const window = new Window(hands)
  const before = process.listeners('SIGTERM')
  const options = readOptions([`--profile=${profile}`, '--listen=127.0.0.1', '--no-discovery'])
  const commands = { browserModeCommand: null, handoutCommand: null }
  const ended = serve(window.shell, options, commands, new Openings())
  await Promise.race([window.opened, ended])
  const added = process.listeners('SIGTERM').filter((one) => !before.includes(one))
  const terminate = () => {
    for (const one of added) one('SIGTERM')
  }
  return {
    transport: window.transport,
    ended,
    died: window.shell.closed,
    terminate,
    closeWindow: () => window.close(),
    hang: () => {
      window.isHanging = true
    },
    quit: () => {
      terminate()
      return ended
    },
    kill: () => Promise.reject(new TypeError('it is of this process')),
    dieAt: () => Promise.reject(new TypeError('it is of this process')),
  }
}

/** A window that reaches the clipboard while it is open, and what carries its calls. */
class Window {
  isHanging = false
  readonly shell: Shell
  readonly transport: RunningApp['transport']
  readonly opened: Promise<void>
  #isOpen = true
  #tellClosed = (): void => undefined
  #tellOpened = (): void => undefined

  constructor(hands: Hands) {
    this.opened = new Promise((resolve) => (this.#tellOpened = resolve))
    const closed = new Promise<void>((resolve) => (this.#tellClosed = resolve))
    const ours = new OwnTexts()
    let dispatch: Parameters<Shell['open']>[0]
    let receive = (_text: string): void => undefined
    this.transport = {
      send: (text) =>
        void dispatch({ origin: ORIGIN, isMainFrame: true, windowId: 'window' }, text).then(({ reply }) => {
          if (reply !== null) receive(reply)
        }),
      listen: (listener) => (receive = listener),
    }
    this.shell = {
      name: 'browser',
      runsOn: 'a browser of a test',
      closed,
      open: async (given) => {
        dispatch = given
        this.#tellOpened()
      },
      isKnownWindow: () => true,
      focus: async () => undefined,
      close: async () => this.close(),
      send: () => hands.changed(),
      replaceWindowProcess: async () => undefined,
      startWorker: () => {
        throw new TypeError('nothing was to start a worker')
      },
      onPresence: () => () => undefined,
      notify: async () => undefined,
      writeClipboard: (text) => ours.write(text, () => this.#reach(() => hands.copied(text))),
      clearClipboard: () =>
        ours.clear((hashes) =>
          this.#reach(() => {
            const isOurs = hashes.includes(hashOf(hands.clipboard()))
            if (isOurs) hands.copied('')
            return isOurs
          }),
        ),
      permitCamera: async () => undefined,
      printPdf: async () => new Uint8Array(),
      saveFile: async () => false,
    }
  }

  close(): void {
    this.#isOpen = false
    this.#tellClosed()
  }

  async #reach<T>(act: () => T): Promise<T> {
    if (this.#isOpen && this.isHanging) await this.shell.closed
    if (!this.#isOpen) throw new ShellError('not-open', 'the window is not open')
    return act()
  }
}
