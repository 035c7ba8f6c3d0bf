import { partsOfLines } from '../../shared/evidence/event.ts'
import {
  type CastEnd,
  type CastEvent,
  eventLine,
  headerLine,
  MOST_COLUMNS,
  MOST_ROWS,
  outputEvents,
  PartCounter,
} from '../../shared/terminal/asciicast.ts'
import { Redactor } from '../../shared/terminal/redact.ts'
import type { Time } from '../sessions/session.ts'
import type { RecordingWriter } from '../vault/recordings.ts'
import { TERM } from './environment.ts'
import type { Shell, Size } from './pty.ts'

/** How long a chunk gathers what is shown before it is written: with the disk's own time, less than a second. */
const CHUNK_MS = 500
/** How much is shown in a chunk, UTF-16 units; then the shell waits for the next. So nothing floods disk or window. */
const CHUNK_LENGTH = 64 * 1024
/** How long output is gathered before the window is given it. */
const SHOW_MS = 10
/** How much the window is shown again that comes back to a shell, UTF-16 units. */
const MOST_SHOWN = 256 * 1024
/** How long a shell has to end by itself once it was told that its terminal is gone. */
const GRACE_MS = 1000
/** Told how a shell ended: it did by itself or was made to, or could not be recorded any more. */
export type Ended = CastEnd | 'not-recorded'

/** The one way into a recording: what a shell shows, without the session's secrets, on the disk within a second. */
export class Recorder {
  /** Settles once the shell is gone and all of the recording that will ever be is on the disk. */
  readonly ended: Promise<Ended>
  readonly #shell: Shell
  readonly #writer: RecordingWriter
  readonly #time: Time
  readonly #began: number
  readonly #redactor: Redactor
  readonly #counter = new PartCounter()
  readonly #onShown: (text: string) => void
  #settle: (how: Ended) => void = () => undefined
  #lines: Uint8Array[] = []
  #length = 0
  #toShow = ''
  #shown = ''
  #isChunkDue = false
  #isHidden = false
  #isPaused = false
  #isOver = false
  /** Something did not fit: what comes after it would stand behind a hole. */
  #isFull = false
  #ending: Ended | null = null

  /**
   * @param secrets - of the session: taken out of what is recorded, wherever they stand whole.
   * @param onShown - given what the shell shows, as it is.
   */
  constructor(parts: {
    readonly shell: Shell
    readonly size: Size
    readonly writer: RecordingWriter
    readonly time: Time
    readonly secrets: readonly string[]
    readonly onShown: (text: string) => void
  }) {
    const { shell, size, writer, time, secrets, onShown } = parts
    this.#shell = shell
    this.#writer = writer
    this.#time = time
    this.#redactor = new Redactor(secrets)
    this.#onShown = onShown
    const { wall, monotonic } = time.now()
    this.#began = monotonic
    this.ended = new Promise((settle) => {
      this.#settle = settle
    })
    const header = headerLine({
      env: { SHELL: shell.file, TERM },
      height: size.rows,
      timestamp: Math.floor(wall / 1000),
      version: 2,
      width: size.columns,
    })
    this.#counter.add(header)
    this.#lines.push(header)
    this.#chunkSoon()
    shell.onOutput((text) => this.#heard(text))
    shell.onExit(() => void this.#gone())
  }

  /** What the window is shown that comes back to it: all that it was given until now, and nothing of what comes later. */
  screen(): string {
    this.#flushShown()
    return this.#shown
  }

  get isOpen(): boolean {
    return this.#ending === null && !this.#isOver
  }

  type(text: string): void {
    if (this.isOpen) this.#shell.type(text)
  }

  resize({ columns, rows }: Size): void {
    if (!this.isOpen) return
    const size = { columns: Math.min(columns, MOST_COLUMNS), rows: Math.min(rows, MOST_ROWS) }
    this.#shell.resize(size)
    this.#record([{ at: this.#now(), type: 'resize', ...size }])
  }

  /** Ends the shell: tells it, and kills after a moment what is still there. Recorded until then. */
  end(how: Ended): void {
    if (this.#ending !== null || this.#isOver) return
    this.#ending = how
    // A locked window shows nothing of it any more.
    if (how === 'locked' || how === 'quit') this.#hide()
    // It may be waiting to write, and nobody waits for it any more.
    this.#isPaused = false
    this.#shell.resume()
    this.#shell.hangUp()
    this.#time.after(GRACE_MS, () => void this.#shell.kill())
  }

  #heard(text: string): void {
    // What cannot be recorded is not shown either.
    if (this.#isOver || this.#isFull || this.#ending === 'not-recorded') return
    this.#show(text)
    this.#length += text.length
    this.#record(outputEvents(this.#now(), this.#redactor.push(text)))
    if (this.#length < CHUNK_LENGTH || this.#isPaused) return
    this.#isPaused = true
    this.#shell.pause()
  }

  #record(events: readonly CastEvent[]): void {
    for (const event of events) {
      const line = eventLine(event)
      if (!this.#counter.add(line)) {
        this.#isFull = true
        return this.end('full')
      }
      this.#lines.push(line)
    }
    this.#chunkSoon()
  }

  #chunkSoon(): void {
    if (this.#isChunkDue || this.#isOver) return
    this.#isChunkDue = true
    this.#time.after(CHUNK_MS, () => void this.#chunk())
  }

  async #chunk(): Promise<void> {
    if (this.#isOver) return
    const lines = this.#lines.splice(0)
    this.#length = 0
    try {
      await this.#write(lines)
    } catch {
      // What is not recorded does not go on.
      return this.end('not-recorded')
    } finally {
      this.#isChunkDue = false
    }
    if (this.#lines.length > 0) this.#chunkSoon()
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#shell.resume()
  }

  async #write(lines: readonly Uint8Array[]): Promise<void> {
    // A chunk is no longer than a part, whatever a shell shows at once.
    await Promise.all(partsOfLines(lines).map((part) => this.#writer.append(part)))
  }

  /** It is gone: its last words go to the disk, and how it ended, and the recording is over. */
  async #gone(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    // Whatever ended it: what its recording lacks is said there.
    const isFull = this.#isFull && this.#ending !== 'not-recorded'
    const how = isFull ? 'full' : (this.#ending ?? 'exited')
    // Whatever it started and did not end with it.
    const killed = this.#shell.kill()
    const last = outputEvents(this.#now(), this.#redactor.end()).map((event) => eventLine(event))
    const fitting = last.filter((line) => how !== 'full' && this.#counter.add(line))
    const end = how === 'not-recorded' ? [] : [eventLine({ at: this.#now(), type: 'end', why: how })]
    const isWritten = await this.#write([...this.#lines.splice(0), ...fitting, ...end]).then(
      () => true,
      () => false,
    )
    await this.#writer.close()
    await killed.catch(() => undefined)
    this.#flushShown()
    this.#shown = ''
    this.#settle(isWritten ? how : 'not-recorded')
  }

  #now(): number {
    return Math.max(0, Math.round(this.#time.now().monotonic - this.#began))
  }

  #hide(): void {
    this.#isHidden = true
    this.#toShow = ''
    this.#shown = ''
  }

  #show(text: string): void {
    if (this.#isHidden) return
    this.#shown = (this.#shown + text).slice(-MOST_SHOWN)
    if (this.#toShow === '') this.#time.after(SHOW_MS, () => this.#flushShown())
    this.#toShow += text
  }

  #flushShown(): void {
    const text = this.#toShow
    this.#toShow = ''
    if (text !== '') this.#onShown(text)
  }
}
