import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Arrival } from '../../shared/carriers/arrival.ts'
import type { SignatureChecks, VerifiedOf } from '../../shared/statements/door.ts'
import { Story } from '../../shared/testing/story.ts'
import type { Journal } from '../vault/journal.ts'
import { journalOf } from '../vault/testing/journals.ts'
import { MOST_ROSTERS, Offers } from './offers.ts'

const FILE: Arrival = { by: 'file', device: null }
const DRAFTS = 'genesis-draft'
const GOOD_CARD = new URL('../../shared/org/vectors/cards/good.join-card.json', import.meta.url)

/** Takes every signature for good, and counts how many of devices were looked at: one a statement. */
function countingChecks(): SignatureChecks & { count: number } {
  const checks = {
    count: 0,
    ed25519: () => {
      checks.count++
      return true
    },
    assertion: () => true,
  }
  return checks
}

/** Rosters that follow each other from a genesis on. */
async function chainOf(length: number): Promise<VerifiedOf<'roster'>[]> {
  const story = new Story()
  const chain: VerifiedOf<'roster'>[] = []
  for (let at = 0; at < length; at++) {
    story.roster = await story.draftRoster('ana', { ana: { roles: ['admin'], groups: [] } })
    chain.push(story.roster)
  }
  return chain
}

/** Another journal with those of the kept drafts. */
async function withDrafts(journal: Journal, keep: (at: number) => boolean): Promise<Journal> {
  const { journal: copy } = await journalOf(0)
  let at = 0
  for await (const { table, key, value } of journal.records(DRAFTS))
    if (keep(at++)) await copy.append(table, key, value)
  return copy
}

const envelopesOf = (chain: readonly VerifiedOf<'roster'>[]) => chain.map(({ envelope }) => envelope)
const idsOf = (chain: readonly VerifiedOf<'roster'>[]) => chain.map(({ id }) => id)

let chain: readonly VerifiedOf<'roster'>[]
beforeAll(async () => {
  chain = await chainOf(MOST_ROSTERS + 1)
})

/** A journal in which an offered chain of that many rosters is kept. */
async function kept(count: number): Promise<Journal> {
  const { journal } = await journalOf(0)
  const offers = await Offers.load(journal, countingChecks())
  await offers.addDraft(envelopesOf(chain.slice(0, count)), 1, FILE)
  return journal
}

describe('the rosters that were handed over', () => {
  it('are looked at once each when the vault is opened, however long their chain is', async () => {
    const journal = await kept(200)
    const checks = countingChecks()
    const offers = await Offers.load(journal, checks)
    expect(checks.count).toBe(200)
    const last = chain[199] as VerifiedOf<'roster'>
    expect([...offers.drafts().keys()]).toEqual([last.id])
    expect(idsOf(offers.upTo(last.id))).toEqual(idsOf(chain.slice(0, 200)))
  })

  it('are refused by name if they are more than an organization that nobody knows may have, and none is kept', async () => {
    const { journal } = await journalOf(0)
    const checks = countingChecks()
    const offers = await Offers.load(journal, checks)
    const adding = offers.addDraft(envelopesOf(chain), 1, FILE)
    await expect(adding).rejects.toMatchObject({ code: 'too-many-rosters' })
    await expect(adding).rejects.toThrow(/257 lists of people.*Ask whoever gave it to you/)
    expect([checks.count, journal.count(DRAFTS), offers.drafts().size]).toEqual([0, 0, 0])
    await offers.addDraft(envelopesOf(chain.slice(0, MOST_ROSTERS)), 1, FILE)
    expect(journal.count(DRAFTS)).toBe(MOST_ROSTERS)
  })

  it.each([
    ['the first', 0, 0],
    ['one between', 2, 2],
  ])('count up to where one was lost, and the vault opens all the same: %s', async (_which, lost, left) => {
    const journal = await withDrafts(await kept(5), (at) => at !== lost)
    const offers = await Offers.load(journal, countingChecks())
    expect([...offers.drafts().keys()]).toEqual(idsOf(chain.slice(0, left)).slice(-1))
    expect(idsOf(chain.slice(0, 5)).map((id) => offers.upTo(id).length)).toEqual(
      [0, 1, 2, 3, 4].map((at) => (at < left ? at + 1 : 0)),
    )
  })

  it('are whole again once the draft is handed over anew', async () => {
    const journal = await withDrafts(await kept(3), (at) => at !== 0)
    const offers = await Offers.load(journal, countingChecks())
    await offers.addDraft(envelopesOf(chain.slice(0, 3)), 2, FILE)
    const again = await Offers.load(journal, countingChecks())
    for (const one of [offers, again]) expect(idsOf(one.upTo(chain[2]?.id ?? ''))).toEqual(idsOf(chain.slice(0, 3)))
  })

  it.each([
    ['a later one is handed over', [2, 4]],
    ['it is handed over after a later one', [4, 2]],
    ['a later one is handed over twice', [2, 4, 4]],
  ])('stay on offer when %s, after a restart too', async (_when, lengths) => {
    const { journal } = await journalOf(0)
    const offers = await Offers.load(journal, countingChecks())
    for (const length of lengths) await offers.addDraft(envelopesOf(chain.slice(0, length)), 1, FILE)
    const again = await Offers.load(journal, countingChecks())
    for (const one of [offers, again]) expect([...one.drafts().keys()]).toEqual([chain[1]?.id, chain[3]?.id])
    expect(journal.count(DRAFTS)).toBe(4 + 1)
  })

  it('count for nothing if the door refuses them by now, and keep no vault shut', async () => {
    const journal = await kept(3)
    const sound = await Offers.load(journal, countingChecks())
    await sound.addCard(sound.readCard(new Uint8Array(await readFile(GOOD_CARD))))
    expect([sound.cards().size, sound.drafts().size]).toEqual([1, 1])
    const refusing = { ...countingChecks(), ed25519: () => false }
    const offers = await Offers.load(journal, refusing)
    expect([offers.cards().size, offers.drafts().size]).toEqual([0, 0])
  })
})
