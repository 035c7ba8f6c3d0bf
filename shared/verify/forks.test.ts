import { describe, expect, it } from 'vitest'
import { concat } from '../bytes.ts'
import { writeBundle } from '../ledger/bundle.ts'
import { MerkleTree } from '../ledger/merkle.ts'
import { partOf } from '../ledger/part.ts'
import type { BundleScope } from '../ledger/scope.ts'
import { sectionOf, sectionsOf } from '../ledger/sections.ts'
import { edited } from '../ledger/testing/bundles.ts'
import { chunksOf } from '../ledger/testing/read.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import { person } from '../testing/keys.ts'
import type { Standing } from '../testing/world.ts'
import { noWords, rememberedChecks } from './testing/checks.ts'
import { type Exported, exportedBytes, exportedParts, exportOf, PEOPLE, wholeStory } from './testing/exported.ts'
import { PLACES } from './testing/faults.ts'
import { verifyBundles } from './verify-bundle.ts'

type Scope = Exclude<BundleScope, 'all'>

const whole = await wholeStory()
const { statements } = whole.story
// erin said nothing after her custody, so nothing of her own contradicts another history of what came later.
const byErin: Exported = { ...whole.exported, by: 'erin' }
const last = statements.length - 1
/** The last two entries exchanged: as many, and another root. */
const otherEnd = [...statements.slice(0, last - 1), ...statements.slice(last), ...statements.slice(last - 1, last)]
const withoutDenial = statements.toSpliced(PLACES.denial, 1)

const by = (told: readonly VerifiedStatement[], name = 'erin'): Exported => ({
  ...byErin,
  by: name,
  entries: told.map(({ envelope }) => envelope),
})

const ofTheCase: Scope = { case: whole.request.id }
/** Before everything: only what cases stand on. */
const ofNothing: Scope = { from: 5, to: 10 }

/** What is exported of the only case, from a ledger of these entries. @param checkpoints - in the place of its own. */
async function partOver(
  told: readonly VerifiedStatement[],
  scope = ofTheCase,
  checkpoints?: readonly string[],
): Promise<Uint8Array> {
  const tree = new MerkleTree()
  for (const { envelope } of told) tree.append(envelope)
  const entries = partOf(
    told.map((statement, at) => ({ at, statement })),
    scope,
  ).map(({ at, statement }) => ({
    at,
    envelope: statement.envelope,
    section: sectionOf(statement),
    proof: tree.inclusionProof(at),
  }))
  const { header, ...parts } = await exportedParts(by(told))
  const counted = { ...header, scope, entries: entries.length, size: tree.size }
  const own = checkpoints === undefined ? parts : { ...parts, checkpoints }
  return concat(...writeBundle({ ...own, header: counted, sections: sectionsOf(entries) }))
}

const together = (...files: readonly Uint8Array[]) =>
  verifyBundles(
    files.map((one) => chunksOf(one)),
    { checks: rememberedChecks, wordsOf: noWords },
  )

/** Each file by itself holds; what they come to together. */
async function apartAndTogether(...files: readonly Uint8Array[]) {
  const apart = await Promise.all(files.map(async (one) => (await together(one)).verdict))
  const { verdict, first } = await together(...files)
  return { apart, verdict, code: first?.code, says: first?.says, entries: first?.entries }
}

describe('two histories of one device, of which each file shows one', () => {
  it('refute two parts of its ledger with heads of one size', async () => {
    expect(await apartAndTogether(await partOver(statements), await partOver(otherEnd, ofNothing))).toMatchObject({
      apart: ['verified', 'verified'],
      verdict: 'refuted',
      code: 'own-fork',
      says: expect.stringMatching(
        /^erin’s device .* signed two different ledgers of 29 entries: one head is in file 1, the other in file 2$/,
      ) as string,
    })
  })

  it('refute a part and what another device has seen of it', async () => {
    const seen = await exportedBytes({ ...by(statements, 'dave'), peers: [{ ...by(otherEnd), cosigners: [] }] })
    expect(await apartAndTogether(await partOver(statements), seen)).toMatchObject({
      apart: ['verified', 'verified'],
      verdict: 'refuted',
      code: 'own-fork',
    })
  })

  it('are said once where a whole ledger shows them too', async () => {
    const seen = await exportedBytes({ ...by(statements, 'dave'), peers: [{ ...by(otherEnd), cosigners: [] }] })
    const { verdict, findings } = await together(await exportedBytes(by(statements)), seen)
    expect(verdict).toBe('refuted')
    expect(findings.filter(({ code }) => code === 'own-fork')).toHaveLength(1)
  })

  it('are named where it exported none of the files', async () => {
    const seeing = (name: string, told: readonly VerifiedStatement[]) =>
      exportedBytes({ ...by(statements, name), peers: [{ ...by(told, 'carol'), cosigners: [] }] })
    const files = [await seeing('dave', statements), await seeing('erin', otherEnd)]
    expect(await apartAndTogether(...files)).toMatchObject({
      apart: ['verified', 'verified'],
      verdict: 'incomplete',
      code: 'fork',
      says: expect.stringContaining('carol’s device') as string,
    })
    expect((await together(...files)).findings.filter(({ code }) => code === 'fork')).toHaveLength(1)
  })

  it.each([
    ['an older bundle of all', async () => exportedBytes(by(statements.slice(0, PLACES.denial + 1)))],
    ['an older part', async () => partOver(statements.slice(0, PLACES.denial + 1))],
  ])('refute a newer part beside %s, in which another entry stands in that place', async (_, older) => {
    expect(await apartAndTogether(await older(), await partOver(withoutDenial))).toMatchObject({
      apart: ['verified', 'verified'],
      verdict: 'refuted',
      code: 'own-fork',
      entries: { from: PLACES.denial, to: PLACES.denial + 1 },
    })
  })

  it('are not said of a device whose file somebody else changed', async () => {
    const changed = edited(await partOver(withoutDenial), (lines) =>
      lines.map((line) => line.replace(/"proof":\["[^"]+"/, `"proof":["${'A'.repeat(43)}"`)),
    )
    const { verdict, findings } = await together(await partOver(statements.slice(0, PLACES.denial + 1)), changed)
    expect(verdict).toBe('refuted')
    expect(findings.filter(({ code }) => code === 'own-fork')).toEqual([])
  })

  it('are not said of a device of which no head shows that it signed one of them', async () => {
    const unsigned = await partOver(withoutDenial, ofTheCase, [])
    const { findings } = await together(await partOver(statements.slice(0, PLACES.denial + 1)), unsigned)
    expect(findings.map(({ code }) => code)).toContain('no-checkpoint')
    expect(findings.filter(({ code }) => code === 'own-fork')).toEqual([])
  })

  it('are not said of one that only grew', async () => {
    const older = statements.slice(0, PLACES.grant)
    const files = [await partOver(older), await partOver(statements), await exportedBytes(by(older))]
    const open = 'That the files of one device are of one history throughout'
    const says = async (...some: readonly Uint8Array[]) => {
      const { verdict, cannotConclude } = await together(...some)
      return [verdict, cannotConclude.some((sentence) => sentence.startsWith(open))]
    }
    expect(await says(...files)).toEqual(['verified', true])
    expect(await says(await exportedBytes(by(statements)), ...files)).toEqual(['verified', false])
  })
})

describe('a device that the exporting device’s owner had before', () => {
  it('stands for nobody else on its own heads, and for its owner on those of others', async () => {
    const { story } = await wholeStory()
    const { bob, ...others } = PEOPLE
    await story.changeRoster('alice', { ...others, 'bob/new phone': bob as Standing }, ['alice', 'carol'])
    const exported = { ...exportOf(story), cosigners: ['bob'] }
    const file = { ...exported, by: 'bob/new phone', peers: [{ ...exported, by: 'carol' }] }
    const { findings } = await together(await exportedBytes(file))
    const kin = findings.filter(({ code }) => code === 'kin-cosigner')
    expect(new Set(kin.map(({ device }) => device))).toEqual(new Set([person('bob/new phone').device]))
    expect(findings.map(({ code }) => code)).toContain('not-cosigned')
  })
})
