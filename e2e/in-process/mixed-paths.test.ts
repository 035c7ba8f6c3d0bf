import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compression } from '../../main/compression.ts'
import { readFile, writeFile } from '../../shared/carriers/file.ts'
import { pack } from '../../shared/carriers/pack.ts'
import { requestOf } from '../../shared/statements/collection.ts'
import { parse } from '../../shared/statements/envelope.ts'
import { acknowledged, deskOf, forge, plugOf } from './mischief.ts'
import { agree, deposit, found, type LocalParty, newWorld, planForm, type World } from './world.ts'

// It does not matter how a statement came: one inbox. The request comes by the network, one approval by code, one by file.

let world: World
let parties: [LocalParty, LocalParty, LocalParty, LocalParty]
let request: string

beforeAll(async () => {
  world = await newWorld(60)
  const arrive = (name: string) => world.arrive(name)
  parties = [await arrive('Ana'), await arrive('Raj'), await arrive('Mia'), await arrive('Leo')]
  for (const party of parties) await party.setUp()
  await found(parties)
  const [ana] = parties
  const form = await planForm(ana, world.sandbox, 2)
  // Without a network nobody can acknowledge a record while the credential waits.
  const plan = await agree(parties, { ...form, issuers: form.issuers.slice(0, 1), witness: 'waived' })
  await deposit(parties, ana, plan, world.sandbox.accessKey)
  await acknowledged(parties)
  const what = 'Nobody can sign in since 02:40'
  const asked = { plan, purpose: 'access', emergency: 'identity-provider-down', what, reference: 'INC-1' } as const
  await ana.sign(ana.call.cases.request({ ...asked, seconds: 900 }))
  request = await ana.until('the request', ({ cases }) => cases[0]?.id)
  for (const party of parties) await party.until('the request', ({ cases }) => cases.some(({ id }) => id === request))
  for (const party of parties) await plugOf(party).plug(false)
}, 120_000)
afterAll(() => world.close())

const mine = async (party: LocalParty) => (await party.call.exchange.writeCode({ request, of: 'mine' })).pack
const approve = (party: LocalParty) => party.sign(party.call.cases.decide({ request, verdict: 'approve', reason: '' }))
/** How each statement of the case came to somebody, by who said what. */
const waysOf = async (party: LocalParty) =>
  Object.fromEntries(
    (await party.snapshot()).cases
      .flatMap(({ timeline }) => timeline)
      .map(({ person, kind, came }) => [`${person.name} ${kind}`, came?.how ?? null]),
  )

/** What somebody has of the case as a file, of which only these kinds by this person are in it. */
async function fileOf(party: LocalParty, kind: string): Promise<Uint8Array> {
  const { bytes } = await party.call.exchange.writeFile({ request })
  const { statements, blobs, notes } = readFile(bytes)
  const own = statements.filter((envelope) => {
    const statement = parse(envelope)
    return requestOf(statement) === request && statement.kind === kind
  })
  return writeFile({ statements: own.slice(-1), blobs, notes })
}

describe('a case whose parts came by three ways', () => {
  test('reaches its quorum and is granted, and says of each part by which way it came first', async () => {
    const [, raj, mia, leo] = parties
    await approve(raj)
    for (const party of [mia, leo]) await party.call.exchange.readCode({ pack: await mine(raj) })
    await approve(leo)
    const file = await fileOf(leo, 'decision')
    for (const party of [raj, mia])
      expect(await party.call.exchange.readFile({ name: 'leo.lockbox', bytes: file })).toMatchObject({ added: 1 })
    await mia.until('its device being ready', ({ cases }) => cases[0]?.attempt)
    for (const party of [raj, leo]) await party.call.exchange.readCode({ pack: await mine(mia), pasted: true })
    for (const party of [raj, leo]) {
      await party.until('its release', ({ cases }) => (cases[0]?.attempt?.released ?? 0) > 0)
      await mia.call.exchange.readCode({ pack: await mine(party) })
    }
    await mia.until('the grant', ({ cases }) => cases[0]?.grant)
    await mia.until('the handover', ({ cases }) => cases[0]?.timeline.some(({ kind }) => kind === 'handover'))
    expect(await waysOf(mia)).toMatchObject({
      'Ana request': 'over the network from Ana’s device',
      'Raj decision': 'by a code of Raj’s',
      'Leo decision': 'in a file of Leo’s',
      'Raj release': 'by a code of Raj’s',
      'Mia ready': null,
      'Mia grant': null,
    })
    expect(await waysOf(raj)).toMatchObject({
      'Raj decision': null,
      'Leo decision': 'in a file of Leo’s',
      'Mia ready': 'in a pasted text of Mia’s',
    })
  })

  test('says the same after a restart, whatever brings it again, in the list and in its proof', async () => {
    const [, , mia] = parties
    const before = await waysOf(mia)
    const { bytes } = await mia.call.exchange.writeFile({ request })
    expect(await mia.call.exchange.readFile({ name: 'again.lockbox', bytes })).toMatchObject({ added: 0 })
    await mia.quit()
    await mia.revive()
    expect(await waysOf(mia)).toEqual(before)
    const { cases } = await mia.snapshot()
    const code = cases[0]?.timeline.find(({ came }) => came?.how.includes('code'))
    const { place } = await mia.call.log.proof({ id: code?.id ?? '' })
    expect(place).toContainEqual({ label: 'By which way', value: 'by a code of Raj’s' })
    await plugOf(mia).plug(false)
  })
})

test('a statement is refused for the same reason whichever way it comes, and the log names the way', async () => {
  const [ana, raj] = parties
  const good = forge(ana, 'withdrawal', { request, reason: 'over' })
  const bad = Buffer.from(
    Buffer.from(good)
      .toString()
      .replace(/"sig":"./, '"sig":"_'),
  )
  const before = (await raj.snapshot()).log
  await plugOf(raj).plug(true)
  await plugOf(ana).plug(true)
  await plugOf(ana).sendRaw(bad)
  for (const party of [ana, raj]) await plugOf(party).plug(false)
  const packed = pack({ statements: [bad], blobs: [], notes: [] }, compression)
  const bytes = writeFile({ statements: [bad], blobs: [], notes: [] })
  const once = { added: 0, known: 0, refused: 1, waiting: 0, who: null, case: null }
  expect(await raj.call.exchange.readCode({ pack: packed })).toMatchObject(once)
  expect(await raj.call.exchange.readFile({ name: 'bad.lockbox', bytes })).toMatchObject(once)
  expect(await raj.call.exchange.readFile({ name: 'pasted text', bytes, pasted: true })).toMatchObject(once)
  const { log } = await raj.snapshot()
  expect(log).toMatchObject({ refused: before.refused + 4, entries: before.entries })
  expect(log.refusals.slice(0, 4).map(({ how }) => how)).toEqual([
    'in a pasted text of Ana’s',
    'in a file of Ana’s',
    'by a code of Ana’s',
    'over the network from Ana’s device',
  ])
  expect(new Set(log.refusals.slice(0, 4).map(({ why }) => why)).size).toBe(1)
  expect(deskOf(raj).device.store.refusals().latest.at(-1)?.code).toBe('device-signature')
})
