import { join } from 'node:path'
import { newKey, touch } from '../../main/vault/testing/window.ts'
import type { Step } from '../../shared/ceremony.ts'
import { type Contract, contract } from '../../shared/ipc.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import { follow } from '../../shared/views/following.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { CallError, connect, type WindowClient } from '../../shared/wire.ts'
import type { SoftwareKey } from '../keys/software-key.ts'
import type { Launch, RunningApp } from './running.ts'

/** A window that has nothing new to show is looked at again after so long: some of it goes by the clock alone. */
export const IDLE_MS = 500

export type Keys = readonly [SoftwareKey, SoftwareKey]

/** Who a party is, and how its app runs. */
export interface PartyOptions<Running extends RunningApp = RunningApp> {
  readonly name: string
  /** Where profiles lie; each party has a folder of its own. */
  readonly dir: string
  readonly launch: (...given: Parameters<Launch>) => Promise<Running>
  /** How long what its window is to show may take; 30 s if left out. */
  readonly patienceMs?: number
  /** The keys of a person who was here before. */
  readonly keys?: Keys
}

/**
 * A person with two keys and an app without a window, in this process or in another. Speaks to the app through the
 * contract alone, packed and parsed as between window and main, so that whatever a party can do, a window can. The keys
 * are the person's: they outlive the app.
 */
export class Party<Running extends RunningApp = RunningApp> {
  readonly name: string
  readonly keys: Keys
  /** What was put on the clipboard. */
  clipboard = ''
  readonly #options: PartyOptions<Running>
  #running!: Running
  #call!: WindowClient<Contract>
  #latest: Snapshot | null = null
  #watched: Snapshot | null = null
  #isDead = false
  #changes = 0
  readonly #waiters = new Set<() => void>()

  private constructor(options: PartyOptions<Running>) {
    this.#options = options
    this.name = options.name
    this.keys = options.keys ?? [newKey(`${options.name} desk`), newKey(`${options.name} safe`)]
  }

  /** A person, before an app that was just started. */
  static async arrive<Running extends RunningApp>(options: PartyOptions<Running>): Promise<Party<Running>> {
    const party = new Party(options)
    await party.start()
    return party
  }

  get profileDir(): string {
    return join(this.#options.dir, this.name)
  }

  /** Starts the app on the party's profile. */
  async start(): Promise<void> {
    const running = await this.#options.launch(this.profileDir, {
      copied: (text) => {
        this.clipboard = text
      },
      clipboard: () => this.clipboard,
      changed: () => this.#wake(),
    })
    this.#running = running
    this.#isDead = false
    this.#latest = null
    this.#watched = null
    void running.died.then(() => {
      if (this.#running === running) this.#isDead = true
      this.#wake()
    })
    this.#call = connect(contract, running.transport)
  }

  /** The app that runs now. */
  get running(): Running {
    return this.#running
  }

  /** How often its window has had something new to show, or went away. */
  get changes(): number {
    return this.#changes
  }

  /** Whether the app was killed and not started again. */
  get isDead(): boolean {
    return this.#isDead
  }

  /** Kills the app as SIGKILL does. */
  async kill(): Promise<void> {
    await this.#running.kill()
    this.#isDead = true
  }

  /** Starts a killed app again and unlocks it. */
  async revive(): Promise<void> {
    await this.start()
    await this.unlock()
  }

  get call(): WindowClient<Contract> {
    return this.#call
  }

  /** First start, with both keys; ends unlocked. */
  async setUp(): Promise<void> {
    const step = this.call.vault.setUp({
      person: this.name,
      contact: `room of ${this.name}`,
      deviceName: `${this.name}’s laptop`,
      labels: ['Desk', 'Safe'],
    })
    await this.#touchAll(await step)
  }

  async unlock(): Promise<void> {
    await this.#touchAll(await this.call.vault.unlock())
  }

  /** Reads the draft, and touches the key for it. */
  async sign(draft: Promise<DraftView>): Promise<void> {
    const { draft: id } = await draft
    let isSigned = false
    while (!isSigned) {
      const step = await this.call.sign.start({ draft: id })
      // The app recorded something of its own, before the touch or during it: a person reads once more and goes on.
      isSigned = step.kind !== 'moved' && (await this.#touchInTime(step))
    }
  }

  /** @returns whether nothing was recorded between the reading and the touch. */
  async #touchInTime(step: Step): Promise<boolean> {
    try {
      await this.#touchAll(step)
      return true
    } catch (error) {
      if (error instanceof Refused && error.code === 'chain-moved') return false
      throw error
    }
  }

  /** Ends the app as a person would. */
  async quit(): Promise<void> {
    await this.#running.quit()
  }

  /** Follows what comes by itself from now on, as a window does, and asks for no more until the app is started again. */
  async watch(): Promise<void> {
    this.#running.watch?.()
    await follow(this.call.app, (picture) => {
      this.#watched = picture
      this.#wake()
    })
  }

  async snapshot(): Promise<Snapshot> {
    return this.#watched ?? this.call.app.snapshot()
  }

  /** What the window shows: what came by itself after that moment, as on a real one, else what is asked for now. */
  async pictureAfter(time: number): Promise<Snapshot> {
    return this.#running.cameAfter?.(time) ?? this.snapshot()
  }

  /** The first snapshot of which something is so. @throws if it takes too long, saying what was waited for. */
  async until<T>(
    what: string,
    look: (snapshot: Snapshot) => T | undefined | null | false,
    ms = this.#options.patienceMs ?? 30_000,
  ): Promise<T> {
    const deadline = performance.now() + ms
    let lookedAt = Number.POSITIVE_INFINITY
    for (;;) {
      const seen = this.#changes
      this.#latest = await this.pictureAfter(lookedAt)
      lookedAt = performance.now()
      const found = look(this.#latest)
      if (found !== undefined && found !== null && found !== false) return found
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`${this.name} waited ${ms} ms for: ${what}\n${this.#explain()}`)
      await this.#changeSince(seen, Math.min(left, IDLE_MS))
    }
  }

  /** What its window shows of trouble and of cases, for a failed test. */
  async explain(): Promise<string> {
    this.#latest = await this.snapshot()
    return this.#explain()
  }

  #explain(): string {
    const notes = this.#latest?.notes.map(({ what, means }) => `  note: ${what}: ${means}`) ?? []
    const cases =
      this.#latest?.cases.map(
        ({ headline, next, timeline }) =>
          `  case: ${headline} (${next})\n${timeline.map(({ person, says, refused }) => `    ${person.name} ${says}${refused === null ? '' : ` REFUSED: ${refused}`}`).join('\n')}`,
      ) ?? []
    return [...notes, ...cases].join('\n')
  }

  /** Resolves as soon as there is more than what was seen, or after so long. */
  #changeSince(seen: number, ms: number): Promise<void> {
    if (this.#changes !== seen) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#waiters.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      this.#waiters.add(wake)
    })
  }

  #wake(): void {
    this.#changes += 1
    for (const wake of this.#waiters) wake()
  }

  async #touchAll(first: Step): Promise<void> {
    let step = first
    while (step.kind === 'create' || step.kind === 'get') {
      const key = step.key === 'Safe' ? this.keys[1] : this.keys[0]
      step = await this.call.ceremony.answer({ ceremony: step.ceremony, answer: touch(key, step) })
    }
    if (step.kind === 'refused') throw new Refused(this.name, step)
  }
}

/** A touch that the app refused, with the reason it gave. */
export class Refused extends Error {
  readonly code: string

  constructor(name: string, { code, message }: { readonly code: string; readonly message: string }) {
    super(`${name}: ${code}: ${message}`)
    this.code = code
  }
}

/** Whether a call was not answered because the app was killed. */
export function isDeath(error: unknown): boolean {
  return error instanceof CallError && error.code === 'closed'
}
