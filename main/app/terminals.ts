import type { Digest } from '../../shared/bytes.ts'
import type { SessionView } from '../../shared/views/session-views.ts'
import type { Time } from '../sessions/session.ts'
import { shellEnvironment } from '../terminal/environment.ts'
import { type Size, type StartShell, startShell } from '../terminal/pty.ts'
import { type Ended, Recorder } from '../terminal/recorder.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import { aboutRecording, attachRecording, refuseTooManyRecordings } from './recording-evidence.ts'
import type { Sessions } from './using.ts'

/** What is said of a shell that ended, beside that its recording is in the case. */
const END_WORDS: Readonly<Record<Ended, string>> = {
  exited: 'The shell ended by itself.',
  closed: 'You closed the shell.',
  'session-over': 'The session is over, so the shell was ended.',
  locked: 'Lockbox was locked, so the shell was ended.',
  quit: 'Lockbox was closed, so the shell was ended.',
  full: 'The recording was full, so the shell was ended: what is not recorded does not go on. Open another one.',
  'not-recorded':
    'The disk did not take the recording, so the shell was ended: what is not recorded does not go on. What was recorded before is kept. Make room on the disk, or use another way to the session.',
}

/** What the parts of {@link Terminals} are. */
export interface TerminalParts {
  readonly time: Time
  readonly sessions: Sessions
  /** Given what a shell of a case's session shows. */
  readonly onShown: (id: Digest, text: string) => void
  /** How a shell is started; the person's own on this computer if left out. */
  readonly startShell?: StartShell
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/**
 * Recorded shells that have a session, at most one a case. None outlives its session, a lock or the app. What was recorded waits on
 * the disk, sealed, until it was attached to its case.
 */
export class Terminals {
  readonly #parts: TerminalParts
  readonly #open = new Map<Digest, Recorder>()
  readonly #starting = new Map<Digest, Promise<Recorder>>()
  /** Recordings that are not whole yet. */
  readonly #underWay = new Set<string>()
  /** Recordings that could not be attached, and are tried again after the next unlock. */
  readonly #failed = new Set<string>()
  readonly #said = new Map<Digest, string>()
  /** The device on whose disk no recording lies, as long as none is begun: then nobody need look there after each change. */
  #hasNone: Device | null = null
  /** Counts locks: what was begun before one does not go on after it. */
  #locks = 0
  onChange: () => void = () => undefined

  constructor(parts: TerminalParts) {
    this.#parts = parts
  }

  /**
   * Starts a recorded shell with a session, or leads back to the one that runs.
   *
   * @returns what it showed last.
   * @throws {AppError} `no-session`, `locked`; {SessionError} `over`; {TerminalError}; {RecordingError} `not-recorded`.
   */
  async open(device: Device, id: Digest, size: Size): Promise<{ screen: string }> {
    const before = this.#open.get(id)
    // One that is being ended is not the one that is asked for.
    if (before?.isOpen === false) await before.ended
    const running = this.#open.get(id) ?? (await this.#started(device, id, size))
    running.resize(size)
    return { screen: running.screen() }
  }

  #started(device: Device, id: Digest, size: Size): Promise<Recorder> {
    const starting = this.#starting.get(id) ?? this.#start(device, id, size).finally(() => this.#starting.delete(id))
    this.#starting.set(id, starting)
    return starting
  }

  async #start(device: Device, id: Digest, size: Size): Promise<Recorder> {
    const { time, sessions, onShown, startShell: start = startShell, environment = process.env } = this.#parts
    const locks = this.#locks
    const { variables, secrets, grant } = sessions.environment(id)
    const { recordings } = device.vault
    await refuseTooManyRecordings(device, id)
    // First what records it: a shell that cannot be recorded is not started.
    // And it is known to be under way before it is on the disk, where a turn would take it for one that a crash left.
    const name = recordings.newName()
    this.#underWay.add(name)
    this.#hasNone = null
    const writer = await recordings.begin(aboutRecording({ grant, request: id }), name).catch((error: unknown) => {
      this.#underWay.delete(name)
      throw error
    })
    try {
      const shell = await start(shellEnvironment(environment, variables, process.platform), size)
      const shown = (text: string) => onShown(id, text)
      const recorder = new Recorder({ shell, size, writer, time, secrets, onShown: shown })
      this.#hold(id, recorder, name, device)
      if (locks !== this.#locks) recorder.end('locked')
      else if (!sessions.isUsable(id)) recorder.end('session-over')
      if (locks !== this.#locks) throw new AppError('locked', 'Lockbox was locked meanwhile; the shell was ended.')
      return recorder
    } catch (error) {
      if (!this.#open.has(id)) {
        await writer.close()
        this.#underWay.delete(name)
      }
      throw error
    }
  }

  #hold(id: Digest, recorder: Recorder, name: string, device: Device): void {
    this.#open.set(id, recorder)
    this.#said.delete(id)
    this.onChange()
    void recorder.ended.then((how) => {
      this.#open.delete(id)
      this.#underWay.delete(name)
      this.#said.set(id, END_WORDS[how])
      if (how === 'not-recorded')
        device.notes.add(
          'danger',
          'The disk did not take the recording of a terminal, so its shell was ended.',
          'What is not recorded does not go on. What was recorded before is kept, and the session is as before.',
          'Make room on the disk, or use the session in a terminal of your own.',
        )
      this.onChange()
    })
  }

  /** What a person types. */
  type(id: Digest, text: string): void {
    this.#find(id).type(text)
  }

  resize(id: Digest, size: Size): void {
    this.#open.get(id)?.resize(size)
  }

  /** Ends a shell; the session goes on. Resolves when it is gone. */
  async close(id: Digest): Promise<void> {
    const running = this.#open.get(id)
    running?.end('closed')
    await running?.ended
  }

  #find(id: Digest): Recorder {
    const running = this.#open.get(id)
    if (running === undefined) throw new AppError('no-shell', 'The shell has ended. Open another one.')
    return running
  }

  /** Ends whatever has a session that is over. */
  heed(): void {
    for (const [id, running] of this.#open) if (!this.#parts.sessions.isUsable(id)) running.end('session-over')
  }

  /** The app locks: every shell ends. Resolves when they are gone and what was recorded is on the disk. */
  locked(): Promise<void> {
    this.#locks++
    this.#failed.clear()
    return this.#endAll('locked')
  }

  /** The app ends. */
  quit(): Promise<void> {
    this.#locks++
    return this.#endAll('quit')
  }

  async #endAll(how: 'locked' | 'quit'): Promise<void> {
    for (const running of this.#open.values()) running.end(how)
    await Promise.allSettled(this.#starting.values())
    await Promise.all([...this.#open.values()].map(({ ended }) => ended))
  }

  /** What a session's view says of its shell. */
  view(id: Digest): SessionView['terminal'] {
    return { isOpen: this.#open.get(id)?.isOpen ?? false, says: this.#said.get(id) ?? null }
  }

  /** Attaches to their cases what was recorded and is whole, or is all that a crash left. One call at a time. */
  async turn(device: Device): Promise<void> {
    this.heed()
    if (!device.standing.maySign || this.#hasNone === device) return
    const failures: unknown[] = []
    const names = await device.vault.recordings.names()
    if (names.length === 0 && this.#underWay.size === 0) this.#hasNone = device
    for (const name of names) {
      if (this.#underWay.has(name) || this.#failed.has(name)) continue
      await attachRecording(device, name).catch((error: unknown) => {
        // One that cannot be attached keeps none of the others from it.
        this.#failed.add(name)
        failures.push(error)
      })
    }
    if (failures.length > 0) throw failures[0]
  }
}
