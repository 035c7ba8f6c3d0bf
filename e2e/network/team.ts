import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Statement } from '../../shared/statements/envelope.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { DeviceProcess, type DeviceProgram } from '../devices/device-process.ts'
import { bundle } from '../in-process/bundle.ts'
import { expectSame } from '../in-process/invariants.ts'
import { Party } from '../in-process/party.ts'
import { caseOf } from '../in-process/people.ts'
import { agree, deposit, found, planForm } from '../in-process/world.ts'
import type { Host } from './hosts.ts'

/** A person whose app runs on a host of its own. */
export type HostParty = Party<DeviceProcess>

/** Where every app listens: each has a host of its own, so nobody has taken the port that the product prefers. */
export const PORT = 47_625

/** Ten times as impatient as the product, so that a test need not wait for half a minute of silence. */
const LIMITS = { heartbeatMs: 1000, silentMs: 3000, retryMostMs: 3000 }

/** What a team may have otherwise. */
interface How {
  /** Bounds of the exchange other than the product’s; for impatient tests if left out. */
  readonly limits?: DeviceProgram['limits']
  /** How long what a window is to show may take. */
  readonly patienceMs?: number
}

/** How often a statement may come to an app on average: about once, whatever the network does. */
export const MOST_CROSSINGS = 1.2

/** Nobody reaches AWS from here; what a plan says of it is only text. */
const NO_AWS = {
  roleArn: 'arn:aws:iam::111122223333:role/lockbox-break-glass',
  regions: [{ region: 'eu-west-1', endpoint: 'http://127.0.0.1:1' }],
  key: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
}

/** People with an app on a host each, in one organization, with a plan that needs three of them. */
export class Team {
  readonly #dir: string
  readonly #program: string
  readonly #worker: string
  readonly #how: How
  readonly #parties: HostParty[] = []
  readonly #off = new Set<HostParty>()
  /** How far the clocks of all were moved. */
  #aheadMs = 0
  #plan = ''
  #incidents = 0
  /** What had come in at each app when the statements were last the same everywhere. */
  #before = new Map<HostParty, ReadonlyMap<string, number>>()
  #known = new Map<HostParty, ReadonlySet<string>>()

  private constructor(dir: string, program: string, worker: string, how: How) {
    this.#dir = dir
    this.#program = program
    this.#worker = worker
    this.#how = how
  }

  /** Bundles the programs. */
  static async make(how: How = {}): Promise<Team> {
    const dir = await mkdtemp(join(tmpdir(), 'lockbox-network-'))
    const [program, worker] = await Promise.all([
      bundle(new URL('../devices/device.ts', import.meta.url), dir),
      bundle(new URL('../../main/worker.ts', import.meta.url), dir),
    ])
    return new Team(dir, program, worker, how)
  }

  /** A folder that goes with the team. */
  get dir(): string {
    return this.#dir
  }

  get parties(): readonly HostParty[] {
    return this.#parties
  }

  /** Those whose apps run. */
  get here(): readonly HostParty[] {
    return this.#parties.filter((party) => !this.#off.has(party))
  }

  /** Starts an app on each host, and sets it up for the person that the host is named after. */
  async arrive(hosts: readonly Host[]): Promise<void> {
    this.#parties.push(...(await Promise.all(hosts.map((host) => this.#arrive(host)))))
  }

  async #arrive({ name, prefix }: Host): Promise<HostParty> {
    const how = { program: this.#program, worker: this.#worker, prefix, host: null, port: null, discover: true }
    const { limits = LIMITS, patienceMs } = this.#how
    const party = await Party.arrive({
      name,
      dir: this.#dir,
      ...(patienceMs === undefined ? {} : { patienceMs }),
      launch: async (profileDir, hands) => {
        const running = await DeviceProcess.start(profileDir, { ...how, limits }, hands)
        await running.pass(this.#aheadMs)
        return running
      },
    })
    await party.setUp()
    return party
  }

  /** All found an organization by files; plan, credential and shares travel over the network. */
  async found(threshold: number): Promise<void> {
    const [first] = this.#parties as [HostParty]
    await found(this.#parties)
    this.#plan = await agree(this.#parties, await planForm(first, NO_AWS, threshold))
    await deposit(this.#parties, first, this.#plan, NO_AWS.key)
  }

  /** People close their apps. */
  async quit(...parties: readonly HostParty[]): Promise<void> {
    await Promise.all(parties.map((party) => party.quit()))
    for (const party of parties) this.#off.add(party)
  }

  /** They start them again, and unlock them. */
  async start(...parties: readonly HostParty[]): Promise<void> {
    for (const party of parties) {
      this.#off.delete(party)
      this.#before.delete(party)
    }
    await Promise.all(parties.map((party) => party.revive()))
  }

  async restart(...parties: readonly HostParty[]): Promise<void> {
    await this.quit(...parties)
    await this.start(...parties)
  }

  /** Waits until every app has a connection with every other. */
  async meet(parties: readonly HostParty[] = this.here): Promise<void> {
    for (const party of parties) await connectedTo(party, parties.length - 1)
  }

  /**
   * Somebody asks, one approves and the others deny as soon as it reaches them: too few for anybody's app to begin to
   * issue, which it could not do from here. @returns the incident’s reference.
   */
  async incident(asker: HostParty, approver: HostParty, ...deniers: readonly HostParty[]): Promise<string> {
    const reference = await this.ask(asker)
    // Not together with the denials: enough of those, and nobody may decide any more.
    await decide(approver, reference, 'approve')
    await Promise.all(deniers.map((party) => decide(party, reference, 'deny')))
    return reference
  }

  /** Somebody asks. @returns the incident’s reference. */
  async ask(asker: HostParty): Promise<string> {
    const reference = `INC-${++this.#incidents}`
    const asked = { plan: this.#plan, purpose: 'access', emergency: 'identity-provider-down', seconds: 900 } as const
    await asker.sign(asker.call.cases.request({ ...asked, what: 'Nobody can sign in', reference }))
    return reference
  }

  /** Moves the clocks of all apps, running or not. */
  async pass(ms: number): Promise<void> {
    this.#aheadMs += ms
    await Promise.all(this.here.map(({ running }) => running.pass(ms)))
  }

  /**
   * How often each statement that an app has since the last time came to it, for each app that needed it.
   *
   * @param statements - what all have now.
   */
  async crossings(statements: readonly Statement[]): Promise<{ readonly fresh: number; readonly counts: number[] }> {
    const counts: number[] = []
    const ids = new Set(statements.map(({ id }) => id))
    let most = 0
    for (const party of this.here) {
      const now = await party.running.crossings()
      const before = this.#before.get(party)
      const { me } = await party.snapshot()
      const fresh = statements.filter(({ id }) => this.#known.get(party)?.has(id) !== true)
      // Its own it needs from nobody; what a file brought, as at the founding, need not come again.
      for (const { id, payload } of fresh)
        if (payload.member !== me?.member) counts.push((now.get(id) ?? 0) - (before?.get(id) ?? 0))
      this.#before.set(party, now)
      this.#known.set(party, ids)
      most = Math.max(most, fresh.length)
    }
    return { fresh: most, counts }
  }

  async close(): Promise<void> {
    await Promise.all(this.#parties.map((party) => party.running.kill()))
    await rm(this.#dir, { recursive: true, force: true })
  }
}

/**
 * Every app has the same statements, and makes the same cases of them.
 *
 * @param what - the scenario, for the line that says how often statements came.
 * @param ms - how long it may take until they are.
 * @returns how often, on average, each that is new since the last time came to each app that needed it.
 */
export async function agreement(team: Team, what: string, ms?: number): Promise<number> {
  const parties = team.here
  const statements = await expectSame(parties, ms)
  const cases = await Promise.all(parties.map(async (party) => (await party.snapshot()).cases.map(ofCase)))
  for (const other of cases) expect(other).toEqual(cases[0])
  expect(parties.map(({ running }) => running.errors)).toEqual(parties.map(() => ''))
  const { fresh, counts } = await team.crossings(statements)
  const mean = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length)
  const most = Math.max(0, ...counts)
  console.log(
    `${what}: ${fresh} new statements at ${parties.length} apps; each came ${mean.toFixed(3)} times, at most ${most}`,
  )
  return mean
}

/** Waits until an app has so many connections. */
export async function connectedTo(party: HostParty, count: number): Promise<void> {
  await party.until(
    `${count} connections`,
    ({ exchange }) => exchange.peers.filter(({ connected }) => connected).length === count,
  )
}

/** Decides on the request of that reference when it is there. */
export async function decide(party: HostParty, reference: string, verdict: 'approve' | 'deny'): Promise<void> {
  const { id } = await party.until(`the request ${reference}`, (now) => caseOf(now, reference))
  await party.sign(party.call.cases.decide({ request: id, verdict, reason: '' }))
}

/** What does not depend on whose window shows it, how things came there, who is reachable, or who cosigned which log by now. */
function ofCase({ id, reference, state, quorum, seats, timeline, outcome, findings, refused }: CaseView) {
  return {
    id,
    reference,
    state,
    quorum,
    outcome,
    findings,
    refused,
    seats: seats.map((seat) => ({
      ...seat,
      state: ['alerted', 'unreachable'].includes(seat.state) ? 'asked' : seat.state,
    })),
    timeline: timeline.map((entry) => ({ ...entry, proof: '', came: null })),
  }
}
