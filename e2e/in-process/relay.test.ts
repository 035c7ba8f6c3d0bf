import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Relaying } from '../../main/app/relaying.ts'
import { BROKER_PACE } from '../../main/relay/broker.ts'
import { LinkFailure } from '../../main/relay/failure.ts'
import { beginLying } from '../../main/relay/testing/liar.ts'
import { hasNatsServer, LEFT_OUT, NatsServer } from '../../main/relay/testing/nats-server.ts'
import { type Digest, fromBase64Url, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { checkpointFrom, formatCheckpoint, originOf, signCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { MerkleTree } from '../../shared/ledger/merkle.ts'
import { deskOf, plugOf } from './mischief.ts'
import { approves, asks, caseOf, isDone } from './people.ts'
import { reportOn } from './report.ts'
import { type LocalSetting, newFour } from './stories.ts'
import { type Plug, Switchboard } from './switchboard.ts'
import type { LocalParty } from './world.ts'

// Four people whose apps meet on one network, but for Leo, who is elsewhere; and two real brokers, of which one dies.

const switchboard = new Switchboard()
/** The latest plug of each, in the order in which they arrived. */
const plugs: Plug[] = []
let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty
let first: NatsServer
let second: NatsServer

const brokersOf = (party: LocalParty) => party.snapshot().then(({ relay }) => relay)
const usesBoth = (party: LocalParty) =>
  party.until('both brokers', ({ relay }) => relay.length === 2 && relay.every(({ state }) => state === 'on'))
const personOf = (party: LocalParty, name: string) =>
  party.snapshot().then(({ people }) => people.find((person) => person.name === name))

const deviceOf = (party: LocalParty): Digest => deskOf(party).device.id

/** A party's ledger of so many entries, with entries of somebody's making behind it. */
function ledgerOf(party: LocalParty, size: number, ...more: readonly string[]): MerkleTree {
  const { ledger } = deskOf(party).device.store
  const tree = new MerkleTree()
  for (let at = 0; at < size; at++) tree.appendLeaf(ledger.leaf(at))
  for (const text of more) tree.append(utf8(text))
  return tree
}

/** Shows somebody a head of a party by relay, signed with its key whatever its app thinks of it. */
async function show(to: LocalParty, of: LocalParty, tree: MerkleTree, from: number) {
  const { device } = deskOf(of)
  const { vault, summary } = device
  const origin = originOf(device.organizationId() ?? '', device.id)
  const key = { name: origin, publicKey: fromBase64Url(summary.device.checkpoint) }
  const head = { origin, size: tree.size, root: tree.root(tree.size) }
  const signed = await signCheckpoint(head, key, (bytes) => vault.signCheckpoint(bytes))
  const proof = tree.consistencyProof(from, tree.size).map(toBase64Url)
  return deskOf(of).relaying.requestWitness(deviceOf(to), { note: formatCheckpoint(signed), proof, from })
}

describe.runIf(hasNatsServer)(`by relay${LEFT_OUT}`, () => {
  beforeAll(async () => {
    first = await NatsServer.start()
    second = await NatsServer.start()
    const carrier = () => {
      const plug = switchboard.carrier()
      plugs.push(plug)
      return plug
    }
    four = await newFour({ apps: { carrier } })
    ;[ana, raj, mia, leo] = four.parties
  }, 120_000)
  afterAll(async () => {
    await Promise.all([first.close(), second.close()])
    await four.world.close()
  })

  test('it is off until somebody names a broker, and nobody else’s word turns it on', async () => {
    for (const party of four.parties) expect(await brokersOf(party)).toEqual([])
    await expect(
      ana.call.relay.add({ url: 'nats://relay.example:4222', ca: null, credentials: { as: 'nobody' } }),
    ).rejects.toMatchObject({ code: 'bad-broker' })
    for (const party of four.parties)
      for (const { url } of [first, second])
        await party.call.relay.add({ url, ca: null, credentials: { as: 'nobody' } })
    for (const party of four.parties) await usesBoth(party)
  })

  test('an app that looks twice at once whether to use them connects once to each', async () => {
    const { app } = ana.running
    const { device, notary, carrier } = app.desk()
    const opened: string[] = []
    const relaying = await Relaying.load(
      { device, notary, carrier, onChange: () => undefined },
      {
        pace: BROKER_PACE,
        open: ({ url }) => {
          opened.push(url)
          return Promise.reject(new LinkFailure('the test opens none'))
        },
      },
    )
    await Promise.all([relaying.turn(), relaying.turn()])
    await relaying.close()
    expect(opened).toEqual([first.url, second.url])
  })

  test('a whole break-glass with an approver who is reached by relay alone, and a broker that dies on the way', async () => {
    await plugs[3]?.plug(false)
    await ana.until(
      'that Leo is away',
      ({ people }) => people.find(({ name }) => name === 'Leo')?.reach?.connected === false,
    )
    const reference = 'INC-R1'
    await asks({ plan: four.plan, reference })(ana, await ana.snapshot())
    await raj.until('the request', (now) => caseOf(now, reference))
    await leo.until('the request, by relay', (now) => caseOf(now, reference)?.mine.mayDecide)
    await first.kill()
    await approves(reference)(raj, await raj.snapshot())
    await approves(reference)(leo, await leo.snapshot())
    const held = await ana.until('the session', ({ sessions }) => sessions.find(({ here }) => here))
    expect(held).toBeDefined()
    const released = await mia.until('both releases', (now) => {
      const kinds = caseOf(now, reference)?.timeline.filter(({ kind }) => kind === 'release')
      return kinds?.length === 2 && kinds
    })
    expect(released.map(({ person }) => person.name).toSorted()).toEqual(['Leo', 'Raj'])
    await leo.until('the grant, by relay', (now) => caseOf(now, reference)?.grant)
    await isDone(ana, await ana.snapshot())
    await leo.until('the end, by relay', (now) => typeof caseOf(now, reference)?.grant?.endedAt === 'number')
    await ana.until('that one broker is gone', ({ relay }) => relay[0]?.trouble === 'connection refused')
    expect((await personOf(ana, 'Leo'))?.reach).toMatchObject({ connected: false, presence: 'gone' })
    expect((await personOf(ana, 'Leo'))?.reach?.relayedAt).toBeGreaterThan(Date.now() - 60_000)
  })

  test('the broker that came back is used again, and so is what it kept', async () => {
    await first.begin()
    for (const party of four.parties) {
      for (const { id } of await brokersOf(party)) await party.call.relay.tryNow({ id })
      await usesBoth(party)
    }
    await ana.until('nothing left to send', ({ relay }) => relay.every(({ waiting }) => waiting === 0))
    expect((await brokersOf(leo)).map(({ trouble, unreadable }) => [trouble, unreadable])).toEqual([
      [null, 0],
      [null, 0],
    ])
  })

  test('a whole break-glass of people who meet there alone, at a broker that repeats, reorders and sends to others: one of them is the witness', async () => {
    await second.kill()
    for (const party of four.parties) await plugOf(party).plug(false)
    const stopLying = await beginLying(first.url)
    const before = (await brokersOf(mia))[0]?.unreadable ?? 0
    const reference = 'INC-R3'
    await asks({ plan: four.plan, reference })(ana, await ana.snapshot())
    for (const party of [raj, leo]) {
      await party.until('the request, by relay', (now) => caseOf(now, reference)?.mine.mayDecide)
      await approves(reference)(party, await party.snapshot())
    }
    await ana.until('the session', ({ sessions }) => sessions.find(({ here }) => here))
    await isDone(ana, await ana.snapshot())
    await mia.until('the end, by relay', (now) => typeof caseOf(now, reference)?.grant?.endedAt === 'number')
    const { device, notary } = deskOf(mia)
    const [one] = device.currentCases().filter(({ request }) => request.payload.reference === reference)
    const witness = one?.grant?.statement.payload.witness
    expect([ana, raj, leo].map(deviceOf)).toContain(witness)
    expect(one?.attempts).toHaveLength(1)
    // Before the credential was touched: in that device's checkpoint stands what Mia was about to do.
    const leaf = device.store.leaf(one?.attempt?.issuing?.id ?? '') ?? -1
    expect(notary.coveredBy(leaf).map((by) => by.device)).toContain(witness)
    const report = await reportOn((await mia.call.log.export({ scope: 'all' })).bytes)
    expect(report.verdict).toBe('verified')
    expect(report.findings.map(({ code }) => code).filter((code) => code.startsWith('witness'))).toEqual([])
    await mia.until('lies that nobody can read', ({ relay }) => (relay[0]?.unreadable ?? 0) > before)
    await stopLying()
    await second.begin()
    for (const party of four.parties) {
      for (const { id } of await brokersOf(party)) await party.call.relay.tryNow({ id })
      await usesBoth(party)
    }
  })

  test('an app that was off has the request after its next unlock, though whoever asked is gone by then', async () => {
    await leo.quit()
    const reference = 'INC-R2'
    const before = await brokersOf(ana)
    await asks({ plan: four.plan, reference })(ana, await ana.snapshot())
    await ana.until('a message for each at each', ({ relay }) =>
      relay.every(({ kept, waiting }, at) => waiting === 0 && kept >= (before[at]?.kept ?? 0) + 3),
    )
    for (const party of [ana, raj, mia]) await party.quit()
    await leo.start()
    await leo.unlock()
    await plugs.at(-1)?.plug(false)
    const heard = await leo.until('the request, by relay', (now) => caseOf(now, reference))
    expect(heard.mine.mayDecide).toBe(true)
    await approves(reference)(leo, await leo.snapshot())
    await ana.revive()
    await ana.until('the approval, by relay', (now) =>
      caseOf(now, reference)?.seats.some(({ person, state }) => person.name === 'Leo' && state === 'approved'),
    )
  })

  test('what the brokers keep says nothing of any of it', async () => {
    const { organization, people } = await ana.snapshot()
    const words = ['INC-R1', 'INC-R2', 'payloadType', 'vnd.lockbox', organization?.name ?? '?', organization?.id ?? '?']
    const ids = four.parties
      .map((party) => party.running.app)
      .flatMap((app) => (app.isOpen ? app.desk().device.id : []))
    const disks = await Promise.all([first.disk(), second.disk()])
    for (const disk of disks) {
      expect(disk.length).toBeGreaterThan(30_000)
      for (const word of [...words, ...ids, ...people.map(({ member }) => member)])
        expect([word, disk.includes(Buffer.from(word))]).toEqual([word, false])
    }
  })

  test('an old head that comes by relay is held against nobody, since a broker may have kept it; two histories are', async () => {
    const { size } = deskOf(leo).device.store.ledger
    const evidence = async () => (await ana.snapshot()).log.evidence.map(({ about, device }) => [about, device])
    const whole = ledgerOf(leo, size)
    const first = await show(ana, leo, whole, 0)
    if ('refused' in first) await show(ana, leo, whole, checkpointFrom(first.last ?? '')?.size ?? 0)
    expect(await show(ana, leo, whole, size)).toHaveProperty('cosigned')
    expect(await show(ana, leo, ledgerOf(leo, size - 1), 0)).toMatchObject({ refused: 'shrunk' })
    expect(await evidence()).toEqual([])
    expect(await show(ana, leo, ledgerOf(leo, size, 'this'), size)).toHaveProperty('cosigned')
    expect(await show(ana, leo, ledgerOf(leo, size, 'that'), size)).toMatchObject({ refused: 'fork' })
    expect(await evidence()).toEqual([['fork', deviceOf(leo)]])
  })

  test('a broker that was removed stays away, also after a restart; its password is in no snapshot', async () => {
    const [one] = await brokersOf(ana)
    await ana.call.relay.remove({ id: one?.id ?? '' })
    await ana.call.relay.add({
      url: first.url,
      ca: null,
      credentials: { as: 'user', user: 'lockbox', password: 'a secret of the broker' },
    })
    await ana.kill()
    await ana.revive()
    const { relay, ...rest } = await ana.snapshot()
    expect(relay.map(({ url, as }) => [url, as])).toEqual([
      [second.url, 'nobody'],
      [first.url, 'user'],
    ])
    expect(JSON.stringify([relay, rest])).not.toContain('a secret of the broker')
    await expect(ana.call.relay.remove({ id: one?.id ?? '' })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a locked app uses no broker', async () => {
    await ana.call.vault.lock()
    expect((await ana.snapshot()).relay).toEqual([])
  })
})
