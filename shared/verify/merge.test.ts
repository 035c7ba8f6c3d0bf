import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { concat, digest, utf8 } from '../bytes.ts'
import { writeBundle } from '../ledger/bundle.ts'
import { sectionsOf } from '../ledger/sections.ts'
import { chunksOf } from '../ledger/testing/read.ts'
import type { VerifiedStatement } from '../statements/door.ts'
import { digestOf, person } from '../testing/keys.ts'
import { standings } from '../testing/setup.ts'
import { World } from '../testing/world.ts'
import { Examiner, type Setting } from './examine.ts'
import type { VerifyCode } from './findings.ts'
import { type Crew, crewOfOne } from './flow.ts'
import type { BundleReport } from './report.ts'
import { noWords, rememberedChecks } from './testing/checks.ts'
import {
  checkpointOver,
  type Exported,
  exportedBytes,
  exportedParts,
  exportOf,
  PEOPLE,
  placed,
  RecordedStory,
  wholeStory,
} from './testing/exported.ts'
import { PLACES } from './testing/faults.ts'
import { withDraftedKeys } from './testing/faults-unvouched.ts'
import { touchedWith } from './testing/forging.ts'
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

  it('tell of each statement once, also of those in no case', async () => {
    const { story } = await wholeStory({
      beforeExport: async (telling) => {
        await telling.read('dave')
      },
    })
    const file = exportOf(story)
    const alone = await together(file)
    const report = await together(file, { ...file, by: 'erin' })
    expect(alone.log.at(-1)?.kind).toBe('read')
    expect([report.counts, report.log]).toEqual([alone.counts, alone.log])
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

/** What a file is found to be by one code, whether it stands alone or before or after another; its entries count from its own beginning. */
async function foundIn(file: Exported | Uint8Array, code: VerifyCode, other: Exported | Uint8Array = exported) {
  const found = ({ verdict, findings }: BundleReport, of: number) => ({
    verdict,
    places: findings.filter((one) => one.code === code && one.file === of).map(({ entries }) => entries?.from ?? null),
    says: findings.filter((one) => one.code === code && one.file === of).map(({ says }) => says),
  })
  return {
    alone: found(await together(file), 0),
    after: found(await together(other, file), 1),
    before: found(await together(file, other), 0),
  }
}

describe('a file is judged by its own entries, whatever others have', () => {
  const { carolApproves } = PLACES
  const carols = exported.entries[carolApproves] as Uint8Array

  it('a statement of another organization that came after its device had joined refutes it', async () => {
    const theirs = await new World('real').draftRoster('mallory', standings(['mallory']))
    const file = byErin([...exported.entries, theirs.envelope])
    const refuted = { verdict: 'refuted', places: [29], says: [expect.stringContaining('another organization')] }
    expect(await foundIn(file, 'wrong-organization')).toEqual({ alone: refuted, after: refuted, before: refuted })
  })

  it('false evidence refutes it', async () => {
    const file = { ...byErin(lacking.entries), evidence: [{ about: 'equivocation', entries: [1, 2] } as const] }
    const says = ['entries 1 and 2 are given as contradicting each other and do not']
    const refuted = { verdict: 'refuted', places: [null], says }
    expect(await foundIn(file, 'bad-evidence')).toEqual({ alone: refuted, after: refuted, before: refuted })
  })

  it('true evidence does not, where another has the same statements in other places', async () => {
    const { story } = await wholeStory({
      beforeExport: async (telling) => {
        const said = ['one', 'other'].map((of) => telling.envelope('endorsement', person('dave'), { of: digestOf(of) }))
        for (const bytes of said) telling.take(await telling.verified('endorsement', bytes))
      },
    })
    const all = exportOf(story)
    const evidence = [{ about: 'equivocation', entries: [28, 29] } as const]
    const file = { ...all, by: 'erin', entries: all.entries.toSpliced(carolApproves, 1), evidence }
    const found = await foundIn(file, 'bad-evidence', all)
    expect([found.alone, found.after, found.before].map(({ places }) => places)).toEqual([[], [], []])
  })

  it('an entry that it repeats refutes it, though another file has that touched with another key', async () => {
    const others = { ...exported, by: 'dave', cosigners: ['carol', 'erin'] }
    const other = { ...others, entries: exported.entries.with(carolApproves, touchedWith(carols, 'carol', 1)) }
    const file = byErin([...exported.entries, carols])
    const refuted = { verdict: 'refuted', places: [29], says: [`it repeats entry ${carolApproves}`] }
    expect(await foundIn(file, 'entry-twice', other)).toEqual({ alone: refuted, after: refuted, before: refuted })
  })
})

describe('the order of files', () => {
  it('changes no verdict, no case and no finding', async () => {
    const accusing = { ...lacking, evidence: [{ about: 'equivocation', entries: [1, 2] } as const] }
    const [a, b, c] = [accusing, exported, await withDraftedKeys('dave', 2)]
    const said = []
    for (const files of [
      [a, b, c],
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ]) {
      const { verdict, first, cases, findings } = await together(...files)
      const found = findings.map(({ result, code }) => `${result} ${code}`).sort()
      said.push({ verdict, first: first?.code, cases: cases.map(({ id, state }) => [id, state]), found })
    }
    expect(said[0]).toMatchObject({ verdict: 'refuted', first: 'bad-evidence' })
    for (const one of said) expect(one).toEqual(said[0])
  })
})

describe('the witness of a grant, in several files', () => {
  const upToIssuing = exported.entries.slice(0, PLACES.issuing)
  const isShown = ({ findings }: BundleReport) => findings.every(({ code }) => code !== 'witness-not-shown')

  /** bob's bundle, cosigned before `issuing` alone. */
  async function cosignedBefore() {
    const own = { ...exported, cosigners: [] }
    const checkpoints = [await checkpointOver(exported, upToIssuing), await checkpointOver(own, exported.entries)]
    return concat(...writeBundle({ ...(await exportedParts(exported)), checkpoints }))
  }

  it('is judged by the entries of the issuing device’s file, whichever comes first', async () => {
    const file = await cosignedBefore()
    expect(isShown(await together(file))).toBe(false)
    // There `issuing` stands an entry earlier.
    expect([await together(lacking, file), await together(file, lacking)].map(isShown)).toEqual([false, false])
    expect([await together(lacking, exported), await together(exported, lacking)].map(isShown)).toEqual([true, true])
  })

  it('is not shown by a file of that device in which it has not yet issued', async () => {
    const older = { ...exported, entries: upToIssuing }
    expect([await together(lacking, older), await together(older, lacking)].map(isShown)).toEqual([false, false])
    expect([await together(older, exported), await together(exported, older)].map(isShown)).toEqual([true, true])
  })
})

describe('a file whose pin is a line of drafts', () => {
  it('hides nothing of what the others show, and is named', async () => {
    const file = await withDraftedKeys('dave', 2)
    for (const [at, report] of [await together(exported, file), await together(file, exported)].entries()) {
      expect([report.organization?.roster, report.cases.map(({ id }) => id)]).toEqual([
        exported.pin,
        [whole.request.id],
      ])
      expect([report.verdict, report.first?.code]).toEqual(['incomplete', 'pin-not-endorsed'])
      expect(report.first?.says).toContain(`the header of file ${2 - at} names one that is not in force`)
    }
  })

  it('is cosigned by nobody, whatever keys the drafts have', async () => {
    const report = await together(await withDraftedKeys('dave'))
    expect(report.files[0]?.ledger).toMatchObject({ covered: 30, witnessed: 0, cosigners: [] })
    expect(report.findings.filter(({ code }) => code === 'cosigned')).toEqual([])
    expect(report.findings.map(({ code }) => code)).toContain('not-cosigned')
  })
})

describe('entries that several hands examine', () => {
  it('give the same report whichever is done first', async () => {
    const junk = Array.from({ length: 6 }, (_, at) => utf8(`{"junk":"${`${at}`.repeat(90_000)}"}`))
    const [endorsement] = whole.story.statements.filter(({ kind }) => kind === 'endorsement')
    const entries = [...exported.entries, ...junk, (endorsement as VerifiedStatement).envelope]
    const parts = await exportedParts(byErin(entries))
    // They stand between an entry and its repetition, so that these are not examined together.
    const sections = sectionsOf(
      placed(entries).map((one) => (one.at < 29 ? one : { ...one, section: { section: 'organization' } as const })),
    )
    const bytes = concat(...writeBundle({ ...parts, sections }))
    const tools = { checks: rememberedChecks, wordsOf: noWords }
    const report = await verifyBundles([chunksOf(bytes)], tools)
    const twice = report.findings.filter(({ code }) => code === 'entry-twice')
    expect(twice.map(({ entries: range }) => range?.from)).toEqual([35])
    expect(await verifyBundles([chunksOf(bytes)], { ...tools, crew: lastFirst })).toEqual(report)
  })
})

/** A crew that is done first with what it was given last. */
function lastFirst(setting: Setting): Crew {
  const own = crewOfOne(new Examiner(setting, { checks: rememberedChecks, sha256, digestOf: digest }))
  const open: (() => void)[] = []
  return {
    ...own,
    width: 8,
    async examine(jobs) {
      const outcomes = await own.examine(jobs)
      await new Promise<void>((resolve) => {
        open.push(resolve)
        setTimeout(() => open.pop()?.())
      })
      return outcomes
    },
  }
}
