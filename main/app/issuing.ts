import { type Digest, toBase64Url } from '../../shared/bytes.ts'
import { issueDuty, readyDuty } from '../../shared/case/duties.ts'
import { type Attempt, type Case, READY_VALID_MS } from '../../shared/case/types.ts'
import { issuersFor } from '../../shared/org/plan-rules.ts'
import type { VerifiedOf } from '../../shared/statements/door.ts'
import { awsIssuer } from '../issuers/aws/issuer.ts'
import { sessionNameOf } from '../issuers/aws/role-session.ts'
import { type IssueWorker, readyWorker } from '../issuers/worker/client.ts'
import { lineFrom } from '../text.ts'
import { elapsed, type Instant } from '../vault/clock.ts'
import { finishAftercare, makeAftercare } from './after-issuing.ts'
import type { Device } from './device.ts'
import type { IssueOutcome } from './ground.ts'
import { finishHandovers } from './handing-over.ts'
import { type IssueOrder, issueNow, sharesOf } from './issue-now.ts'
import { marksOfIssued } from './marks.ts'
import { hasCredential } from './missing-parts.ts'
import type { Notary } from './notary.ts'
import type { Carrier, Elsewhere } from './ports.ts'
import type { Revokers } from './revokers.ts'
import { ShareChecks } from './share-checks.ts'
import { SpareWorker } from './spare-worker.ts'

/** A device that is later in the plan's list waits this long for each one before it, so that attempts rarely collide. */
const PATIENCE_PER_RANK_MS = 8_000

/** How others are reached for their acknowledgement. */
interface Ways {
  readonly carrier: Carrier
  readonly elsewhere: Elsewhere
}

/** One attempt that this run of the app has a worker for. */
interface Run {
  readonly ready: Digest
  readonly worker: IssueWorker
  /** Null until the first share has come. */
  checks: ShareChecks | null
  going: boolean
}

/**
 * Makes this device ready, and issues, wherever the plan allows it and this app's own judgement says so. A worker's
 * one-time key lives in that process alone: an attempt whose worker is gone is recorded as failed, and the next begins.
 */
export class Issuing {
  readonly #device: Device
  readonly #notary: Notary
  readonly #ways: Ways
  readonly #runs = new Map<Digest, Run>()
  /** Since when this device could make itself ready for an attempt of a case, by its number. */
  readonly #since = new Map<Digest, { readonly number: number; readonly at: Instant }>()
  readonly #spare: SpareWorker
  /** Workers that make what comes after a grant, by its id. */
  readonly #caring = new Map<Digest, IssueWorker>()
  /** What became of attempts, by their `ready`, while it is not recorded: a device that may not sign records it when it may. */
  readonly #untold = new Map<Digest, IssueOutcome>()
  readonly #revokers: Revokers
  #closed = false

  /** @param revokers - are given what may end the sessions that are issued here. */
  constructor(device: Device, notary: Notary, ways: Ways, revokers: Revokers) {
    this.#revokers = revokers
    this.#device = device
    this.#notary = notary
    this.#ways = ways
    this.#spare = new SpareWorker(() => device.host.startWorker())
  }

  /**
   * Has a worker started as soon as there is a request for which this device may have to be ready. Called after each change
   * and from time to time, also while nothing may be signed yet.
   */
  async foresee(): Promise<void> {
    const org = this.#device.org()
    const isNear = (one: Case) => {
      if (org === null || this.#runs.has(one.id)) return false
      const duty = readyDuty(org, one, this.#device.self())
      return typeof duty === 'object' || duty === 'rule-not-met'
    }
    await this.#spare.want(!this.#closed && this.#device.currentCases().some(isNear))
  }

  /** Looks once at every case in which something may be to be done. Called after each change and from time to time; one call at a time. */
  async turn(): Promise<void> {
    for (const one of this.#device.currentCases()) {
      if (this.#closed) return
      await this.#endLost(one)
      await finishHandovers(this.#device, one)
      await finishAftercare(this.#device, one, new Set(this.#caring.keys()), (grant) => this.#revokers.holds(grant))
      await this.#makeReady(one)
      await this.#checkAhead(one)
      await this.#issue(one)
    }
  }

  /** The vault locks: workers end, and with them their keys. */
  async close(): Promise<void> {
    this.#closed = true
    const workers = [...[...this.#runs.values()].map(({ worker }) => worker), ...this.#caring.values()]
    await Promise.all([this.#spare.end(), ...workers.map((worker) => worker.abandon())])
    this.#runs.clear()
  }

  /** Records as failed what this device began and can no longer finish; ends workers that nobody needs. */
  async #endLost(one: Case): Promise<void> {
    const run = this.#runs.get(one.id)
    const attempt = one.attempts.find(
      ({ ready }) => ready.payload.device === this.#device.id && ready.id === (run?.ready ?? ready.id),
    )
    if (run?.going) return
    if (
      run !== undefined &&
      attempt !== undefined &&
      attempt === one.attempt &&
      ['asked', 'approved'].includes(one.state)
    )
      return
    if (run !== undefined) await this.#drop(one.id, run)
    if (attempt === undefined || attempt.failed !== null || one.grant !== null) return
    const untold = this.#untold.get(attempt.ready.id)
    if (untold !== undefined) return this.#fail(one, attempt, untold)
    const mayExist = attempt.issuing !== null
    if (!attempt.open && !mayExist) return
    const message = mayExist
      ? 'Lockbox was stopped on the issuing device while the credential was in use.'
      : 'The issuing device was stopped or became busy with something else before it issued.'
    await this.#fail(one, attempt, { code: 'interrupted', message, mayExist, badShares: [] })
  }

  async #drop(id: Digest, run: Run): Promise<void> {
    this.#runs.delete(id)
    await run.worker.abandon()
  }

  async #makeReady(one: Case): Promise<void> {
    const org = this.#device.org()
    if (org === null || this.#runs.has(one.id)) return
    // Nobody would acknowledge this device's record any more: an attempt would only cost the custodians a touch.
    if (this.#device.standing.logBroken && one.plan?.witness === 'required') return
    const duty = readyDuty(org, one, this.#device.self())
    if (typeof duty === 'string') {
      this.#since.delete(one.id)
      return
    }
    if (!this.#isMyTurn(one, duty.number)) return
    // Shares would be spent on an attempt that cannot come to anything; another device may have it.
    if (!hasCredential(this.#device, duty.deposit)) return
    const starting = readyWorker(this.#spare.take())
    try {
      // AWS is looked for while the process starts.
      const [worker, preflight] = await Promise.all([starting, this.#preflight(one)])
      const ready = await this.#device.author.write('ready', this.#device.pen(), {
        request: one.id,
        attempt: duty.number,
        deposit: duty.deposit,
        box: toBase64Url(worker.boxPublicKey),
        expires: this.#device.clock().wall + READY_VALID_MS,
        after: duty.after,
        preflight,
      })
      this.#runs.set(one.id, { ready: ready.id, worker, checks: null, going: false })
    } catch (error) {
      await (await starting).abandon()
      throw error
    }
  }

  /** Waited for anew with each attempt: after a sleep all devices see at once that the last one has lapsed. */
  #isMyTurn(one: Case, number: number): boolean {
    const now = this.#device.clock()
    const known = this.#since.get(one.id)
    const since = known?.number === number ? known.at : now
    this.#since.set(one.id, { number, at: since })
    const rank =
      one.plan === null ? 0 : issuersFor(one.plan, one.request.payload.member).indexOf(this.#device.profile.member)
    return elapsed(since, now) >= rank * PATIENCE_PER_RANK_MS
  }

  async #preflight(one: Case) {
    const found = one.plan === null ? [] : await awsIssuer().preflight(one.plan.access)
    const reachable = found.filter((endpoint) => endpoint.reachable)
    if (reachable.length === 0)
      this.#device.notes.add(
        'danger',
        'AWS cannot be reached from this device',
        'It was made ready all the same; issuing will fail unless the way to AWS opens.',
        'Check the network, or let another device that may issue do it.',
      )
    return { reachable: reachable.map(({ endpoint }) => endpoint), skewMs: reachable[0]?.skewMs ?? null }
  }

  /** Has shares checked as they come: when there are enough, nobody waits for the first ones. */
  async #checkAhead(one: Case): Promise<void> {
    const run = this.#runs.get(one.id)
    const { plan, attempt } = one
    if (run === undefined || run.going || plan === null || attempt?.ready.id !== run.ready) return
    for (const statement of attempt.releases) {
      if (run.checks?.has(statement.id)) continue
      const box = await this.#device.shelf.look(statement.payload.box)
      if (box !== null) this.#checksOf(run, { one, plan, attempt }).begin({ statement, box })
    }
  }

  #checksOf(run: Run, about: Pick<IssueOrder, 'one' | 'plan' | 'attempt'>): ShareChecks {
    const device = this.#device
    run.checks ??= new ShareChecks(async (release) => {
      const { bad } = await run.worker.check(sharesOf({ device, ...about }, [release]))
      return bad[0] ?? null
    })
    return run.checks
  }

  async #issue(one: Case): Promise<void> {
    const org = this.#device.org()
    const run = this.#runs.get(one.id)
    if (org === null || run === undefined || run.going) return
    const duty = issueDuty(org, one, this.#device.id)
    if (typeof duty === 'string' || duty.attempt.ready.id !== run.ready) return
    const boxes = await Promise.all(duty.attempt.releases.map(({ payload }) => this.#device.shelf.look(payload.box)))
    const releases = duty.attempt.releases.flatMap((statement, at) => {
      const box = boxes[at]
      return box ? [{ statement, box }] : []
    })
    if (one.plan === null || releases.length < one.plan.quorum.count) return
    run.going = true
    try {
      const order = {
        device: this.#device,
        notary: this.#notary,
        ...this.#ways,
        worker: run.worker,
        one,
        plan: one.plan,
        attempt: duty.attempt,
        releases,
        checks: this.#checksOf(run, { one, plan: one.plan, attempt: duty.attempt }),
        sessionName: sessionNameOf(one.id, duty.attempt.number),
      }
      const outcome = await issueNow(order)
      if ('code' in outcome) await this.#fail(one, duty.attempt, outcome)
      else if (one.plan.access.aftercare !== undefined) this.#careAfter(order, outcome)
    } finally {
      if (this.#runs.get(one.id) === run) await this.#drop(one.id, run)
    }
  }

  /** Goes on by itself: the session of whoever asked may be opened by this very app, and must not wait for it. */
  #careAfter(order: IssueOrder, grant: VerifiedOf<'grant'>): void {
    this.#runs.delete(order.one.id)
    this.#caring.set(grant.id, order.worker)
    // What this device says itself needs nobody to bear it out here.
    const session = { statement: grant, plan: order.plan, soonest: 0 }
    // Before a lock may come between.
    const marks = marksOfIssued(this.#device, order, grant)
    void makeAftercare(order, grant, (own) => this.#revokers.hold(own, session, marks))
      .catch((error: unknown) => {
        // What the lock cut off is told after the next unlock.
        if (!this.#closed) this.#device.notes.failure('Making the aftercare', error, 'The session dies by itself.')
      })
      .finally(() => this.#caring.delete(grant.id))
  }

  async #fail(one: Case, attempt: Attempt, outcome: IssueOutcome): Promise<void> {
    const { code, message, mayExist, badShares } = outcome
    this.#untold.set(attempt.ready.id, outcome)
    const todo = mayExist
      ? 'A session may exist until its time is over; the case says so.'
      : 'Another attempt follows by itself while the request is valid.'
    this.#device.notes.add('danger', 'Issuing failed', message, todo)
    await this.#device.author.write('failed', this.#device.pen(), {
      request: one.id,
      ready: attempt.ready.id,
      code,
      message: lineFrom(message, 500),
      mayExist,
      badShares: [...badShares],
    })
    this.#untold.delete(attempt.ready.id)
  }
}
