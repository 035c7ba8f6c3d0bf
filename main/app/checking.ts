import type { SetUpLine } from '../../shared/views/set-up-lines.ts'
import { setupOf } from '../issuers/aws/setup/of-plans.ts'
import { checkInWorker } from '../issuers/worker/check-client.ts'
import { wipe } from '../vault/sodium.ts'
import { credentialOf, type KeySource, versionToDepositUnder, wipeSource } from './depositing.ts'
import type { Device } from './device.ts'

/** Looks with keys that are not deposited yet at what AWS has for them: one at a time, in a worker, while the vault is open. */
export class SetUpChecks {
  readonly #device: Device
  #running = new AbortController()

  constructor(device: Device) {
    this.#device = device
  }

  /**
   * Looks at all that the plans over a plan's credential need. It records nothing, and changes nothing at AWS.
   *
   * @param source - its secrets are wiped here; its file is left alone.
   * @returns null if it was stopped.
   * @throws {AppError} as a deposit would; {WorkerError}.
   */
  async run(planId: string, source: KeySource): Promise<SetUpLine[] | null> {
    try {
      return await this.#run(planId, source)
    } finally {
      wipeSource(source)
    }
  }

  async #run(planId: string, source: KeySource): Promise<SetUpLine[] | null> {
    this.stop()
    const { signal } = this.#running
    const { id, plan } = versionToDepositUnder(this.#device, planId, source)
    const others = (this.#device.org()?.plans ?? []).filter(
      (one) =>
        one.state === 'effective' && one.id !== id && one.plan.credential.credential === plan.credential.credential,
    )
    const setup = setupOf(
      plan,
      others.map((one) => one.plan),
    )
    const { credential } = await credentialOf(source)
    try {
      if (signal.aborted) return null
      return await checkInWorker(this.#device.host.startWorker(), setup, credential, signal)
    } catch (error) {
      if (signal.aborted) return null
      throw error
    } finally {
      wipe(credential)
    }
  }

  /** Ends what is under way, and with it its copy of the key. */
  stop(): void {
    this.#running.abort()
    this.#running = new AbortController()
  }
}
