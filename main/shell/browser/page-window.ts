import { ORIGIN } from '../../../shared/origin.ts'
import type { Outcome, Sender } from '../../dispatch.ts'
import { answerTo, BLANK_ORIGIN, headersFor } from '../assets.ts'
import { ShellError } from '../errors.ts'
import { PRINT } from '../print.ts'
import type { AssetTable, Presence } from '../shell.ts'
import { type CdpConnection, CdpError, type CdpEvent } from './cdp.ts'
import { BINDING, BRIDGE, PAGE_FUNCTIONS } from './page-scripts.ts'
import * as protocol from './protocol.ts'

/** What the window needs of the shell around it. */
export interface WindowHost {
  readonly connection: CdpConnection
  readonly assets: AssetTable
  readonly receive: (sender: Sender, text: string) => Promise<Outcome>
  readonly onPresence: (presence: Presence) => void
  /** The document that was shown is gone: another one took its place, of whatever cause, or it crashed. */
  readonly onDocumentGone: () => void
}

interface Context {
  readonly id: number
  readonly sender: Sender
}

const PRESENCES: readonly Presence[] = ['active', 'screen-locked', 'screen-unlocked']

/** How often the window is brought home in a row before it is taken for broken. */
const HOMECOMINGS = 5

/** The one page of ours: what it loads, what it says, what we say to it. */
export class PageWindow {
  readonly #host: WindowHost
  readonly #sessionId: string
  readonly #targetId: string
  readonly #contexts = new Map<number, Context>()
  #generation = 0
  /** While we lead the window ourselves, it is nowhere by mistake. */
  #isLed = false
  #homecomings = 0
  #replacing: Promise<void> = Promise.resolve()
  readonly #awaitingLoad = new Set<() => void>()

  constructor(host: WindowHost, sessionId: string, targetId: string) {
    this.#host = host
    this.#sessionId = sessionId
    this.#targetId = targetId
  }

  /** Prepares the target and loads the bundle. */
  async open(): Promise<void> {
    this.#isLed = true
    // All at once, and all heeded before anything is loaded.
    await Promise.all([
      this.#send('Page.enable'),
      this.#send('Runtime.enable'),
      this.#send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      this.#send('Runtime.addBinding', { name: BINDING }),
      this.#send('Page.addScriptToEvaluateOnNewDocument', { source: BRIDGE }),
      // Without it the clipboard could not be emptied while the window is in the background.
      this.#send('Emulation.setFocusEmulationEnabled', { enabled: true }),
      this.#send('Runtime.runIfWaitingForDebugger'),
    ])
    await this.#goHome()
    this.#isLed = false
  }

  /** The id that a sender of the present document has. */
  get windowId(): string {
    return `${this.#targetId}/${this.#generation}`
  }

  /** Replaces the process: to another site, and back to a document that knows nothing. One after the other. */
  replaceProcess(): Promise<void> {
    // From now on the old document is a stranger, whatever the browser is busy with.
    this.#isLed = true
    this.#generation += 1
    this.#contexts.clear()
    this.#replacing = this.#replacing.catch(() => {}).then(() => this.#leaveAndReturn())
    return this.#replacing
  }

  async #leaveAndReturn(): Promise<void> {
    this.#isLed = true
    try {
      await this.#load(`${BLANK_ORIGIN}/`)
      await this.#send('Page.resetNavigationHistory')
      await this.#goHome()
    } finally {
      this.#isLed = false
    }
  }

  /** Carries a text to the present document, if there is one. */
  say(text: string): void {
    const context = this.#present()
    if (context) void this.#callIn(context, 'receive', text).catch(() => {})
  }

  /**
   * Calls one of our functions in the page, as if a person had just clicked.
   *
   * @throws {ShellError} `not-open` without a document; `refused` with the page's words if it threw.
   */
  async call(name: keyof typeof PAGE_FUNCTIONS, argument: unknown): Promise<unknown> {
    const context = this.#present()
    if (!context) throw new ShellError('not-open', 'the window shows no document yet')
    return this.#callIn(context, name, argument)
  }

  /**
   * The present document as a PDF.
   *
   * @throws {ShellError} `not-open` without one; `refused` if it was replaced meanwhile, or the browser could not.
   */
  async printPdf(): Promise<Uint8Array> {
    const { windowId } = this
    if (this.#isLed || !this.#present()) throw new ShellError('not-open', 'the window shows no document yet')
    try {
      const { data } = protocol.printed.parse(await this.#send('Page.printToPDF', PRINT))
      // What was printed may be the document that had to leave, or nothing yet.
      if (windowId !== this.windowId) throw new ShellError('refused', 'the window was locked while it was printed')
      return Uint8Array.from(Buffer.from(data, 'base64'))
    } catch (cause) {
      if (!(cause instanceof CdpError)) throw cause
      throw new ShellError('refused', `the browser could not make a PDF: ${cause.message}`, { cause })
    }
  }

  async bringToFront(): Promise<void> {
    const { connection } = this.#host
    const found = protocol.windowForTarget.parse(
      await connection.send('Browser.getWindowForTarget', { targetId: this.#targetId }),
    )
    if (found.bounds.windowState === 'minimized') {
      await connection.send('Browser.setWindowBounds', { windowId: found.windowId, bounds: { windowState: 'normal' } })
    }
    await this.#send('Page.bringToFront')
  }

  /** Handles an event of this window's session. */
  handle({ method, params }: CdpEvent): void {
    if (method === 'Fetch.requestPaused') void this.#answer(params)
    else if (method === 'Runtime.bindingCalled') void this.#heard(params)
    else if (method === 'Runtime.executionContextCreated') this.#contextCreated(params)
    else if (method === 'Runtime.executionContextDestroyed') this.#contextDestroyed(params)
    else if (method === 'Runtime.executionContextsCleared') this.#contexts.clear()
    else if (method === 'Page.frameNavigated') this.#frameNavigated(params)
    else if (method === 'Page.loadEventFired') for (const loaded of this.#awaitingLoad) loaded()
    else if (method === 'Page.javascriptDialogOpening') this.#answerDialog(params)
    else if (method === 'Inspector.targetCrashed') this.#crashed()
  }

  /**
   * Every request of the page waits for this, that for its worker's program too; its policy leaves it no frames. What the worker
   * asks for may go past here: the policy that came with its program lets it ask our origin alone, and no host has an address.
   */
  async #answer(params: unknown): Promise<void> {
    const { requestId, request } = protocol.requestPaused.parse(params)
    const send = (method: string, more: object) => this.#send(method, { requestId, ...more })
    const answer = answerTo(request.method, request.url, this.#host.assets)
    try {
      if (answer === 'own-blob') await send('Fetch.continueRequest', {})
      else if (answer === 'blocked') await send('Fetch.failRequest', { errorReason: 'BlockedByClient' })
      else if (answer === 'forbidden') await send('Fetch.fulfillRequest', { responseCode: 403 })
      else {
        const headers = Object.entries(headersFor(answer.serve.contentType)).map(([name, value]) => ({ name, value }))
        const body = Buffer.from(answer.serve.bytes).toString('base64')
        await send('Fetch.fulfillRequest', { responseCode: 200, responseHeaders: headers, body })
      }
    } catch {
      // The request is gone with its document.
    }
  }

  async #goHome(): Promise<void> {
    await this.#load(`${ORIGIN}/`)
  }

  async #load(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      const heard = (): void => {
        this.#awaitingLoad.delete(heard)
        resolve()
      }
      this.#awaitingLoad.add(heard)
    })
    const { errorText } = protocol.navigated.parse(await this.#send('Page.navigate', { url }))
    if (errorText !== undefined) throw new ShellError('not-open', `the window could not load ${url}: ${errorText}`)
    await Promise.race([loaded, this.#host.connection.closed])
  }

  #present(): Context | undefined {
    return [...this.#contexts.values()].find(({ sender }) => sender.isMainFrame && sender.origin === ORIGIN)
  }

  async #callIn(context: Context, name: keyof typeof PAGE_FUNCTIONS, argument: unknown): Promise<unknown> {
    const answer = await this.#send('Runtime.callFunctionOn', {
      functionDeclaration: PAGE_FUNCTIONS[name],
      executionContextId: context.id,
      arguments: [{ value: argument }],
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })
    const { result, exceptionDetails } = protocol.called.parse(answer)
    if (!exceptionDetails) return result.value
    const words = exceptionDetails.exception?.description ?? exceptionDetails.text
    throw new ShellError('refused', `the window could not do it: ${words.split('\n')[0]}`)
  }

  #contextCreated(params: unknown): void {
    const { id, origin, auxData } = protocol.contextCreated.parse(params).context
    if (!auxData?.isDefault) return
    const isMainFrame = auxData.frameId === this.#targetId
    this.#contexts.set(id, { id, sender: { origin, isMainFrame, windowId: this.windowId } })
  }

  #contextDestroyed(params: unknown): void {
    this.#contexts.delete(protocol.contextDestroyed.parse(params).executionContextId)
  }

  async #heard(params: unknown): Promise<void> {
    const { name, payload, executionContextId } = protocol.bindingCalled.parse(params)
    const context = this.#contexts.get(executionContextId)
    if (name !== BINDING || !context) return
    const text = payload.slice(1)
    if (payload.startsWith('p')) {
      const presence = PRESENCES.find((known) => known === text)
      if (presence && context === this.#present()) this.#host.onPresence(presence)
    } else if (payload.startsWith('c')) {
      const { reply } = await this.#host.receive(context.sender, text)
      // To the document that asked: another one must not see the answer.
      if (reply !== null) await this.#callIn(context, 'receive', reply).catch(() => {})
    }
  }

  /** Drag and drop, a blocked link or Alt+Left can lead the window elsewhere; it shows our bundle or nothing. */
  #frameNavigated(params: unknown): void {
    const { frame } = protocol.frameNavigated.parse(params)
    if (frame.id !== this.#targetId) return
    this.#host.onDocumentGone()
    if (this.#isLed) return
    if (frame.url.startsWith(`${ORIGIN}/`)) this.#homecomings = 0
    else this.#comeBack()
  }

  #crashed(): void {
    this.#contexts.clear()
    this.#generation += 1
    this.#host.onDocumentGone()
    // Main may answer by locking, and then the window is led home anyway.
    this.#host.onPresence('window-crashed')
    if (!this.#isLed) this.#comeBack()
  }

  #comeBack(): void {
    this.#homecomings += 1
    if (this.#homecomings <= HOMECOMINGS) void this.#goHome().catch(() => {})
  }

  #answerDialog(params: unknown): void {
    // "Leave this page?" must not keep the window from being locked; our bundle asks nothing else this way.
    const accept = protocol.dialogOpening.parse(params).type === 'beforeunload'
    void this.#send('Page.handleJavaScriptDialog', { accept }).catch(() => {})
  }

  #send(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return this.#host.connection.send(method, params, this.#sessionId)
  }
}
