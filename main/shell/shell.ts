import type { Outcome, Sender } from '../dispatch.ts'

/** One file of the window's bundle, kept in memory: the window can load these and nothing else. */
export interface Asset {
  readonly contentType: string
  readonly bytes: Uint8Array
}

/** The window's bundle by absolute path (`/index.html`, `/assets/app.js`); `/` is served as `/index.html`. */
export type AssetTable = ReadonlyMap<string, Asset>

/**
 * What the shell notices of the person at the screen. It takes no decision: how long without `active` is idle, and
 * what locks, is main's rule.
 *
 * - `active`: a key, a pointer or the system says that someone is there (at most every few seconds)
 * - `screen-locked` / `screen-unlocked`: the session's own lock
 * - `suspended`: the machine is about to sleep, or slept, or its clock jumped forward; may be told more than once
 * - `window-crashed`: the window's process died; the shell loads the bundle again by itself
 */
export type Presence = 'active' | 'screen-locked' | 'screen-unlocked' | 'suspended' | 'window-crashed'

/** A short-lived process of ours that works with secrets and ends; see `frames.ts` for the other end. */
export interface ShellWorker {
  /** Sends one frame; the bytes may be wiped once this resolves. */
  send(frame: Uint8Array): Promise<void>
  /** The worker's frames in order; ends when the worker ends. Take it once. */
  readonly frames: AsyncIterable<Uint8Array>
  /** Tells the worker that nothing more will come. */
  finish(): void
  /** Resolves to the exit code, or null if it was killed. */
  readonly exited: Promise<number | null>
  /** Kills it at once. */
  kill(): void
}

/**
 * All that depends on a shell (DESIGN §9). One window, one origin, one door: `open` is given the dispatcher, and
 * every text from the window passes it with what the browser itself says about the sender.
 */
export interface Shell {
  readonly name: 'browser' | 'electron'
  /** What it runs on, for people: "Chromium 156.0.8078.79 (/usr/bin/chromium)". */
  readonly runsOn: string

  /** Opens the window and loads the bundle. Called once. */
  open(receive: (sender: Sender, text: string) => Promise<Outcome>): Promise<void>
  /** Whether the id in a {@link Sender} is the window that is open now. */
  isKnownWindow(windowId: string): boolean
  /** Brings the window to the front. */
  focus(): Promise<void>
  /** Closes the window and ends the browser. Safe to call twice. */
  close(): Promise<void>
  /** Resolves when the window is gone, however that came about; main ends then. */
  readonly closed: Promise<void>

  /** Carries a text of the contract to the window; lost while no document of ours is shown. */
  send(text: string): void
  /**
   * Gives the window a new process and loads the bundle afresh, so that nothing the old document held stays in
   * memory. Called on lock. From the call on, what the old document still says is refused.
   *
   * @throws {ShellError} `closed` if the browser ends meanwhile, `not-open` if there is no window.
   */
  replaceWindowProcess(): Promise<void>

  /** Starts a worker process: its program only, no arguments, an empty environment. */
  startWorker(program: URL): ShellWorker

  /** Calls back on each {@link Presence}; returns the way to stop it. */
  onPresence(listener: (presence: Presence) => void): () => void
  /** Shows a notification of the desktop. Its text must carry no content of a case. */
  notify(title: string, body: string): Promise<void>

  /** Puts a text on the clipboard. */
  writeClipboard(text: string): Promise<void>
  /** Empties the clipboard if it still holds what {@link writeClipboard} put there; says whether it did. */
  clearClipboard(): Promise<boolean>

  /**
   * Lets the window use a camera, or no more. It may not from the start, and not after {@link replaceWindowProcess}; nobody
   * else is ever let.
   */
  permitCamera(permitted: boolean): Promise<void>

  /**
   * What the window shows now, as it prints itself (its `@page` rules and print styles), as a PDF with its text as text,
   * tagged for screen readers, with an outline of its headings. No printer and no dialog is involved.
   *
   * @throws {ShellError} `not-open` without a document of ours, `closed`, or `refused` if the browser could not.
   */
  printPdf(): Promise<Uint8Array>

  /**
   * Lets a person choose where to save; false if they cancelled.
   *
   * @param suggestedName - file name with its extension, for example `case-3f9a.lbx`.
   */
  saveFile(suggestedName: string, bytes: Uint8Array): Promise<boolean>
}
