import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standingOf } from '../../main/issuers/aws/identity.ts'
import { codesOf } from '../../shared/carriers/codes.ts'
import { sessionFromLines } from '../session-lines.ts'
import { filmed } from './camera.ts'
import { plugOf } from './mischief.ts'
import { agree, deposit, found, type LocalParty, newWorld, planForm, type World } from './world.ts'

const NONE = { added: 0, known: 0, refused: 0, waiting: 0 }
const NAMES = ['Ana', 'Raj', 'Mia', 'Leo', 'Zoe']

describe('a whole break-glass by codes alone', () => {
  let world: World
  let parties: LocalParty[]
  let plan: string
  let request: string
  const packOf = async (party: LocalParty, of: 'mine' | 'case' = 'mine') =>
    (await party.call.exchange.writeCode({ request, of })).pack
  const show = async (from: LocalParty, to: readonly LocalParty[]) => {
    const pack = await filmed(await packOf(from))
    const receipts = []
    for (const party of to) receipts.push(await party.call.exchange.readCode({ pack }))
    return receipts
  }

  beforeAll(async () => {
    world = await newWorld(60)
    parties = await Promise.all(NAMES.map((name) => world.arrive(name)))
    for (const party of parties) await party.setUp()
    await found(parties)
    const [ana] = parties as [LocalParty]
    // Without a network nobody can acknowledge a record while the credential waits.
    const form = await planForm(ana, world.sandbox, 3)
    plan = await agree(parties, { ...form, issuers: form.issuers.slice(0, 1), witness: 'waived' })
    await deposit(parties, ana, plan, world.sandbox.accessKey)
    for (const party of parties) await plugOf(party).plug(false)
  }, 120_000)
  afterAll(() => world.close())

  test('the request is one still code', async () => {
    const [ana, ...others] = parties as [LocalParty, ...LocalParty[]]
    await ana.sign(
      ana.call.cases.request({
        plan,
        purpose: 'access',
        emergency: 'identity-provider-down',
        what: 'Nobody can sign in since 02:40, and the network is gone too.',
        reference: 'INC-1',
        seconds: 900,
      }),
    )
    request = await ana.until('the request', ({ cases }) => cases[0]?.id)
    expect(codesOf(await packOf(ana)).count).toBe(1)
    expect(await show(ana, others)).toMatchObject(others.map(() => ({ ...NONE, added: 1, who: 'Ana', case: request })))
  })

  test('each approval is one still code, and a second look at it changes nothing', async () => {
    const [ana, raj, mia, leo, zoe] = parties as [LocalParty, LocalParty, LocalParty, LocalParty, LocalParty]
    for (const party of [raj, leo, zoe]) {
      await party.sign(party.call.cases.decide({ request, verdict: 'approve', reason: '' }))
      expect(codesOf(await packOf(party)).count).toBe(1)
      const others = parties.filter((one) => one !== party)
      expect(await show(party, others)).toMatchObject(
        others.map(() => ({ ...NONE, added: 1, who: party.name, case: request })),
      )
      expect(await show(party, [ana])).toMatchObject([{ ...NONE, known: 1 }])
    }
    await mia.until('the quorum', ({ cases }) => cases.some(({ state }) => state !== 'asked'))
  })

  test('shares travel in the boxes beside the releases, and the session in its box', async () => {
    const [ana, raj, mia, leo, zoe] = parties as [LocalParty, LocalParty, LocalParty, LocalParty, LocalParty]
    await mia.until('its device being ready', ({ cases }) => cases[0]?.attempt)
    await show(mia, [ana, raj, leo, zoe])
    for (const party of [raj, leo, zoe]) {
      await party.until('its release', ({ cases }) => (cases[0]?.attempt?.released ?? 0) > 0)
      // The decision, the release and its box in one.
      expect(codesOf(await packOf(party)).count).toBe(1)
      expect(await show(party, [mia])).toMatchObject([{ ...NONE, added: 1, known: 1 }])
    }
    await mia.until('the grant', ({ cases }) => cases[0]?.grant)
    await mia.until('the handover', ({ cases }) => cases[0]?.timeline.some(({ kind }) => kind === 'handover'))
    await show(mia, [ana])
    await ana.until('the session', ({ sessions }) => sessions.find(({ here }) => here))
    await ana.call.sessions.copy({ case: request, as: 'environment' })
    const session = sessionFromLines(ana.clipboard)
    expect((await standingOf(session, world.sandbox.regions[0]?.endpoint as string)).standing).toBe('alive')
  })

  test('the whole case of one device brings another that saw nothing up to date', async () => {
    const [ana, raj] = parties as [LocalParty, LocalParty]
    const pack = await filmed(await packOf(ana, 'case'))
    const { added, refused, waiting } = await raj.call.exchange.readCode({ pack })
    expect({ refused, waiting }).toEqual({ refused: 0, waiting: 0 })
    expect(added).toBeGreaterThan(0)
    expect((await raj.snapshot()).cases[0]?.state).toBe((await ana.snapshot()).cases[0]?.state)
  })

  test('what is no pack is refused by name, and nothing of the case changes', async () => {
    const [ana] = parties as [LocalParty]
    const before = (await ana.snapshot()).cases
    const good = await packOf(ana)
    for (const [pack, code] of [
      [good.slice(0, -1), 'malformed'],
      [Uint8Array.of(0x82, 0x02, 0x40), 'unsupported'],
      [new Uint8Array(200_000), 'too-large'],
    ] as const)
      await expect(ana.call.exchange.readCode({ pack })).rejects.toMatchObject({ code })
    expect((await ana.snapshot()).cases).toEqual(before)
  })

  test('whoever said nothing in a case is told so', async () => {
    const [, , , , zoe] = parties as [LocalParty, LocalParty, LocalParty, LocalParty, LocalParty]
    const none = zoe.call.exchange.writeCode({ request: 'A'.repeat(43), of: 'mine' })
    await expect(none).rejects.toMatchObject({ code: 'nothing-said' })
  })
})
