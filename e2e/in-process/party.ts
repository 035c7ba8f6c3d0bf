import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { App } from '../../main/app/app.ts'
import { handlersOf } from '../../main/app/handlers.ts'
import type { Carrier, Host } from '../../main/app/ports.ts'
import { dispatcher, ORIGIN } from '../../main/dispatch.ts'
import type { Time } from '../../main/sessions/session.ts'
import { systemTime } from '../../main/sessions/time.ts'
import { startNodeWorker } from '../../main/shell/node-worker.ts'
import { type Clock, systemClock } from '../../main/vault/clock.ts'
import { newKey, touch } from '../../main/vault/testing/window.ts'
import { findVault } from '../../main/vault/vault.ts'
import type { Step } from '../../shared/ceremony.ts'
import { type Contract, contract, type DraftView } from '../../shared/ipc.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { connect, eventsOf, type WindowClient } from '../../shared/wire.ts'
import type { SoftwareKey } from '../keys/software-key.ts'

/** What a party may be given instead of the real thing. */
export interface PartyOptions {
  readonly name: string
  /** Where profiles lie; each party has a folder of its own. */
  readonly dir: string
  readonly carrier: () => Carrier
  /** The worker program, bundled. */
  readonly worker: string
  readonly clock?: Clock
  readonly time?: Time
}

/**
 * A person with two keys and an app without a window. Speaks to the app through the contract alone, packed and parsed
 * as between window and main, so that whatever a party can do, a window can.
 */
export class Party {
  readonly name: string
  readonly keys: readonly [SoftwareKey, SoftwareKey]
  /** What was put on the clipboard. */
  clipboard = ''
  readonly #options: PartyOptions
  #app!: App
  #call!: WindowClient<Contract>
  #latest: Snapshot | null = null
  readonly #waiters = new Set<() => void>()

  private constructor(options: PartyOptions, keys: readonly [SoftwareKey, SoftwareKey]) {
    this.#options = options
    this.name = options.name
    this.keys = keys
  }

  /** A new person whose app was never started. */
  static async arrive(options: PartyOptions): Promise<Party> {
    const party = new Party(options, [newKey(`${options.name} desk`), newKey(`${options.name} safe`)])
    await party.start()
    return party
  }

  /** Starts the app on the party's profile. */
  async start(): Promise<void> {
    const { clock = systemClock, time = systemTime, dir, carrier } = this.#options
    const profileDir = join(dir, this.name)
    const vault = await findVault({ profile: profileDir, clock, reserveLength: 64 * 1024 })
    let receive: (text: string) => void = () => undefined
    const events = eventsOf(contract, (text) => receive(text))
    this.#app = await App.start({
      profileDir,
      vault,
      clock,
      time,
      host: this.#host(),
      newCarrier: carrier,
      push: (snapshot) => events.app.changed(snapshot),
    })
    const dispatch = dispatcher(
      contract,
      handlersOf(this.#app, async () => ({ verdict: 'unreadable', text: '' })),
      { isKnownWindow: () => true, onFault: (channel, error) => console.error(channel, error) },
    )
    const send = async (text: string) => {
      const { reply } = await dispatch({ origin: ORIGIN, isMainFrame: true, windowId: this.name }, text)
      if (reply !== null) receive(reply)
    }
    this.#call = connect(contract, { send: (text) => void send(text), listen: (listener) => (receive = listener) })
    this.#call.app.changed((snapshot) => this.#see(snapshot))
  }

  get call(): WindowClient<Contract> {
    return this.#call
  }

  get app(): App {
    return this.#app
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
    await this.#touchAll(await this.call.sign.start({ draft: id }))
  }

  /** Ends the app as a person would. */
  async quit(): Promise<void> {
    await this.#app.quit()
  }

  snapshot(): Promise<Snapshot> {
    return this.call.app.snapshot()
  }

  /** The first snapshot of which something is so. @throws after 30 s, saying what was waited for. */
  async until<T>(what: string, look: (snapshot: Snapshot) => T | undefined | null | false, ms = 30_000): Promise<T> {
    const deadline = performance.now() + ms
    for (;;) {
      const found = look(this.#latest ?? (await this.snapshot()))
      if (found !== undefined && found !== null && found !== false) return found
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`${this.name} waited ${ms} ms for: ${what}\n${this.#explain()}`)
      await this.#change(Math.min(left, 500))
      this.#latest = await this.snapshot()
    }
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

  #change(ms: number): Promise<void> {
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

  #see(snapshot: Snapshot): void {
    this.#latest = snapshot
    for (const wake of [...this.#waiters]) wake()
  }

  async #touchAll(first: Step): Promise<void> {
    let step = first
    while (step.kind === 'create' || step.kind === 'get') {
      const key = step.key === 'Safe' ? this.keys[1] : this.keys[0]
      step = await this.call.ceremony.answer({ ceremony: step.ceremony, answer: touch(key, step) })
    }
    if (step.kind === 'refused') throw new Error(`${this.name}: ${step.code}: ${step.message}`)
  }

  #host(): Host {
    return {
      shell: 'browser',
      canAskPin: true,
      startWorker: () => startNodeWorker(pathToFileURL(this.#options.worker)),
      notify: async () => undefined,
      writeClipboard: async (text) => {
        this.clipboard = text
      },
      clearClipboard: async () => {
        this.clipboard = ''
        return true
      },
    }
  }
}
