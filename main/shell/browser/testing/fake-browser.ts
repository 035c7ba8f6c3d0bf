import { PassThrough } from 'node:stream'
import { CdpConnection } from '../cdp.ts'
import type { ChromiumProcess } from '../chromium-process.ts'

/** One command of the shell to the browser. */
export interface Command {
  readonly id: number
  readonly method: string
  readonly params?: unknown
}

const SESSION = 'session 1'

/** The id of the fake's one page, and of its main frame. */
export const PAGE = 'page 1'

/**
 * A browser as far as the shell's window needs one: it answers every command with nothing, shows one page, and loads whatever
 * it is led to. What it was told is in `commands`.
 */
export class FakeBrowser {
  readonly commands: Command[] = []
  /** Commands that are never answered. */
  silent: (command: Command) => boolean = () => false
  /** Addresses that cannot be loaded now. */
  cannotLoad: (url: string) => boolean = () => false
  readonly #input = new PassThrough()
  readonly process: ChromiumProcess

  constructor() {
    const out = new PassThrough()
    const connection = new CdpConnection(out, this.#input)
    out.on('data', (chunk: Buffer) => {
      for (const text of chunk.toString().split('\0')) if (text !== '') this.#told(JSON.parse(text) as Command)
    })
    const exited = connection.closed
    const end = async (): Promise<void> => void this.#input.destroy()
    this.process = { connection, exited, isReady: Promise.resolve(), end }
  }

  /** Tells an event of the page, and resolves when the shell has heard it. */
  async tell(method: string, params: object): Promise<void> {
    this.#say({ method, params, sessionId: SESSION })
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** The page's main frame shows another document. */
  async navigated(url: string): Promise<void> {
    await this.tell('Page.frameNavigated', { frame: { id: PAGE, url } })
  }

  /** What the shell last said of the camera. */
  get camera(): unknown {
    const said = this.commands.filter(({ method }) => method === 'Browser.setPermission').map(({ params }) => params)
    const settings = said as { permission: { name: string }; setting: string }[]
    return settings.findLast(({ permission }) => permission.name === 'camera')?.setting
  }

  #told(command: Command): void {
    this.commands.push(command)
    if (this.silent(command)) return
    if (command.method === 'Page.navigate' && this.cannotLoad((command.params as { url: string }).url))
      return this.#say({ id: command.id, result: { errorText: 'net::ERR_ABORTED' } })
    this.#say({ id: command.id, result: {} })
    if (command.method === 'Target.setAutoAttach') this.#say({ method: 'Target.attachedToTarget', params: ATTACHED })
    if (command.method === 'Page.navigate') this.#say({ method: 'Page.loadEventFired', sessionId: SESSION })
  }

  #say(message: object): void {
    this.#input.write(`${JSON.stringify(message)}\0`)
  }
}

const ATTACHED = {
  sessionId: SESSION,
  targetInfo: { targetId: PAGE, type: 'page', url: 'about:blank' },
  waitingForDebugger: true,
}
