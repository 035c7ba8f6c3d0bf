import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { compression } from '../../main/compression.ts'
import { codesOf } from '../../shared/carriers/codes.ts'
import { readFile } from '../../shared/carriers/file.ts'
import { pack, unpack } from '../../shared/carriers/pack.ts'
import { createScan } from '../../shared/carriers/scan.ts'
import { parse } from '../../shared/statements/envelope.ts'
import { acknowledged, deskOf, plugOf } from './mischief.ts'
import type { Party } from './party.ts'
import { type LocalParty, newWorld, PARTS, type World } from './world.ts'

// Founding, and joining what exists, with screens and cameras alone: cards, drafts and endorsements go as codes.

/** What one screen shows and a camera reads that misses every third frame; how many codes it was at least. */
function filmed(shown: Uint8Array): { readonly pack: Uint8Array; readonly count: number } {
  const { code, count } = codesOf(shown)
  const scan = createScan()
  for (let frame = 1; scan.complete.length === 0; frame++) if (frame % 3 !== 1 || frame === 1) scan.take(code(frame))
  return { pack: scan.complete[0] as Uint8Array, count }
}

const show = async (code: Promise<{ pack: Uint8Array }>, to: readonly Party[]) => {
  const { pack: packed, count } = filmed((await code).pack)
  const receipts = []
  for (const party of to) receipts.push(await party.call.exchange.readCode({ pack: packed }))
  return { receipts, count }
}
const NOTHING = { added: 0, known: 0, refused: 0, waiting: 0, cards: [], draft: null, who: null, case: null }
/** The same text with another first character in that field. */
const spoiltIn = (field: string, text: string) =>
  text.replace(new RegExp(`"${field}":"(.)`), (_, first) => `"${field}":"${first === 'A' ? 'B' : 'A'}`)
const wishOf = (at: number) => ({ roles: [...(PARTS[at]?.roles ?? [])], groups: [...(PARTS[at]?.groups ?? [])] })
const endorse = (party: Party, of: string) => party.sign(party.call.endorse.draft({ of, compared: true }))
const membersFrom = async (party: Party, names: readonly string[]) =>
  (await party.call.people.cards())
    .filter(({ name }) => names.includes(name))
    .map(({ digest, roles, groups }) => ({ card: digest, roles, groups }))

let world: World
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
let eve: LocalParty

beforeAll(async () => {
  world = await newWorld(60)
  const arrive = async (name: string) => {
    const party = await world.arrive(name)
    await party.setUp()
    return party
  }
  ;[ana, raj, mia, eve] = [await arrive('Ana'), await arrive('Raj'), await arrive('Mia'), await arrive('Eve')]
  for (const party of [ana, raj, mia, eve]) await plugOf(party).plug(false)
}, 120_000)
afterAll(() => world.close())

describe('founding by codes alone', () => {
  let draft: string

  test('a card is one still code, and names itself where it is read', async () => {
    for (const [at, party] of [ana, raj].entries()) {
      const { receipts, count } = await show(party.call.people.cardCode(wishOf(at)), [ana])
      expect(count).toBe(1)
      expect(receipts).toEqual([{ ...NOTHING, cards: [party.name] }])
    }
    expect((await ana.call.people.cards()).map(({ name, mine }) => [name, mine])).toEqual([
      ['Ana', true],
      ['Raj', false],
    ])
  })

  test('a card of which anything was changed is refused by name, and none is kept', async () => {
    const { pack: good } = await raj.call.people.cardCode(wishOf(1))
    const [envelope] = unpack(good, compression).statements
    const text = Buffer.from(envelope as Uint8Array).toString()
    for (const [spoilt, code] of [
      [spoiltIn('sig', text), 'signature'],
      [spoiltIn('keyid', text), 'malformed'],
    ] as const) {
      const bad = pack({ statements: [Buffer.from(spoilt)], blobs: [], notes: [] }, compression)
      await expect(ana.call.exchange.readCode({ pack: bad })).rejects.toMatchObject({ code })
    }
    expect(await ana.call.people.cards()).toHaveLength(2)
  })

  test('of several cards none is kept if one was changed; one that is read again stands once, as a file and a text too', async () => {
    const kept = () => deskOf(ana).device.vault.journal.count('join-card')
    const envelopes = []
    for (const groups of [['north'], ['south']]) {
      const { pack: packed } = await raj.call.people.cardCode({ roles: ['approver'], groups })
      envelopes.push(...unpack(packed, compression).statements)
    }
    const [first, second] = envelopes.map((envelope) => Buffer.from(envelope))
    const spoilt = Buffer.from(spoiltIn('sig', String(second)))
    const both = (statements: readonly (Buffer | undefined)[]) =>
      ana.call.exchange.readCode({
        pack: pack({ statements: statements.flatMap((one) => one ?? []), blobs: [], notes: [] }, compression),
      })
    await expect(both([first, spoilt])).rejects.toMatchObject({ code: 'signature' })
    expect([(await ana.call.people.cards()).length, kept()]).toEqual([2, 2])
    const file = await raj.call.people.card(wishOf(1))
    const pasted = {
      name: 'pasted text',
      bytes: Buffer.from(`\n ${String(Buffer.from(file.bytes))}\r\n`),
      pasted: true,
    } as const
    for (const again of [file, pasted])
      expect(await ana.call.exchange.readFile(again)).toEqual({ ...NOTHING, cards: ['Raj'] })
    expect([(await ana.call.people.cards()).length, kept()]).toEqual([2, 2])
  })

  test('a file of a card of which anything was changed is refused as a card', async () => {
    const { name, bytes } = await raj.call.people.card(wishOf(1))
    const text = String(Buffer.from(bytes))
    for (const [spoilt, code] of [
      [spoiltIn('sig', text), 'signature'],
      [text.slice(0, -1), 'malformed'],
    ] as const)
      await expect(ana.call.exchange.readFile({ name, bytes: Buffer.from(spoilt) })).rejects.toMatchObject({ code })
  })

  test('the draft goes as a code, and shows the same 12 words where it is read', async () => {
    const members = await membersFrom(ana, ['Ana', 'Raj'])
    await ana.sign(ana.call.people.found({ organization: 'Example Bank', members }))
    const own = await ana.until('its words', ({ drafts }) => drafts.find(({ words }) => words !== null))
    draft = own.id
    const { receipts } = await show(ana.call.people.draftCode({ roster: draft, of: 'draft' }), [raj])
    expect(receipts).toEqual([{ ...NOTHING, draft: 'Example Bank' }])
    const read = await raj.until('its words', ({ drafts }) => drafts.find(({ words }) => words !== null))
    expect([read.id, read.words, read.mineUnchanged]).toEqual([draft, own.words, true])
  })

  test('each endorsement is one still code, and makes the organization', async () => {
    await expect(raj.call.people.draftCode({ roster: draft, of: 'mine' })).rejects.toMatchObject({
      code: 'nothing-said',
    })
    await endorse(raj, draft)
    const first = await show(raj.call.people.draftCode({ roster: draft, of: 'mine' }), [ana])
    expect([first.count, first.receipts]).toEqual([1, [{ ...NOTHING, added: 1 }]])
    await endorse(ana, draft)
    await show(ana.call.people.draftCode({ roster: draft, of: 'mine' }), [raj])
    for (const party of [ana, raj]) await party.until('the organization', ({ stage }) => stage === 'member')
  })
})

describe('joining what exists, by codes alone', () => {
  let change: string

  test('whoever belongs to nothing is told so where something else than a draft is shown', async () => {
    const { bytes } = await ana.call.exchange.writeFile({ request: null })
    const all = readFile(bytes)
    const endorsements = { ...all, statements: all.statements.slice(-1) }
    await expect(mia.call.exchange.readCode({ pack: pack(endorsements, compression) })).rejects.toMatchObject({
      code: 'no-organization',
    })
  })

  test('an admin reads the newcomer’s card and drafts the change, and the admins endorse it', async () => {
    await show(mia.call.people.cardCode(wishOf(2)), [ana])
    const { people } = await ana.snapshot()
    const keep = people.map(({ member, roles, groups }) => ({ member, roles, groups }))
    await ana.sign(ana.call.people.change({ keep, add: await membersFrom(ana, ['Mia']) }))
    change = await ana.until('the change', ({ drafts }) => drafts[0]?.id)
    await endorse(ana, change)
    await show(ana.call.people.draftCode({ roster: change, of: 'draft' }), [raj])
    await endorse(raj, change)
    const back = await show(raj.call.people.draftCode({ roster: change, of: 'mine' }), [ana])
    expect([back.count, back.receipts]).toEqual([1, [{ ...NOTHING, added: 1 }]])
  })

  test('a draft without the lists of people before it is refused by name', async () => {
    const { pack: whole } = await ana.call.people.draftCode({ roster: change, of: 'draft' })
    const parts = unpack(whole, compression)
    const rosters = parts.statements.filter((envelope) => parse(envelope).kind === 'roster')
    expect(rosters).toHaveLength(2)
    const alone = pack({ ...parts, statements: rosters.slice(1) }, compression)
    await expect(mia.call.exchange.readCode({ pack: alone })).rejects.toMatchObject({ code: 'not-a-genesis' })
    expect((await mia.snapshot()).drafts).toEqual([])
  })

  test('the newcomer sees the same words, endorses, and has the organization; after a restart too', async () => {
    const { receipts } = await show(raj.call.people.draftCode({ roster: change, of: 'draft' }), [mia])
    expect(receipts).toMatchObject([{ draft: 'Example Bank' }])
    await mia.quit()
    await mia.revive()
    await plugOf(mia).plug(false)
    const read = await mia.until('its words', ({ drafts }) => drafts.find(({ words }) => words !== null))
    expect(read).toMatchObject({ id: change, genesis: false, mineUnchanged: true })
    const { organization } = await ana.until('the change', (now) => now.organization?.version === 2 && now)
    expect(read.words).toEqual(organization?.words)
    // The endorsements that came along were not kept over the restart: they are read once more.
    await show(raj.call.people.draftCode({ roster: change, of: 'draft' }), [mia])
    await endorse(mia, change)
    const joined = await mia.until('the organization', (now) => now.stage === 'member' && now)
    expect(joined.people.map(({ name }) => name)).toEqual(['Ana', 'Raj', 'Mia'])
    expect(joined.organization).toMatchObject({ version: 2, roster: change })
  })

  test('whoever does not stand in it cannot join by it', async () => {
    await show(ana.call.people.draftCode({ roster: change, of: 'draft' }), [eve])
    const read = await eve.until('the draft', ({ drafts }) => drafts[0])
    expect(read.mineUnchanged).toBe(false)
    await expect(eve.call.endorse.draft({ of: change, compared: true })).rejects.toMatchObject({
      code: 'own-keys-differ',
    })
    expect((await eve.snapshot()).stage).toBe('alone')
  })
})

describe('joining what exists, after endorsing a founding that never came about', () => {
  let leo: LocalParty
  let founding: string
  let change: string
  let later: string

  beforeAll(async () => {
    leo = await world.arrive('Leo')
    await leo.setUp()
    await plugOf(leo).plug(false)
    await show(leo.call.people.cardCode(wishOf(3)), [ana, eve])
    await show(eve.call.people.cardCode(wishOf(0)), [eve])
    await show(mia.call.people.cardCode(wishOf(2)), [eve])
    const members = await membersFrom(eve, ['Eve', 'Leo', 'Mia'])
    await eve.sign(eve.call.people.found({ organization: 'Nobody’s', members }))
    founding = await eve.until('its draft', ({ drafts }) => drafts.find(({ genesis }) => genesis)?.id)
    const { people } = await ana.snapshot()
    const keep = people.map(({ member, roles, groups }) => ({ member, roles, groups }))
    await ana.sign(ana.call.people.change({ keep, add: await membersFrom(ana, ['Leo']) }))
    change = await ana.until('the change', ({ drafts }) => drafts[0]?.id)
    await endorse(ana, change)
    await show(ana.call.people.draftCode({ roster: change, of: 'draft' }), [raj, mia])
    for (const party of [raj, mia]) {
      await endorse(party, change)
      await show(party.call.people.draftCode({ roster: change, of: 'mine' }), [ana])
    }
    // Nobody else endorses this one.
    await ana.until('the change in force', ({ organization }) => organization?.roster === change)
    await ana.sign(ana.call.people.change({ keep, add: [] }))
    later = await ana.until('a later draft', ({ drafts }) => drafts[0]?.id)
    // Both are handed over before either is endorsed.
    await show(eve.call.people.draftCode({ roster: founding, of: 'draft' }), [leo])
    await show(ana.call.people.draftCode({ roster: later, of: 'draft' }), [leo])
    await endorse(leo, founding)
  }, 60_000)

  test('offers the list in force beside a later draft; who endorsed either is not known there', async () => {
    const { drafts } = await leo.snapshot()
    const known = Object.fromEntries(drafts.map(({ id, endorsersKnown }) => [id, endorsersKnown]))
    expect(known).toEqual({ [founding]: true, [change]: false, [later]: false })
  })

  test('leaves everything as it was if a list of people is not taken in', async () => {
    const { store } = deskOf(leo).device
    const refusing = vi
      .spyOn(store, 'receive')
      .mockResolvedValueOnce({ verdict: 'refused', code: 'schema', message: 'it is not as expected' })
    const before = store.ids()
    await expect(endorse(leo, change)).rejects.toThrow(
      /was not taken in: it is not as expected.*Ask for the draft anew/,
    )
    refusing.mockRestore()
    expect(store.ids()).toEqual(before)
    expect(deskOf(leo).device.pin).toBe(founding)
    // What belongs to the organization that is pinned still is what is taken in.
    await endorse(eve, founding)
    const { receipts } = await show(eve.call.people.draftCode({ roster: founding, of: 'mine' }), [leo])
    expect(receipts).toMatchObject([{ added: 1, refused: 0 }])
  })

  test('takes in the whole chain of the other organization, and acts on it; after a restart too', async () => {
    await endorse(leo, change)
    await leo.until('the organization', ({ stage }) => stage === 'member')
    await leo.quit()
    await leo.revive()
    const joined = await leo.until('the organization', (now) => now.stage === 'member' && now)
    expect(joined.organization).toMatchObject({ name: 'Example Bank', version: 3, roster: change })
    expect(joined.people.map(({ name }) => name)).toEqual(['Ana', 'Raj', 'Mia', 'Leo'])
  })
})

describe('starting again with a corrected draft', () => {
  test('takes in the second with what was said of it, where the first was endorsed; and nobody sends others the first', async () => {
    const [ida, ben] = [await world.arrive('Ida'), await world.arrive('Ben')]
    for (const party of [ida, ben]) await party.setUp()
    for (const [at, party] of [ida, ben].entries())
      await ida.call.exchange.readFile(await party.call.people.card(wishOf(at)))
    const draftOf = async (organization: string) => {
      const members = await membersFrom(ida, ['Ida', 'Ben'])
      await ida.sign(ida.call.people.found({ organization, members }))
      return ida.until(organization, ({ drafts }) => drafts.find(({ name }) => name === organization)?.id)
    }
    const first = await draftOf('Exmaple Bank')
    await ben.call.exchange.readFile(await ida.call.people.draftFile({ roster: first }))
    await plugOf(ben).plug(false)
    await endorse(ben, first)

    const second = await draftOf('Example Bank')
    await endorse(ida, second)
    const file = await ida.call.people.draftFile({ roster: second })
    expect(await ben.call.exchange.readFile(file)).toEqual({ ...NOTHING, draft: 'Example Bank', waiting: 1 })
    await endorse(ben, second)
    const { organization } = await ben.until('the organization', (now) => now.stage === 'member' && now)
    expect(organization).toMatchObject({ id: second, name: 'Example Bank' })

    await plugOf(ben).plug(true)
    await ida.until('the organization', ({ stage }) => stage === 'member')
    await acknowledged([ida, ben])
    for (const party of [ida, ben]) expect((await party.snapshot()).notes).toEqual([])
  })
})
