import type { App } from '../../main/app/app.ts'
import type { Desk } from '../../main/app/desk.ts'
import type { Digest } from '../../shared/bytes.ts'

/**
 * What may come about in an app: a statement came over the network, by its id; this person's share and the credential of a
 * deposit are on the disk, by the deposit's id; the session of a request can be used, by the request's id.
 */
export const HAPPENINGS = ['arrived', 'held', 'usable'] as const
export type Happening = (typeof HAPPENINGS)[number]

/** Milliseconds of a clock that all processes of this machine share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** When things came about in an app for the first time, by {@link machineMs}. */
export class Moments {
  readonly #at = new Map<string, number>()
  readonly #waiting = new Map<string, (at: number) => void>()
  #desk: Desk | null = null

  /** Something came about; only the first time counts. */
  note(what: Happening, id: Digest): void {
    const key = `${what} ${id}`
    if (this.#at.has(key)) return
    const at = machineMs()
    this.#at.set(key, at)
    this.#waiting.get(key)?.(at)
    this.#waiting.delete(key)
  }

  /** When that came about, as soon as it has. One asks for it at a time. */
  of(what: Happening, id: Digest): Promise<number> {
    const key = `${what} ${id}`
    const at = this.#at.get(key)
    return at === undefined ? new Promise((resolve) => this.#waiting.set(key, resolve)) : Promise.resolve(at)
  }

  /** Looks at an app with each of its changes from now on, if it was unlocked since it was looked at. */
  follow(app: App): void {
    const desk = app.isOpen ? app.desk() : null
    if (desk === this.#desk) return
    this.#desk = desk
    desk?.device.onChange(() => this.#look(app, desk))
  }

  #look({ beside: { sessions } }: App, { device }: Desk): void {
    for (const view of sessions.views(device)) if (view.here) this.note('usable', view.case)
    for (const { id, deposit } of device.org()?.generations ?? []) {
      const box = deposit.boxes[deposit.header.custodians.indexOf(device.profile.member)]
      if (box !== undefined && device.shelf.has(box) && device.shelf.has(deposit.ciphertext)) this.note('held', id)
    }
  }
}
