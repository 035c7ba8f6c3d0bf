import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRows } from '../../main/app/log.ts'
import type { PeerName, WitnessAnswer, WitnessRequest } from '../../main/exchange/exchange.ts'
import { type Digest, digest, fromBase64Url, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { type Checkpoint, formatCheckpoint, originOf, signCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { MerkleTree } from '../../shared/ledger/merkle.ts'
import { deskOf, forge, plugOf } from './mischief.ts'
import { reportOn } from './report.ts'
import { asking, type LocalSetting, newFour } from './stories.ts'
import { TestClock } from './test-clock.ts'
import type { LocalParty } from './world.ts'

// Logs are acknowledged at every meeting, by every device, for every device; what does not go on from what was
// acknowledged is refused, told and kept.

const clock = new TestClock()
let four: LocalSetting
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let leo: LocalParty

beforeAll(async () => {
  four = await newFour({ clock })
  ;[ana, raj, mia, leo] = four.parties
}, 120_000)
afterAll(() => four.world.close())

const deviceOf = (party: LocalParty): Digest => deskOf(party).device.id
const nameOf = (party: LocalParty): PeerName => ({
  device: deviceOf(party),
  member: deskOf(party).device.me()?.member ?? '',
  name: party.name,
})

/** How many records a party's journal has of each table that grows with the log. */
async function records(party: LocalParty): Promise<Record<string, number>> {
  const counts: Record<string, number> = { statement: 0, checkpoint: 0, cosigned: 0, evidence: 0 }
  for (const table of Object.keys(counts))
    for await (const _ of deskOf(party).device.vault.journal.records(table)) counts[table] = (counts[table] ?? 0) + 1
  return counts
}

async function grown(party: LocalParty, before: Record<string, number>): Promise<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(await records(party)).map(([table, now]) => [table, now - (before[table] ?? 0)]),
  )
}

/** What one more statement costs everybody, once all is acknowledged: never more than one record for each other device. */
const ONE_STATEMENT = { statement: 1, checkpoint: 1, cosigned: 3, evidence: 0 }

/** Everybody's log, as it stands now, is acknowledged by everybody else. */
async function allVouched(parties: readonly LocalParty[] = four.parties): Promise<void> {
  for (const party of parties)
    await party.until('its log acknowledged by all', () =>
      parties.every((other) => other === party || deskOf(party).notary.isVouchedBy(deviceOf(other))),
    )
}

/** A head signed with a party's checkpoint key, whatever its app thinks of it. */
function headOf(party: LocalParty, tree: MerkleTree, size = tree.size): Promise<Checkpoint> {
  const { vault, summary } = deskOf(party).device
  const origin = originOf(deskOf(party).device.organizationId() ?? '', deviceOf(party))
  const key = { name: origin, publicKey: fromBase64Url(summary.device.checkpoint) }
  return signCheckpoint({ origin, size, root: tree.root(size) }, key, (bytes) => vault.signCheckpoint(bytes))
}

/** A party's ledger, with entries of somebody's making behind it. */
function ledgerWith(party: LocalParty, ...more: readonly string[]): MerkleTree {
  const { ledger } = deskOf(party).device.store
  const tree = new MerkleTree()
  for (let at = 0; at < ledger.size; at++) tree.appendLeaf(ledger.leaf(at))
  for (const text of more) tree.append(utf8(text))
  return tree
}

/** Shows somebody a head of a party, as its app would. */
function show(
  to: LocalParty,
  of: LocalParty,
  head: Checkpoint,
  tree: MerkleTree,
  from: number,
): Promise<WitnessAnswer> {
  const proof = tree.consistencyProof(from, head.size).map(toBase64Url)
  return deskOf(to).notary.cosign({ note: formatCheckpoint(head), proof, from }, nameOf(of))
}

const tells = (party: LocalParty, about: string, what: string) =>
  party.until(`“${what}”`, ({ log }) => log.evidence.find((one) => one.about === about && one.what === what))

async function reportOf(party: LocalParty) {
  return reportOn((await party.call.log.export({ scope: 'all' })).bytes)
}

describe('at every meeting', () => {
  test('each log is acknowledged by each other device, though nothing was issued', async () => {
    await allVouched()
    for (const party of four.parties) {
      const { log } = await party.snapshot()
      expect([log.cosignedBy.map(({ name }) => name).sort(), log.evidence]).toEqual([
        four.parties
          .filter((other) => other !== party)
          .map(({ name }) => name)
          .sort(),
        [],
      ])
    }
    // Of any statement it can be said in whose checkpoints it stands.
    const { device, notary } = deskOf(ana)
    const last = device.store.ids().at(-1) ?? ''
    const others = [raj, mia, leo].map(deviceOf).sort()
    expect(
      notary
        .coveredBy(device.store.leaf(last) ?? -1)
        .map((one) => one.device)
        .sort(),
    ).toEqual(others)
    expect(notary.coveredBy(device.store.ledger.size)).toEqual([])
    const { journal } = device.vault
    const rows = await journal.sealedRows(device.store.position(last) ?? 0, 1)
    // Not by the window's call: that somebody read the log is an entry by itself.
    const { entries } = await openRows(device, notary, rows)
    expect(entries[0]?.entry?.proof).toMatch(/, in checkpoints of 3 other devices \(.*\), first at .* UTC by /)
  })

  test('one statement costs one request and one record each way, and nothing is asked where nothing is new', async () => {
    await allVouched()
    const before = await Promise.all(four.parties.map(records))
    for (const party of four.parties) plugOf(party).asked = 0
    await asking(four, 'drill')
    await allVouched()
    for (const [at, party] of four.parties.entries())
      expect(await grown(party, before[at] ?? {})).toEqual(ONE_STATEMENT)
    expect(four.parties.map((party) => plugOf(party).asked)).toEqual([3, 3, 3, 3])
  })

  test('a restart asks for nothing anew', async () => {
    const before = await records(raj)
    await raj.quit()
    await raj.revive()
    await raj.until(
      'all others',
      ({ exchange, standing }) => standing?.state === 'current' && exchange.peers.every((peer) => peer.connected),
    )
    await asking(four, 'drill')
    await allVouched()
    expect([await grown(raj, before), plugOf(raj).asked]).toEqual([ONE_STATEMENT, 3])
  })

  test('whoever was away is acknowledged, and acknowledges, when they are back', async () => {
    const { device, notary } = deskOf(ana)
    const before = device.store.ids().at(-1) ?? ''
    await plugOf(leo).plug(false)
    await asking({ ...four, parties: [ana, raj, mia, ana] }, 'drill')
    await allVouched([ana, raj, mia])
    expect(notary.isVouchedBy(deviceOf(leo))).toBe(false)
    // Of each entry what is so of that one, however many are looked at together.
    const [from, to] = [before, device.store.ids().at(-1) ?? ''].map((id) => device.store.position(id) ?? 0)
    const rows = await device.vault.journal.sealedRows(from ?? 0, (to ?? 0) - (from ?? 0) + 1)
    const { entries } = await openRows(device, notary, rows)
    const proofs = entries.flatMap(({ entry }) =>
      entry === null ? [] : [/in checkpoints of \d/.exec(entry.proof)?.[0]],
    )
    expect([proofs.at(0), proofs.at(-1)]).toEqual(['in checkpoints of 3', 'in checkpoints of 2'])
    await plugOf(leo).plug(true)
    await allVouched()
  })
})

describe('a peer that lies', () => {
  const costs = async (party: LocalParty, act: () => Promise<unknown>) => {
    await allVouched()
    const before = await records(party)
    await act()
    expect(await records(party)).toEqual(before)
    expect((await party.snapshot()).log.evidence).toEqual([])
  }

  test('about its log is refused, and costs nothing', async () => {
    const tree = ledgerWith(raj)
    const longer = ledgerWith(raj, 'one more')
    const head = await headOf(raj, longer)
    const good = {
      note: formatCheckpoint(head),
      proof: longer.consistencyProof(tree.size).map(toBase64Url),
      from: tree.size,
    }
    const ask = (change: Partial<typeof good>) =>
      deskOf(leo).notary.cosign({ ...good, from: 0, ...change }, nameOf(raj))
    await costs(leo, async () => {
      expect(await ask({ note: formatCheckpoint(await headOf(mia, ledgerWith(mia))) })).toEqual({
        refused: 'wrong-origin',
      })
      expect(await ask({ note: 'no note' })).toEqual({ refused: 'malformed' })
      const spoilt = {
        ...head,
        note: {
          ...head.note,
          signatures: head.note.signatures.map((one) => ({ ...one, bytes: one.bytes.map((byte) => byte ^ 1) })),
        },
      }
      expect(await ask({ note: formatCheckpoint(spoilt) })).toEqual({ refused: 'bad-signature' })
      expect(await ask({ proof: [] })).toMatchObject({ refused: 'bad-proof' })
      expect(await ask({ proof: Array.from({ length: 10_000 }, () => digest(utf8('x'))) })).toMatchObject({
        refused: 'bad-proof',
      })
      expect(await ask({ proof: good.proof.toReversed() })).toMatchObject({ refused: 'bad-proof' })
      expect(await ask({ proof: ['no digest'] }).catch(() => 'an error')).not.toHaveProperty('cosigned')
      const answers = []
      for (let times = 0; times < 70; times++) answers.push(await ask({ proof: [] }))
      expect(answers.at(-1)).toEqual({ refused: 'too-often' })
    })
    // The truth is not kept out by what was said before it.
    clock.pass(3000)
    expect(await show(leo, raj, await headOf(raj, tree), tree, tree.size)).toHaveProperty('cosigned')
    clock.pass(60 * 60_000)
    await asking(four, 'drill')
    await allVouched()
    expect((await leo.snapshot()).log.evidence).toEqual([])
  })

  test('that asks from too small a size about what others told of first is told again, and is held against nobody', async () => {
    await allVouched()
    const tree = ledgerWith(raj)
    const head = await headOf(raj, tree)
    expect(await show(leo, raj, head, tree, tree.size - 1)).toMatchObject({ refused: 'bad-proof' })
    clock.pass(60_000)
    await deskOf(leo).notary.turn(deskOf(leo).carrier)
    expect((await leo.snapshot()).log.evidence).toEqual([])
    expect(await show(leo, raj, head, tree, tree.size)).toHaveProperty('cosigned')
  })

  test('when it acknowledges is not counted, and the others are', async () => {
    await allVouched()
    const own = () => formatCheckpoint(deskOf(ana).notary.own() as Checkpoint)
    const foreign = formatCheckpoint(await headOf(leo, ledgerWith(leo)))
    const lies: ((request: WitnessRequest) => WitnessAnswer)[] = [
      () => ({ cosigned: 'no note' }),
      ({ note }) => ({ cosigned: note }),
      // Mia did cosign that head, but it is an earlier one.
      () => ({ cosigned: own() }),
      () => ({ refused: 'bad-proof', last: foreign }),
      () => ({ refused: 'shrunk', last: own() }),
    ]
    for (const lie of lies) {
      plugOf(mia).lies = lie
      await asking(four, 'drill')
      for (const other of [raj, leo])
        await ana.until('the honest ones', () => deskOf(ana).notary.isVouchedBy(deviceOf(other)))
      expect(deskOf(ana).notary.isVouchedBy(deviceOf(mia))).toBe(false)
      plugOf(mia).lies = null
      clock.pass(60_000)
      await allVouched()
    }
    expect((await ana.snapshot()).standing).toMatchObject({ state: 'current', logBroken: false })
  })
})

describe('a log that does not go on from what was acknowledged', () => {
  test('because it is shorter is refused, told in words, and kept over a restart', async () => {
    await allVouched()
    const tree = ledgerWith(raj)
    const yesterday = await headOf(raj, tree, tree.size - 2)
    const before = await records(leo)
    for (let times = 0; times < 10; times++)
      expect(await show(leo, raj, yesterday, tree, 0)).toMatchObject({ refused: 'shrunk' })
    const what = 'Raj’s device showed an older log than before'
    const { person, means, todo } = await tells(leo, 'refused', what)
    expect(person.name).toBe('Raj')
    expect(means).toContain('proves nothing by itself')
    expect(todo).toContain('Ask Raj')
    expect((await leo.snapshot()).notes.map((note) => note.what)).toContain(what)
    expect(await grown(leo, before)).toMatchObject({ evidence: 1, cosigned: 0 })
    await leo.quit()
    await leo.revive()
    await tells(leo, 'refused', what)
    await allVouched()
    // It is no proof, so it spoils nobody's export.
    expect(await reportOf(leo)).toMatchObject({ verdict: 'verified' })
  })

  test('whose growth is not shown though it was asked for, is told after a while', async () => {
    // So long that what is really said meanwhile does not come to the same length.
    const longer = ledgerWith(mia, ...Array.from({ length: 50 }, (_, at) => `one more ${at}`))
    const other = ledgerWith(mia)
    await show(raj, mia, await headOf(mia, longer), longer, other.size)
    const forked = new MerkleTree()
    for (let at = 0; at < longer.size + 1; at++) forked.append(utf8(`another ${at}`))
    expect(await show(raj, mia, await headOf(mia, forked), forked, 0)).toMatchObject({ refused: 'bad-proof' })
    expect((await raj.snapshot()).log.evidence).toEqual([])
    clock.pass(31_000)
    await tells(raj, 'refused', 'Mia’s device did not show that its log only grew')
  })
})

describe('two histories of one log', () => {
  test('shown to two who do not meet are found out when they do; all are told, and it is in the export', async () => {
    await leo.until('its log acknowledged', () =>
      [ana, raj].every((party) => deskOf(leo).notary.isVouchedBy(deviceOf(party))),
    )
    const [one, other] = [ledgerWith(leo, 'this'), ledgerWith(leo, 'that')]
    for (const party of [ana, raj, mia]) await plugOf(party).plug(false)
    const size = deskOf(leo).device.store.ledger.size
    expect(await show(ana, leo, await headOf(leo, one), one, size)).toHaveProperty('cosigned')
    expect(await show(raj, leo, await headOf(leo, other), other, size)).toHaveProperty('cosigned')
    const knows = async (party: LocalParty) =>
      (await party.snapshot()).log.evidence.some(({ about, device }) => about === 'fork' && device === deviceOf(leo))
    for (const party of [ana, raj]) expect(await knows(party)).toBe(false)
    for (const party of [ana, raj]) await plugOf(party).plug(true)
    const what = 'Leo’s device showed two different histories'
    for (const party of [ana, raj]) await tells(party, 'fork', what)
    // Mia saw neither, and is shown both by the others.
    await plugOf(mia).plug(true)
    await tells(mia, 'fork', what)
    // The device itself learns that somebody signs with its key, and stops.
    await leo.until('that its log is not the only one', ({ standing }) => standing?.logBroken === true)
    await ana.quit()
    await ana.revive()
    await tells(ana, 'fork', what)
    expect((await ana.snapshot()).notes.map((note) => note.what)).toContain(what)
    const report = await reportOf(ana)
    expect(report.verdict).toBe('incomplete')
    const forks = report.findings.filter(({ code, device }) => code === 'fork' && device === deviceOf(leo))
    expect(forks).toHaveLength(1)
    expect(forks[0]?.says).toContain('Leo’s device')
  }, 60_000)
})

describe('a device’s chain', () => {
  test('with a gap is told with device and place', async () => {
    const { store } = deskOf(raj).device
    const last = store.chainOf(deviceOf(raj)).last
    const fields = { request: toBase64Url(new Uint8Array(32)), reason: '' }
    const place = { sequence: (last?.number ?? 0) + 3, previous: digest(utf8('nobody has it')) }
    await plugOf(raj).sendRaw(forge(raj, 'withdrawal', fields, { place }))
    const { means, device } = await tells(ana, 'gap', 'Of what Raj’s device signed, something is not here')
    expect(means).toContain(`numbers ${(last?.number ?? 0) + 1} to ${(last?.number ?? 0) + 2}`)
    expect(device).toBe(deviceOf(raj))
    const report = await reportOf(ana)
    expect(report.findings.filter(({ code }) => code === 'chain-gap')).toMatchObject([{ device: deviceOf(raj) }])
  })

  test('that was signed twice is told, and both statements are named in the export', async () => {
    const fields = { request: toBase64Url(new Uint8Array(32)), reason: '' }
    const twice = ['one', 'other'].map((reason) => forge(mia, 'withdrawal', { ...fields, reason }))
    for (const envelope of twice) await plugOf(mia).sendRaw(envelope)
    await tells(ana, 'equivocation', 'Mia’s device has signed two different histories')
    const { findings } = await reportOf(ana)
    expect(findings.filter(({ code }) => code === 'chain-fork')).toMatchObject([{ device: deviceOf(mia) }])
    expect(findings.filter(({ code }) => code === 'equivocation')).toHaveLength(1)
    expect(findings.some(({ code }) => code === 'bad-evidence')).toBe(false)
  })
})
