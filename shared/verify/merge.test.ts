import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { chunksOf } from '../ledger/testing/read.ts'
import { noWords, rememberedChecks } from './testing/checks.ts'
import { type Exported, exportedBytes, exportOf, PEOPLE, RecordedStory, wholeStory } from './testing/exported.ts'
import { PLACES } from './testing/faults.ts'
import { SeveralOrganizations, verifyBundles } from './verify-bundle.ts'

const whole = await wholeStory()
const { exported } = whole

async function together(...files: readonly (Exported | Uint8Array)[]) {
  const bytes = await Promise.all(files.map(async (file) => (file instanceof Uint8Array ? file : exportedBytes(file))))
  return verifyBundles(
    bytes.map((one) => chunksOf(one)),
    { checks: rememberedChecks, wordsOf: noWords },
  )
}

// erin said nothing after her custody, so nothing of her own contradicts a ledger that lacks later entries.
const byErin = (entries: readonly Uint8Array[]): Exported => ({ ...exported, by: 'erin', entries })
const lacking = byErin(exported.entries.toSpliced(PLACES.carolApproves, 1))

describe('bundles of several devices', () => {
  it('give one report; each case once', async () => {
    const report = await together(exported, byErin(exported.entries))
    expect([report.verdict, report.files.map(({ exporter }) => exporter.person?.name)]).toEqual([
      'verified',
      ['bob', 'erin'],
    ])
    expect(report.cases.map(({ id, state }) => [id, state])).toEqual([[whole.request.id, 'ended']])
    expect(report.counts).toMatchObject({ statements: 29, cases: 1 })
  })

  it('show together what one of them lacks, and it is named', async () => {
    expect((await together(lacking)).verdict).toBe('incomplete')
    const report = await together(lacking, exported)
    expect(report.verdict).toBe('verified')
    const lacks = report.findings.filter(({ code }) => code === 'lacks')
    expect(lacks).toMatchObject([{ file: 0, result: 'attention' }])
    expect(lacks[0]?.says).toContain(`it lacks one statement of carol’s device`)
    expect(lacks[0]?.says).toContain(`file 2, entry ${PLACES.carolApproves}`)
  })

  it('the order in which they are given changes no verdict and no case', async () => {
    const [one, other] = [await together(lacking, exported), await together(exported, lacking)]
    expect(other.verdict).toBe(one.verdict)
    const facts = ({ cases }: typeof one) =>
      cases.map(({ id, state, approvals, grant }) => [id, state, approvals, grant?.id])
    expect(facts(other)).toEqual(facts(one))
  })

  it('an older bundle of a device stands beside its newer one', async () => {
    const older = { ...exported, entries: exported.entries.slice(0, PLACES.request) }
    expect((await together(older, exported)).verdict).toBe('verified')
  })

  it('two histories of one device are refuted, though each file holds by itself', async () => {
    // bob's device itself leaves out the last entry but one, and others cosign that.
    const other = { ...exported, entries: exported.entries.toSpliced(27, 1) }
    const alone = await together(other)
    expect(alone.findings.filter(({ result }) => result === 'refuted')).toEqual([])
    const { verdict, first } = await together(other, exported)
    expect([verdict, first?.code]).toEqual(['refuted', 'own-fork'])
  })

  it('a file that somebody changed accuses its device of no second history', async () => {
    const example = new URL('../../docs/formats/examples/changed-reason.bundle', import.meta.url)
    const changed = new Uint8Array(gunzipSync(readFileSync(example)))
    const { verdict, findings } = await together(changed, { ...byErin(exported.entries), peers: [exported] })
    expect(verdict).toBe('refuted')
    expect(findings.filter(({ code }) => code === 'own-fork')).toEqual([])
    const found = findings.find(({ code, says }) => code === 'wrong-root' && says.startsWith('file 2'))
    expect(found).toMatchObject({ file: 0, entries: { from: 14, to: 29 } })
  })

  it('a bundle older than a head that another has of its ledger is incomplete', async () => {
    const older = { ...exported, entries: exported.entries.slice(0, PLACES.request) }
    const report = await together(older, { ...byErin(exported.entries), peers: [exported] })
    expect([report.verdict, report.first?.code, report.first?.file]).toEqual(['incomplete', 'behind', 0])
  })

  it('a refuted file refutes them all', async () => {
    const broken = { ...exported, entries: exported.entries.toSpliced(PLACES.denial, 1) }
    const { verdict, first } = await together(exported, broken)
    expect([verdict, first?.code, first?.file]).toEqual(['refuted', 'own-head', 1])
  })

  it('of different organizations are not judged together', async () => {
    const story = new RecordedStory()
    story.pass(1)
    await story.found(PEOPLE)
    await expect(together(exported, exportOf(story))).rejects.toThrow(SeveralOrganizations)
  })
})
