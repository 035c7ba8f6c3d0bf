import { toBase64Url } from '../../shared/bytes.ts'
import type { Exporter } from '../../shared/outlets/formats.ts'
import type { OutletForm } from '../../shared/outlets/settings.ts'
import type { OutletView } from '../../shared/views/outlets.ts'
import { AppError } from '../app/app-error.ts'
import type { Device } from '../app/device.ts'
import { randomBytes } from '../vault/sodium.ts'
import { VERSION } from '../version.ts'
import { Outlet, PACE, type Pace } from './outlet.ts'
import { loadOutlets, type OutletPlace, removeOutlet, type Settings, saveOutlet, savePlace } from './records.ts'
import { type Source, sourceOf } from './source.ts'
import { PATIENCE, type Patience } from './transports/transport.ts'
import { checkDestination, destinationWords, transportOf } from './way-out.ts'

/** The most outlets of one device: each reads the whole log. */
const MOST = 8

/** How outlets wait; tests wait less. */
export interface OutletTimes {
  readonly pace: Pace
  readonly patience: Patience
}

/** The outlets of an open device: they work from unlock to lock, each by itself, beside everything else. */
export class Outlets {
  readonly #device: Device
  readonly #times: OutletTimes
  readonly #source: Source
  readonly #exporter: Exporter
  readonly #onChange: () => void
  readonly #outlets = new Map<string, Outlet>()
  #stopListening: () => void = () => undefined
  #isClosed = false

  private constructor(device: Device, onChange: () => void, times: OutletTimes) {
    this.#device = device
    this.#times = times
    this.#source = sourceOf(device)
    this.#exporter = { version: VERSION, device: device.id }
    this.#onChange = onChange
  }

  /** Reads what the journal holds; nothing is sent before {@link Outlets.start}. */
  static async load(
    device: Device,
    onChange: () => void,
    times: OutletTimes = { pace: PACE, patience: PATIENCE },
  ): Promise<Outlets> {
    const outlets = new Outlets(device, onChange, times)
    for (const { settings, place } of await loadOutlets(device.vault.journal)) outlets.#keep(settings, place)
    return outlets
  }

  start(): void {
    for (const outlet of this.#outlets.values()) outlet.start()
    this.#stopListening = this.#device.onChange(() => {
      for (const outlet of this.#outlets.values()) outlet.nudge()
    })
  }

  /**
   * Sets up an outlet, and begins.
   *
   * @returns its id, and for a webhook the secret its receiver checks signatures with: told once, here.
   * @throws {OutletError | ExchangeError} if the destination is none; {@link AppError} `too-many-outlets`.
   */
  async add({ name, format, to, from }: OutletForm): Promise<{ id: string; secret: string | null }> {
    if (this.#outlets.size >= MOST)
      throw new AppError('too-many-outlets', `This device has ${MOST} outlets already. Remove one first.`)
    const key = to.via === 'webhook' ? randomBytes(32) : null
    const settings: Settings = {
      id: toBase64Url(randomBytes(8)),
      name,
      format,
      to: checkDestination(format, to),
      key: key && toBase64Url(key),
      start: from === 'beginning' ? 0 : this.#source.size(),
    }
    await saveOutlet(this.#device.vault.journal, settings)
    // Locked while it was written: then it works from the next unlock on, like all others.
    if (!this.#isClosed) this.#keep(settings, null).start()
    this.#onChange()
    // As Standard Webhooks write one.
    return { id: settings.id, secret: key && `whsec_${Buffer.from(key).toString('base64')}` }
  }

  /** @throws {AppError} `not-found`. */
  async remove(id: string): Promise<void> {
    const outlet = this.#get(id)
    await removeOutlet(this.#device.vault.journal, id)
    this.#outlets.delete(id)
    await outlet.close()
    this.#onChange()
  }

  /** Tries at once; how it went stands in the outlet's view. @throws {AppError} `not-found`. */
  async tryNow(id: string): Promise<void> {
    await this.#get(id).tryNow()
  }

  /** How each stands, in the order in which they were added. */
  views(): OutletView[] {
    const total = this.#source.size()
    return [...this.#outlets.values()].map((outlet) => {
      const { id, name, format, to } = outlet.settings
      const { start, next, gone, ...standing } = outlet.standing()
      const counts = { delivered: next - start - gone, gone, total: Math.max(total, next) - start }
      return { id, name, format, via: to.via, to: destinationWords(to), ...standing, ...counts }
    })
  }

  /** Of the entries at these places, how many have not gone out yet, by the name of each outlet that they wait for. */
  unsent(places: readonly number[]): { name: string; count: number }[] {
    return [...this.#outlets.values()]
      .map((outlet) => {
        const { next } = outlet.standing()
        return { name: outlet.settings.name, count: places.filter((place) => place >= next).length }
      })
      .filter(({ count }) => count > 0)
  }

  /** Gives up what is under way; what was not acknowledged goes out after the next unlock. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopListening()
    await Promise.all([...this.#outlets.values()].map((outlet) => outlet.close()))
  }

  #get(id: string): Outlet {
    const outlet = this.#outlets.get(id)
    if (outlet === undefined) throw new AppError('not-found', 'There is no such outlet any more.')
    return outlet
  }

  #keep(settings: Settings, place: OutletPlace | null): Outlet {
    const { journal } = this.#device.vault
    const now = () => this.#device.clock().wall
    const outlet = new Outlet({
      settings,
      place,
      source: this.#source,
      transport: transportOf(settings, this.#exporter, this.#times.patience, now),
      pace: this.#times.pace,
      now,
      save: (at) => savePlace(journal, settings.id, at),
      onChange: this.#onChange,
    })
    this.#outlets.set(settings.id, outlet)
    return outlet
  }
}
