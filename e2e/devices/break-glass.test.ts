import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standingOf } from '../../main/issuers/aws/identity.ts'
import {
  expectAccountedFor,
  expectChains,
  expectNowhere,
  expectRecordedBefore,
  expectSame,
  ofKind,
} from '../in-process/invariants.ts'
import { approves, asks, carryOn, caseOf } from '../in-process/people.ts'
import { agree, deposit, found, planForm } from '../in-process/world.ts'
import { startSandbox } from '../sandbox-aws/sandbox.ts'
import { sessionFromLines } from '../session-lines.ts'
import { type Devices, newDevices, type RemoteParty } from './devices.ts'

type Five = [RemoteParty, RemoteParty, RemoteParty, RemoteParty, RemoteParty]

describe('five apps in processes of their own, over the LAN', () => {
  let devices: Devices
  let parties: Five
  let plan: string
  const secrets: string[] = []

  beforeAll(async () => {
    devices = await newDevices(await startSandbox({ sessionSeconds: 6 }))
    parties = (await devices.arrive('Ana', 'Raj', 'Mia', 'Leo', 'Zoe')) as Five
    secrets.push(devices.sandbox.accessKey.secretAccessKey)
  }, 120_000)
  afterAll(() => devices.close())

  test('found an organization by files, and meet as soon as each has endorsed it', async () => {
    expect(await found(parties)).toHaveLength(12)
    for (const party of parties)
      await party.until('all peers', ({ exchange }) => exchange.peers.filter(({ connected }) => connected).length === 4)
  })

  test('acknowledge one another’s logs at that meeting, though nothing was issued', async () => {
    for (const party of parties) {
      const log = await party.until('its log acknowledged by all', (now) => now.log.cosignedBy.length === 4 && now.log)
      expect(log.evidence).toEqual([])
    }
  })

  test('agree on a plan; statements and sealed shares travel, and custody is proved by all', async () => {
    plan = await agree(parties, await planForm(parties[0], devices.sandbox, 3))
    await deposit(parties, parties[0], plan, devices.sandbox.accessKey)
    const { generations } = await parties[4].snapshot()
    expect(generations.map(({ state }) => state)).toEqual(['proven'])
  })

  test('issue a session while one of them is off, acknowledged by a peer; AWS refuses it after its end', async () => {
    const [ana, raj, mia, leo, zoe] = parties
    const { sandbox } = devices
    await zoe.quit()
    const reference = 'INC-LAN'
    await carryOn(
      [
        { party: ana, habits: [asks({ plan, reference })] },
        ...[raj, mia, leo].map((party) => ({ party, habits: [approves(reference)] })),
      ],
      (snapshot) => caseOf(snapshot, reference)?.grant != null,
    )
    const id = await ana.until('the session', ({ sessions }) => sessions.find(({ here }) => here)?.case)
    await ana.call.sessions.copy({ case: id, as: 'environment' })
    const session = sessionFromLines(ana.clipboard)
    secrets.push(session.secretAccessKey, session.sessionToken)
    const endpoint = sandbox.endpoints[session.region] as string
    expect((await standingOf(session, endpoint)).standing).toBe('alive')
    await ana.until('the end', (now) => typeof caseOf(now, reference)?.grant?.endedAt === 'number')
    expect((await standingOf(session, endpoint)).standing).toBe('refused')
    expect(ana.clipboard).toBe('')
  })

  test('and the one that was off catches up when it is started again', async () => {
    const zoe = parties[4]
    expect(zoe.isDead).toBe(false)
    await zoe.revive()
    const one = await zoe.until('the case', (now) => {
      const found = caseOf(now, 'INC-LAN')
      return typeof found?.grant?.endedAt === 'number' && found
    })
    // AWS gives nobody six seconds, so that nobody believes that such a session is over.
    expect([one.state, one.grant?.confirmed]).toEqual(['ending', false])
    await zoe.until(
      'its log acknowledged',
      ({ log, now }) => log.cosignedBy.length === 4 && now - (log.lastCosigned ?? 0) < 60_000,
    )
    const statements = await expectSame(parties)
    const [grant] = ofKind(statements, 'grant')
    const witnesses = (await zoe.snapshot()).exchange.peers.map(({ device }) => device)
    expect(witnesses).toContain(grant?.payload.witness)
    expectChains(statements)
    expectRecordedBefore(devices.sandbox.log, statements)
    expectAccountedFor(devices.sandbox.log, statements)
  })

  test('with no secret on any disk, and nothing said on any error output', async () => {
    expect(secrets).toHaveLength(3)
    await expectNowhere(devices.dir, secrets)
    expect(parties.map(({ running }) => running.errors)).toEqual(['', '', '', '', ''])
  })
})
