import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { utf8 } from '../../shared/bytes.ts'
import { ofKind } from '../in-process/invariants.ts'
import { approves, asks, caseOf, statementsOf } from '../in-process/people.ts'
import { agree, deposit, found, planForm } from '../in-process/world.ts'
import { type Sandbox, startSandbox } from '../sandbox-aws/sandbox.ts'
import { leadToAws } from './aws.ts'
import { type Host, Network, whyNoHosts } from './hosts.ts'
import { agreement, connectedTo, type HostParty, MOST_CROSSINGS, Team } from './team.ts'

const why = whyNoHosts()
if (why !== null) console.log(`LEFT OUT: twenty apps at once, because hosts cannot be made here: ${why}`)

const NAMES = Array.from({ length: 20 }, (_, at) => `P${at + 1}`)
const CUSTODIANS = 7
const THRESHOLD = 4
const REFERENCE = 'INC-20'
/** The most that one app may ever have had in memory, Node itself and the 128 MiB for the 12 words included. */
const MOST_MEMORY_KIB = 400 * 1024
/** Connections that each two apps may have made until all had met: both may dial at once, and on a busy machine once more. */
const MOST_DIALED = 4
/** Calls to AWS in the session, which make several parts of evidence. */
const CALLS = 1000
/** Twenty apps share the cores that there are, and may do so with others. */
const PATIENCE_MS = 180_000

// One organization through a whole break-glass; each test goes on where the one before ended.
describe.skipIf(why !== null)('twenty whole apps on twenty hosts', { timeout: 2 * PATIENCE_MS }, () => {
  let network: Network
  let hosts: Host[]
  let sandbox: Sandbox
  let leaveAws = (): void => undefined
  let team: Team
  let plan: string
  /** How many calls the evidence holds. */
  let kept: number
  let parties: readonly HostParty[]
  /** Asks, and shares the credential with six more. */
  let first: HostParty
  /** A custodian who is not there while it happens. */
  let away: HostParty

  beforeAll(async () => {
    network = new Network()
    const lan = network.segment('lan')
    hosts = NAMES.map((name) => network.host(name))
    for (const [at, host] of hosts.entries()) {
      host.plug(lan)
      host.setAddresses(`10.77.0.${at + 1}/24`)
    }
    ;[team, sandbox] = await Promise.all([Team.make({ limits: {}, patienceMs: PATIENCE_MS }), startSandbox()])
    const sockets = join(team.dir, 'aws')
    await mkdir(sockets)
    // Who asks, and the two whose devices may issue.
    leaveAws = await leadToAws(sandbox, [hosts[0], hosts[2], hosts[3]] as Host[], sockets)
    await team.arrive(hosts)
    parties = team.parties
    first = parties[0] as HostParty
    away = parties[CUSTODIANS - 1] as HostParty
  }, 2 * PATIENCE_MS)
  afterAll(async () => {
    leaveAws()
    await team.close()
    await sandbox.close()
    network.remove()
  })

  test('find each other by themselves as soon as each has endorsed the organization', async () => {
    await found(parties)
    await team.meet()
    for (const party of parties) {
      const { typed, says, peers } = (await party.snapshot()).exchange
      expect({ typed, says }).toEqual({ typed: [], says: 'Others are found by themselves.' })
      expect(peers.filter(({ via }) => /found by itself|it connected to this device/.test(via))).toHaveLength(19)
    }
    const dialed = hosts.reduce((sum, host) => sum + host.opened(), 0) / ((NAMES.length * (NAMES.length - 1)) / 2)
    console.log(`twenty: each two made ${dialed.toFixed(2)} connections until all had met`)
    expect(dialed).toBeLessThan(MOST_DIALED)
  })

  test('agree on a plan, and hold the shares of a key', async () => {
    const form = await planForm(first, sandbox, THRESHOLD)
    const { iam, revoker } = sandbox.aftercare
    plan = await agree(parties, {
      ...form,
      custodians: form.custodians.slice(0, CUSTODIANS),
      access: { ...form.access, aftercare: { iam, revoker } },
    })
    await deposit(parties.slice(0, CUSTODIANS), first, plan, sandbox.accessKey)
    for (const party of parties)
      await party.until('custody proved by all', ({ generations }) =>
        generations.some(({ state }) => state === 'proven'),
      )
    expect(await agreement(team, 'twenty, founding', PATIENCE_MS)).toBeLessThan(MOST_CROSSINGS)
  })

  test('have the same case from the request to the confirmed end of the session', async () => {
    await team.quit(away)
    await asks({ plan, reference: REFERENCE })(first, await first.snapshot())
    await Promise.all(
      parties.slice(1, 1 + THRESHOLD).map(async (party) => {
        await party.until('the request', (now) => caseOf(now, REFERENCE))
        await approves(REFERENCE)(party, await party.snapshot())
      }),
    )
    const session = await first.until('the session', ({ sessions }) => sessions.find(({ here }) => here))
    await first.until('what may end it', (now) =>
      caseOf(now, REFERENCE)?.timeline.some(({ kind }) => kind === 'aftercare'),
    )
    await first.call.sessions.done({ case: session.case })
    for (const party of team.here)
      await party.until('the confirmed end', (now) => caseOf(now, REFERENCE)?.grant?.confirmed === true)
    expect(await agreement(team, 'twenty, a break-glass', PATIENCE_MS)).toBeLessThan(MOST_CROSSINGS)
  })

  test('have what AWS recorded, of which each part came to each device once', async () => {
    const [, raj] = parties as [HostParty, HostParty]
    const request = caseOf(await raj.snapshot(), REFERENCE)?.id ?? ''
    const records = sandbox.events.map(({ record }) => JSON.parse(record) as { readonly eventName: string })
    // Whether it still works, asked with the session.
    const call = records.find(({ eventName }) => eventName === 'GetAccessKeyInfo')
    const calls = Array.from({ length: CALLS }, (_, at) => ({ ...call, eventID: `call-${at}` }))
    const file = { name: 'trail.json', bytes: utf8(JSON.stringify({ Records: [...records, ...calls] })) }
    const attached = await raj.call.cases.attach({ request, files: [file] })
    expect(attached).toMatchObject({ read: records.length + CALLS, seen: 1, differs: 0 })
    ;({ kept } = attached)
    expect(kept).toBeGreaterThan(CALLS)
    for (const party of team.here) await hasEvidence(party, kept)
    const others = team.here.filter((party) => party !== raj)
    expect(await arrivalsOfParts(others)).toBeLessThan(MOST_CROSSINGS)
    expect(await agreement(team, 'twenty, evidence', PATIENCE_MS)).toBeLessThan(MOST_CROSSINGS)
  })

  test('and so has one that was away, when it comes back', async () => {
    await team.start(away)
    await connectedTo(away, NAMES.length - 1)
    await hasEvidence(away, kept)
    // While it connects, what it asked for over one connection with a device can come by the one that takes its place as well.
    expect(await arrivalsOfParts([away])).toBeLessThanOrEqual(2)
    expect(await agreement(team, 'twenty, one that was away', PATIENCE_MS)).toBeLessThan(MOST_CROSSINGS)
  })

  test('in bounded memory', () => {
    const peaks = parties.map(({ running }) => running.peakKib)
    console.log(`twenty: at most ${(Math.max(...peaks) / 1024).toFixed(0)} MiB`)
    expect(peaks.filter((peak) => !(peak < MOST_MEMORY_KIB))).toEqual([])
  })
})

/** All calls of the evidence can be looked at by somebody, so that every part of it is there. */
async function hasEvidence(party: HostParty, kept: number): Promise<void> {
  const { id } = await party.until('the evidence', (now) => caseOf(now, REFERENCE)?.trail?.attached[0])
  const look = async () => {
    const { agrees, calls, untold } = await party.call.cases.trail({ evidence: id })
    return { agrees, kept: calls.length + untold }
  }
  const lacking = () => null
  await expect.poll(() => look().catch(lacking), { timeout: PATIENCE_MS }).toEqual({ agrees: true, kept })
}

/** How often each part of the evidence came to these, on average. */
async function arrivalsOfParts(parties: readonly HostParty[]): Promise<number> {
  const [first] = parties as [HostParty]
  const parts = ofKind(await statementsOf(first), 'evidence').flatMap(({ payload }) => payload.parts)
  const came = await Promise.all(parties.map((party) => party.running.crossings()))
  const counts = came.flatMap((of) => parts.map((part) => of.get(part) ?? 0))
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  console.log(
    `twenty: ${parts.length} parts of evidence; each came ${mean.toFixed(3)} times to each of ${parties.length}`,
  )
  return mean
}
