import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { found, type LocalParty, newWorld, type World } from './world.ts'

// Two admins draft a change of people at the same moment. Whoever endorses both splits the organization for good, so every
// app says which draft was overtaken, and its owner can no longer endorse that one.

let world: World
let ana: LocalParty
let raj: LocalParty
let mia: LocalParty
/** No admin. */
let leo: LocalParty
/** Raj leaves the group that Ana would give him: two lists that follow the same one. */
let first: string
let second: string

const endorse = (party: LocalParty, of: string) => party.sign(party.call.endorse.draft({ of, compared: true }))
const sentenceOf = async (party: LocalParty, of: string) => {
  const { draft, sentence } = await party.call.endorse.draft({ of, compared: true })
  await party.call.sign.drop({ draft })
  return sentence
}

async function drafts(party: LocalParty, group: string): Promise<string> {
  const { people, drafts: before } = await party.snapshot()
  const keep = people.map(({ member, roles, groups, name }) => ({
    member,
    roles,
    groups: name === 'Raj' ? [group] : groups,
  }))
  await party.sign(party.call.people.change({ keep, add: [] }))
  return party.until(
    'its draft',
    (now) => now.drafts.find(({ id, by }) => by.name === party.name && !before.some((one) => one.id === id))?.id,
  )
}

beforeAll(async () => {
  world = await newWorld(60)
  const arrive = async (name: string) => {
    const party = await world.arrive(name)
    await party.setUp()
    return party
  }
  ;[ana, raj, mia, leo] = [await arrive('Ana'), await arrive('Raj'), await arrive('Mia'), await arrive('Leo')]
  await found([ana, raj, mia, leo])
  ;[first, second] = [await drafts(ana, 'north'), await drafts(mia, 'south')]
  for (const party of [ana, raj, mia])
    await party.until('both', (now) => [first, second].every((id) => now.drafts.some((one) => one.id === id)))
}, 120_000)
afterAll(() => world.close())

describe('two changes of people that follow the same list', () => {
  const WARNING = /You endorsed another change of the same list .*splits for good/

  test('whoever endorsed one is told, before the touch that endorses the other, what both together do', async () => {
    expect(await sentenceOf(mia, first)).not.toMatch(WARNING)
    await endorse(mia, second)
    expect(await sentenceOf(mia, first)).toMatch(WARNING)
    expect((await mia.snapshot()).drafts.map(({ id, endorsedBeside }) => [id, endorsedBeside])).toEqual(
      expect.arrayContaining([
        [first, true],
        [second, false],
      ]),
    )
    expect((await raj.snapshot()).drafts.map(({ endorsedBeside }) => endorsedBeside)).toEqual([false, false])
  })

  test('whoever is no admin, now or by the draft, neither drafts nor endorses one: it would count nowhere', async () => {
    await leo.until('both', (now) => [first, second].every((id) => now.drafts.some((one) => one.id === id)))
    await expect(endorse(leo, first)).rejects.toThrow(/Only admins endorse a change of people/)
    const { people } = await leo.snapshot()
    const keep = people.map(({ member, roles, groups }) => ({ member, roles, groups }))
    await expect(leo.call.people.change({ keep, add: [] })).rejects.toThrow(/Only admins change who is in it/)
  })

  test('once one is in force every app shows the other as overtaken, and no app endorses it', async () => {
    const { people } = await mia.snapshot()
    const keep = people.map(({ member, roles, groups }) => ({ member, roles, groups }))
    const shown = [
      { party: raj, draft: await raj.call.endorse.draft({ of: second, compared: true }) },
      { party: mia, draft: await mia.call.people.change({ keep, add: [] }) },
    ]
    for (const party of [ana, raj]) await endorse(party, first)
    for (const party of [ana, raj, mia]) {
      await party.until('the change', ({ organization }) => organization?.roster === first)
      const { drafts: left, organization } = await party.snapshot()
      expect(left.map(({ id, overtaken }) => [id, overtaken])).toEqual([[second, true]])
      expect(organization?.split).toBe(null)
    }
    for (const party of [ana, raj])
      await expect(endorse(party, second)).rejects.toThrow(
        /Another change of people came into force meanwhile.*Draft the change anew/,
      )
    // What was shown before, and is touched only now.
    for (const { party, draft } of shown)
      await expect(party.sign(Promise.resolve(draft))).rejects.toThrow(/Another change of people came into force/)
    for (const party of [ana, raj, mia]) {
      const { organization, drafts: left } = await party.snapshot()
      expect([organization?.split, left.map(({ id }) => id)]).toEqual([null, [second]])
    }
  })
})
