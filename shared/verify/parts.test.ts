import { describe, expect, it } from 'vitest'
import { concat, type Digest } from '../bytes.ts'
import { type BundleParts, type BundleEntry as Entry, writeBundle } from '../ledger/bundle.ts'
import { MerkleTree } from '../ledger/merkle.ts'
import { partOf } from '../ledger/part.ts'
import type { BundleScope } from '../ledger/scope.ts'
import { sectionOf, sectionsOf } from '../ledger/sections.ts'
import { chunksOf } from '../ledger/testing/read.ts'
import { parse } from '../statements/envelope.ts'
import { RECOMPUTE_LIMITS } from './bounds.ts'
import { formatText } from './format-text.ts'
import { noWords, rememberedChecks } from './testing/checks.ts'
import { exportedBytes, exportedParts, exportOf, heldBytes as held, wholeStory } from './testing/exported.ts'
import { reportOn } from './testing/reading.ts'
import { verifyBundles } from './verify-bundle.ts'

const first = await wholeStory()
const { story } = first
story.pass(24 * 60)
const second = await story.ask('alice', first.plan)
await story.decide('bob', second)
story.pass(120)
const exported = exportOf(story)

/** What bob's app exports of a part; each change is a fault. */
async function part(
  scope: Exclude<BundleScope, 'all'>,
  change: (parts: BundleParts) => BundleParts = (parts) => parts,
) {
  const tree = new MerkleTree()
  for (const entry of exported.entries) tree.append(entry)
  const accepted = story.statements.map((statement, at) => ({ at, statement }))
  const entries = partOf(accepted, scope).map(({ at, statement }) => ({
    at,
    envelope: statement.envelope,
    section: sectionOf(statement),
    proof: tree.inclusionProof(at),
  }))
  const { header, ...parts } = await exportedParts(exported)
  const counted = { ...header, scope, entries: entries.length, size: tree.size }
  return concat(...writeBundle(change({ ...parts, header: counted, sections: sectionsOf(entries) })))
}

const together = (files: readonly Uint8Array[]) =>
  verifyBundles(
    files.map((one) => chunksOf(one)),
    { checks: rememberedChecks, wordsOf: noWords },
  )

/** The same without what is about a request, which somebody took out. */
const without = (request: Digest) => (parts: BundleParts) => {
  const sections = [...parts.sections].map(({ name, entries }) => ({ name, entries: [...entries] }))
  const left = sections.flatMap(({ name, entries }) => {
    if ('case' in name && name.case === request) return []
    return [{ name, entries: entries.filter(({ envelope }) => parse(envelope).id !== request) }]
  })
  const entries = left.reduce((sum, one) => sum + one.entries.length, 0)
  return { ...parts, header: { ...parts.header, entries }, sections: left }
}

/** The same with the last entry about a request so often again. */
const repeating = (request: Digest, times: number) => (parts: BundleParts) => {
  const { entries, size } = parts.header
  const sections = [...parts.sections].map(({ name, entries: own }) => {
    const all = [...own]
    const last = all.at(-1)
    if (last === undefined || !('case' in name) || name.case !== request) return { name, entries: all }
    return { name, entries: [...all, ...Array.from({ length: times }, (_, at) => ({ ...last, at: size + at }))] }
  })
  return { ...parts, header: { ...parts.header, entries: entries + times, size: size + times }, sections }
}

/** The same with one entry's proof, place or envelope changed. */
const withEntry = (at: number, change: (entry: Entry) => Entry) => (parts: BundleParts) => ({
  ...parts,
  sections: [...parts.sections].map(({ name, entries }) => ({
    name,
    entries: [...entries].map((entry) => (entry.at === at ? change(entry) : entry)),
  })),
})

const ofFirst = { case: first.request.id }
const inFirst = { from: first.request.payload.time - 1000, to: first.request.payload.time + 60_000 }

describe('a part of a ledger', () => {
  it('of one case proves itself without the other, and gives the same case as the whole ledger', async () => {
    const report = await reportOn(await part(ofFirst))
    const whole = await reportOn(concat(...writeBundle(await exportedParts(exported))))
    expect([report.verdict, report.first]).toEqual(['verified', null])
    expect(report.cases).toEqual(whole.cases.filter(({ id }) => id === first.request.id))
    expect(report.files[0]).toMatchObject({
      scope: ofFirst,
      ledger: { entries: 29, size: 31, covered: 29, witnessed: 29 },
    })
  })

  it('of a time span has the whole of every case in it', async () => {
    const report = await reportOn(await part(inFirst))
    expect([report.verdict, report.cases.map(({ id, state }) => [id, state])]).toEqual([
      'verified',
      [[first.request.id, 'ended']],
    ])
  })

  it('of a time in which nothing happened says that no case is in it', async () => {
    const report = await reportOn(await part({ from: 5, to: 10 }))
    expect([report.verdict, report.counts.cases]).toEqual(['verified', 0])
    expect(formatText(report, 'x')).toContain('\n\nCases\n  none is in what was verified\n')
  })

  it('of a case that another file has is whole together with that', async () => {
    const files = [await part({ case: first.plan.id }), concat(...writeBundle(await exportedParts(exported)))]
    const reports = await Promise.all([files.slice(0, 1), files].map(together))
    expect(reports.map((one) => [one.verdict, one.first?.code])).toEqual([
      ['incomplete', 'case-missing'],
      ['incomplete', 'case-missing'],
    ])
    const ofSecond = await part({ case: second.id }, without(second.id))
    expect((await together([ofSecond])).first?.code).toBe('case-missing')
    expect((await together([ofSecond, files[1] as Uint8Array])).verdict).toBe('verified')
  })

  it('is not said to lack its case where that has more statements than are judged', async () => {
    const { findings } = await reportOn(await part(ofFirst, repeating(first.request.id, RECOMPUTE_LIMITS.case)))
    const codes = findings.map(({ code }) => code)
    expect(codes).toContain('too-much')
    expect(codes).not.toContain('case-missing')
  })

  it('is not said to lack its case where no case could be judged', async () => {
    const { findings } = await reportOn(await part(ofFirst, without(exported.pin)))
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['no-genesis']))
    expect(findings.map(({ code }) => code)).not.toContain('case-missing')
  })

  it('says that it is one, and what a part cannot show', async () => {
    const report = await reportOn(await part(ofFirst))
    expect(formatText(report, 'x').split('\n')[1]).toContain('VERIFIED, A PART')
    expect(report.cannotConclude.join(' ')).toContain(
      '29 of the 31 entries of the ledger, chosen by the exporting device or by whoever had the file since',
    )
  })

  it('reports no gaps in chains, since they are to be expected', async () => {
    const report = await reportOn(await part({ case: second.id }))
    expect([report.verdict, report.findings.map(({ code }) => code)]).toEqual([
      'verified',
      expect.not.arrayContaining(['chain-gap']),
    ])
  })

  it.each([
    ['another place', (entry: Entry) => ({ ...entry, at: 30 })],
    ['a hash of its proof left out', (entry: Entry) => ({ ...entry, proof: entry.proof?.slice(1) })],
    ['a hash too many', (entry: Entry) => ({ ...entry, proof: [...(entry.proof ?? []), new Uint8Array(32)] })],
    ['a hash of its proof changed', (entry: Entry) => ({ ...entry, proof: entry.proof?.with(0, new Uint8Array(32)) })],
  ])('is refuted once an entry has %s', async (_, change) => {
    const { verdict, first: found } = await reportOn(await part(ofFirst, withEntry(28, change)))
    expect([verdict, found?.code]).toEqual(['refuted', 'bad-proof'])
  })

  it('is incomplete without the head that its proofs lead to', async () => {
    const { verdict, first: found } = await reportOn(
      await part(ofFirst, (parts) => ({ ...parts, checkpoints: [...parts.checkpoints].slice(0, 1) })),
    )
    expect([verdict, found?.code]).toEqual(['incomplete', 'no-checkpoint'])
  })

  it('of a case whose approval is left out is incomplete: the grant names it', async () => {
    const without = await part(ofFirst, (parts) => ({
      ...parts,
      header: { ...parts.header, entries: parts.header.entries - 1 },
      sections: [...parts.sections].map(({ name, entries }) => ({
        name,
        entries: [...entries].filter(({ at }) => at !== 20),
      })),
    }))
    const { verdict, first: found } = await reportOn(without)
    expect([verdict, found?.code]).toEqual(['incomplete', 'basis-missing'])
  })
})

describe('what is left of a ledger of which entries were removed', () => {
  // All of the case: its first entry is 18, its last 28; `pruned` is 29.
  const removed = [{ from: 18, to: 29 }]
  const isLeft = (at: number) => at < 18 || at > 28
  const codes = (report: Awaited<ReturnType<typeof reportOn>>) =>
    report.findings.filter(({ result }) => result !== 'holds').map(({ code, result }) => `${result} ${code}`)

  it('is incomplete, says which entries were removed and by whom, and proves the rest', async () => {
    const report = await reportOn(await held(removed, isLeft))
    expect([report.verdict, codes(report)]).toEqual(['incomplete', ['incomplete pruned']])
    expect(report.first).toMatchObject({ code: 'pruned', entries: { from: 29, to: 30 } })
    expect(report.first?.says).toMatch(
      /^its owner removed 11 entries by touch, of what was over before 2025-.*: 18 to 28$/,
    )
    expect(report.log.at(-1)).toMatchObject({ kind: 'pruned', key: { name: 'erin key 1' } })
    expect(report.cases).toEqual([])
    expect(report.organization?.name).toBe('Northwind')
    expect(report.files[0]).toMatchObject({ scope: 'held', ledger: { entries: 19, size: 30, witnessed: 19 } })
    const text = formatText(report, 'x')
    expect(text).toContain('all that is left after old entries were removed')
    expect(report.cannotConclude.join(' ')).toContain('What the 11 entries said')
    // The case that was removed had opened the key.
    expect(text).toMatch(/drill due .*; no opening by another device than the dealer’s is shown/)
    expect(report.cannotConclude.join(' ')).toContain('When a drill is due.')
  })

  it('does not say beside another file that nobody has what was removed', async () => {
    const others = await exportedBytes((await wholeStory()).exported)
    const files = [await held(removed, isLeft), others].map((one) => chunksOf(one))
    const report = await verifyBundles(files, { checks: rememberedChecks, wordsOf: noWords })
    expect(report.verdict).toBe('incomplete')
    const { cases, cannotConclude } = report
    expect(cases).toHaveLength(1)
    expect(cannotConclude.join(' ')).toContain('where no other file has them: which they were is not compared')
    expect(cannotConclude.join(' ')).not.toContain('When a drill is due.')
  })

  it('says so if anything is missing that was not recorded as removed', async () => {
    const report = await reportOn(await held(removed, (at) => isLeft(at) && at !== 17))
    expect(codes(report)).toContain('incomplete not-accounted')
    // Whether the device still has what nobody recorded as removed, the file cannot show.
    expect(report.cannotConclude.join(' ')).toContain('What the 12 entries said that are not in the file')
    expect(report.cannotConclude.join(' ')).not.toContain('no longer has')
    const more = await reportOn(await held([{ from: 18, to: 28 }], isLeft))
    expect(codes(more)).toContain('incomplete not-accounted')
  })

  it('does not take what is said to be removed, and is here, for what is missing', async () => {
    const report = await reportOn(await held([{ from: 18, to: 29 }], (at) => at < 16 || at > 26))
    expect(codes(report)).toContain('incomplete not-accounted')
  })

  it('goes by the word of the exporting device alone, and not beyond what its ledger had then', async () => {
    const others = await reportOn(await held(removed, isLeft, 'dave'))
    expect(codes(others)).toEqual(expect.arrayContaining(['incomplete not-accounted']))
    expect(codes(others)).not.toContain('incomplete pruned')
    const later = await reportOn(await held([{ from: 18, to: 31 }], isLeft))
    expect(codes(later)).toContain('incomplete not-accounted')
  })
})
