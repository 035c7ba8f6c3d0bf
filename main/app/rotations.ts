import type { Digest } from '../../shared/bytes.ts'
import { keyToReplace } from '../../shared/case/replacing.ts'
import { type Case, type Grant, grantsIn } from '../../shared/case/types.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import type { RotationHere } from '../../shared/views/rotation.ts'
import type { RotateWorker, Turned } from '../issuers/worker/rotate-client.ts'
import type { Time } from '../sessions/session.ts'
import { wipe } from '../vault/sodium.ts'
import type { LockReason } from '../vault/types.ts'
import { AppError } from './app-error.ts'
import { dealOrder, draftDealt, planToDealUnder } from './depositing.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'
import { rotationHere } from './rotation-here.ts'
import { tellOf } from './rotation-notes.ts'
import { comesAfter } from './rotation-order.ts'
import { beginWords, makersBeside, owedRotation } from './rotation-owed.ts'
import { keepRotation, keptRotations, NOTHING_DONE, type RotationRecord } from './rotation-record.ts'
import { sayGone, sayProgress } from './rotation-said.ts'
import { after, begunFrom, recordFor, waitFor, withEvidence } from './rotation-state.ts'
import { type FoundRotator, openRotator, rotatorFor, startRotator } from './rotators.ts'

/** A rotation under way: whoever unlocks this app finds it going on. */
interface Held {
  readonly request: Digest
  readonly grant: Digest
  readonly worker: RotateWorker
  /** When its rotator is over, by this device's clock. */
  readonly ends: number
  kept: RotationRecord
  /** Whether what is kept is on the medium. */
  isSaved: boolean
  /** Public id of the new key whose secret the worker has. */
  holds: string | null
  outcome: Turned['outcome'] | null
  /** Public id of the key that enough people hold, if it was gone or off when AWS was asked last. */
  unusable: string | null
  failures: number
  nextAt: number
  running: Promise<void> | null
  readonly stopTimer: () => void
}

/** What begins with a touch. */
interface Beginning {
  readonly device: Device
  readonly one: Case
  readonly grant: Grant
  readonly found: FoundRotator
  readonly rotator: Uint8Array<ArrayBuffer>
  /** Over once a lock came, since the touch, that ends what is under way. */
  readonly lasting: AbortSignal
}

/** Waits between tries, milliseconds. */
const PAUSES_MS = [1000, 2000, 5000, 10_000, 30_000, 60_000]
const LONGEST_MS = 2 ** 31 - 1
const TWICE = 'This device is already replacing that key.'
const ONE_BY_ONE = 'This device is replacing a key of the same AWS user for another case. Begin here after that.'

/**
 * Replaces used keys at AWS. What does it lives in a worker beside the vault: an idle lock leaves it be, and nothing is
 * done until the next unlock; whatever else locks ends it, and another touch goes on where it was.
 */
export class Rotations {
  readonly #time: Time
  readonly #held = new Map<Digest, Held>()
  /** What this device has kept, of the device that is open. */
  #kept: { readonly of: Device; readonly all: Map<Digest, RotationRecord> } | null = null
  #locks = 0
  /** Until all of it ends: what is only beginning then ends with it. */
  #lasting = new AbortController()
  onChange: () => void = () => undefined

  constructor(time: Time) {
    this.#time = time
  }

  /**
   * Drafts the beginning: the touch opens this owner's rotator, and when that is recorded the key is replaced.
   *
   * @throws {AppError} `not-found`, `not-allowed`.
   */
  draftBegin(device: Device, drafts: Drafts, request: Digest): DraftView {
    const { one, grant } = owedRotation(device, request)
    if (this.#held.has(grant.id)) throw new AppError('not-allowed', TWICE)
    if (this.#isBehind(device, grant)) throw new AppError('not-allowed', ONE_BY_ONE)
    const found = rotatorFor(device, grant)
    if (found === null)
      throw new AppError(
        'not-allowed',
        'Nothing on this device may replace that key any more. Where the case says that nobody has it, a commander asks for a rotation there: that makes it, and any admin whose device gets it goes on here.',
      )
    let rotator: Uint8Array<ArrayBuffer> | null = null
    let lasting = this.#lasting.signal
    const drop = () => {
      if (rotator !== null) wipe(rotator)
      rotator = null
    }
    return drafts.add({
      kind: 'rotating',
      sentence: beginWords(device, grant, found.user),
      fields: { request, grant: grant.id, deposit: grant.statement.payload.basis.deposit },
      withSecret: true,
      check: async (boxKey) => {
        // Of a touch before this one, after which nothing could be recorded.
        drop()
        lasting = this.#lasting.signal
        rotator = await openRotator(device, found, boxKey)
      },
      after: async () => {
        try {
          if (rotator !== null) await this.#begin({ device, one, grant, found, rotator, lasting })
        } finally {
          drop()
        }
      },
      drop,
    })
  }

  /** Drafts the deposit of the new key, dealt to the custodians of the plan. @throws {AppError} `not-allowed`. */
  async draftDeposit(device: Device, drafts: Drafts, request: Digest): Promise<DraftView> {
    const { one, grant } = owedRotation(device, request)
    const held = this.#held.get(grant.id)
    await held?.running
    if (held === undefined || this.#waits(device, one, grant, held) !== 'deposit')
      throw new AppError('not-allowed', 'There is no new key to deposit here. Look at the case once more.')
    const version = planToDealUnder(device, grant.plan)
    const dealt = await held.worker.deal(dealOrder(device, version))
    return draftDealt(device, drafts, version.plan, dealt)
  }

  /** Goes on with what is under way, in the background: it waits for AWS, and an emergency must not wait for it. */
  async turn(device: Device): Promise<void> {
    const all = await this.#load(device)
    // Of what is under way its own run says it: two at once would both find it unsaid.
    for (const [grant, kept] of all)
      if (kept.goneAt !== null && !this.#held.has(grant)) await sayGone(device, grant, kept.goneAt)
    const { wall } = this.#time.now()
    for (const held of this.#held.values()) {
      if (wall >= held.ends) await this.#end(held)
      else if (held.running === null && wall >= held.nextAt) this.#run(device, held)
    }
  }

  /** An idle lock leaves it be. */
  async locked(reason: LockReason): Promise<void> {
    this.#locks++
    this.#kept = null
    if (reason !== 'idle') await this.close()
  }

  /** Ends all of it; what was kept stays. */
  async close(): Promise<void> {
    this.#lasting.abort(new AppError('locked', 'Lockbox was locked meanwhile. Nothing was done at AWS.'))
    this.#lasting = new AbortController()
    await Promise.all([...this.#held.values()].map((held) => this.#end(held)))
  }

  /** Where it stands on this device, for the view of a case. */
  here(device: Device, one: Case): RotationHere | null {
    const grant = keyToReplace(one)
    if (grant === null) return null
    const held = this.#held.get(grant.id)
    return rotationHere(device, one, grant, {
      held: held ?? null,
      kept: held?.kept ?? this.#kept?.all.get(grant.id) ?? NOTHING_DONE,
      isKnown: held !== undefined || this.#kept?.of === device,
      isBehind: held === undefined && this.#isBehind(device, grant),
    })
  }

  #isBehind(device: Device, grant: Grant): boolean {
    return comesAfter(device, grant, [...this.#held.values()])
  }

  async #begin({ device, one, grant, found, rotator, lasting }: Beginning): Promise<void> {
    const all = await this.#load(device)
    lasting.throwIfAborted()
    const holdMs = Math.max(1, found.ends - this.#time.now().wall)
    const worker = await startRotator(device, { ...found, holdMs }, rotator, lasting)
    // Nothing is waited for between these questions and holding it.
    const isTwice = this.#held.has(grant.id)
    if (lasting.aborted || isTwice || this.#isBehind(device, grant)) {
      await worker.end()
      lasting.throwIfAborted()
      throw new AppError('not-allowed', isTwice ? TWICE : ONE_BY_ONE)
    }
    const before = all.get(grant.id)
    const kept = begunFrom(before)
    if (before !== undefined) all.set(grant.id, kept)
    const held: Held = {
      request: one.id,
      grant: grant.id,
      worker,
      ends: found.ends,
      kept,
      isSaved: (before?.goneAt ?? null) === null,
      holds: null,
      outcome: null,
      unusable: null,
      failures: 0,
      nextAt: 0,
      running: null,
      stopTimer: this.#time.after(Math.min(holdMs, LONGEST_MS), () => void this.#end(held)),
    }
    this.#held.set(grant.id, held)
    this.onChange()
  }

  #run(device: Device, held: Held): void {
    const locks = this.#locks
    held.running = this.#goOn(device, held)
      .catch(async (error: unknown) => {
        // What a lock cut off goes on after the next unlock.
        if (locks === this.#locks) {
          device.notes.failure(
            'Replacing the used key',
            error,
            'Begin it once more in the case: it goes on where it was.',
          )
          await this.#end(held)
        }
      })
      .finally(() => {
        held.running = null
        this.onChange()
      })
  }

  /** Takes step after step, until something has to be waited for. */
  async #goOn(device: Device, held: Held): Promise<void> {
    const locks = this.#locks
    while (locks === this.#locks && this.#held.get(held.grant) === held) {
      if (!held.isSaved) await this.#keep(device, held, held.kept)
      const one = device.case(held.request)
      const grant = one && grantsIn(one).find(({ id }) => id === held.grant)
      if (one === undefined || grant === undefined || keyToReplace(one)?.id !== grant.id) return this.#end(held)
      const kept = { ...held.kept, progress: withEvidence(device, grant, held.kept, held.holds) }
      if (waitFor(device, one, grant, kept, held.holds) !== null) return
      const turned = await held.worker.turn(recordFor(device, one, grant, kept), kept.progress, (progress) =>
        this.#keep(device, held, { ...kept, progress }),
      )
      held.holds = turned.holds
      held.outcome = turned.outcome
      await this.#keep(device, held, after(kept, turned, this.#time.now().wall))
      tellOf(device.notes, { alarms: kept.alarms, unusable: held.unusable }, turned, () => makersBeside(device, grant))
      held.unusable = turned.unusable
      await sayProgress(device, grant, held.kept)
      this.onChange()
      if (turned.outcome.is === 'deleted' || turned.outcome.is === 'discarded') this.#roomAgain()
      if (held.kept.goneAt !== null) return this.#end(held)
      if (this.#pauses(held, turned)) return
    }
  }

  /** @returns whether nothing follows at once. */
  #pauses(held: Held, { outcome }: Turned): boolean {
    if (!['waits', 'stuck', 'unreached', 'refused'].includes(outcome.is)) {
      held.failures = 0
      return false
    }
    const pause = PAUSES_MS[Math.min(held.failures++, PAUSES_MS.length - 1)] ?? 0
    held.nextAt = this.#time.now().wall + pause
    return true
  }

  /** A user has two keys at most: whatever waited for one to go is tried at once. */
  #roomAgain(): void {
    for (const held of this.#held.values()) {
      held.failures = 0
      held.nextAt = 0
    }
  }

  /** In memory first: whatever comes between, what AWS did is not forgotten. */
  async #keep(device: Device, held: Held, kept: RotationRecord): Promise<void> {
    held.kept = kept
    held.isSaved = false
    await keepRotation(device, held.grant, kept)
    held.isSaved = true
    if (this.#kept?.of === device) this.#kept.all.set(held.grant, kept)
  }

  async #load(device: Device): Promise<Map<Digest, RotationRecord>> {
    if (this.#kept?.of !== device) this.#kept = { of: device, all: await keptRotations(device) }
    return this.#kept.all
  }

  #waits(device: Device, one: Case, grant: Grant, held: Held): ReturnType<typeof waitFor> {
    return waitFor(device, one, grant, held.kept, held.holds)
  }

  async #end(held: Held): Promise<void> {
    held.stopTimer()
    if (this.#held.get(held.grant) === held) this.#held.delete(held.grant)
    await held.worker.end()
    this.onChange()
  }
}
