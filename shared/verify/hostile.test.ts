import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compressed, decompressed } from '../../main/bundle-file.ts'
import { concat, digest, equalBytes, utf8 } from '../bytes.ts'
import { writeBundle } from '../ledger/bundle.ts'
import { sectionsOf } from '../ledger/sections.ts'
import { chunksOf } from '../ledger/testing/read.ts'
import { orgFrom } from '../org/org-from.ts'
import { RECOMPUTE_LIMITS, tooMuch } from './bounds.ts'
import { CaseBench } from './case-bench.ts'
import { Findings } from './findings.ts'
import { recompute } from './organization.ts'
import { noWords, rememberedChecks } from './testing/checks.ts'
import { exportedBytes, exportedParts, placed, wholeStory } from './testing/exported.ts'
import { anyReportOn } from './testing/reading.ts'

import { verifyBundle } from './verify-bundle.ts'

const tools = { checks: rememberedChecks, wordsOf: noWords }
const whole = await wholeStory()
const good = await exportedBytes(whole.exported)
const file = compressed([good])
const verdictOf = async (bytes: Uint8Array) => (await verifyBundle(decompressed(chunksOf(bytes)), tools)).verdict
async function contentOf(bytes: Uint8Array): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of decompressed(chunksOf(bytes))) chunks.push(chunk)
  return concat(...chunks)
}

describe('hostile files', () => {
  it('no changed byte leaves a bundle that can be read', async () => {
    // The bytes before say that this is gzip; of the six after them the time and the system say nothing to us.
    const change = fc.record({ at: fc.nat(file.length - 1).filter((at) => at < 4 || at > 9), to: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to }) => {
        fc.pre(file[at] !== to)
        const changed = file.with(at, to)
        const verdict = await verdictOf(changed)
        // Up to seven bits behind the end of the last block fill its byte and mean nothing (RFC 1951 §3.2.3): whoever
        // changes one of those has changed no byte of the bundle.
        const isFilling = verdict === 'verified' && equalBytes(await contentOf(changed), await contentOf(file))
        expect(isFilling ? 'unreadable' : verdict).toBe('unreadable')
      }),
      { numRuns: 200 },
    )
  }, 120_000)

  it('no other order, choice or repetition of entries is verified', async () => {
    const { entries } = whole.exported
    const { header, ...parts } = await exportedParts(whole.exported)
    const choice = fc.array(fc.nat(entries.length - 1), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(choice, async (chosen) => {
        fc.pre(chosen.length !== entries.length || chosen.some((entry, at) => entry !== at))
        const sections = sectionsOf(placed(chosen.map((at) => entries[at] as Uint8Array)))
        const counted = { ...header, entries: chosen.length, size: chosen.length }
        const bytes = concat(...writeBundle({ ...parts, header: counted, sections }))
        expect((await anyReportOn(bytes)).verdict).toBe('refuted')
      }),
      { numRuns: 40 },
    )
  }, 120_000)

  it('nothing that a cut leaves is a bundle', async () => {
    for (let length = 0; length < file.length; length += 397)
      expect(await verdictOf(file.subarray(0, length))).toBe('unreadable')
  })
})

describe('bounded work', () => {
  it('more plans than any organization has are not judged', () => {
    const plans = Array.from({ length: RECOMPUTE_LIMITS.plan + 1 }, () => whole.plan)
    expect(tooMuch(plans)).toBe('257 statements of kind plan; at most 256 are judged')
    expect(tooMuch(plans.slice(1))).toBeNull()
  })

  it('nor is any checkpoint key taken from their rosters, of which nobody was asked whether they are in force', () => {
    const { statements } = whole.story
    const { organization, pin } = whole.exported
    const plans = Array.from({ length: RECOMPUTE_LIMITS.plan }, () => whole.plan)
    const recomputed = (more: typeof plans) => {
      const all = [...statements, ...more]
      return recompute(all, () => undefined, { organization, pins: [pin], much: tooMuch(all) }, new Findings())
    }
    expect(recomputed(plans.slice(1)).rosters.map(({ id }) => id)).toEqual([pin])
    expect(recomputed(plans).rosters).toEqual([])
  })

  it('nor are thousands of requests at one time, which would all name each other', () => {
    const requests = Array.from({ length: 201 }, () => whole.request)
    expect(tooMuch(requests)).toBe('20100 pairs of requests for one plan within an hour; at most 20000 are judged')
    expect(tooMuch(requests.slice(1))).toBeNull()
  })

  it('nor are more statements of one case, while the others are', () => {
    const { id } = whole.request
    const release = whole.releases[0] as (typeof whole.releases)[number]
    const releases = Array.from({ length: RECOMPUTE_LIMITS.case }, (_, at) => ({
      ...release,
      id: digest(utf8(`${at}`)),
    }))
    const statements = [whole.request, ...releases].map((statement, at) => ({ file: 0, at, statement }))
    const org = orgFrom(whole.story.statements, whole.exported.pin)
    const bench = new CaseBench(
      { org, basis: [], now: whole.exported.exportedAt, mostActs: 0 },
      { organization: '', files: [] },
    )
    const judge = (count: number) => bench.judge({ id, known: [], detailed: false }, statements.slice(0, count)).outcome
    expect(judge(RECOMPUTE_LIMITS.case + 1)?.notes).toMatchObject([{ result: 'incomplete', code: 'too-much' }])
    expect(judge(RECOMPUTE_LIMITS.case)?.state).toBe('expired')
  })

  it('nor more endorsements of one statement', () => {
    const endorsement = whole.story.statements.find(({ kind }) => kind === 'endorsement') ?? whole.request
    const many = Array.from({ length: RECOMPUTE_LIMITS.endorsements + 1 }, () => endorsement)
    expect(tooMuch(many)).toBe('one statement has 301 endorsements; at most 300 are judged')
  })

  it('of a million like findings the first hundred are listed, and how many there are', () => {
    const findings = new Findings()
    for (let entry = 0; entry < 1_000_000; entry++) findings.add('refuted', 'malformed', 'x', { entry })
    expect(findings.first()?.entries).toEqual({ from: 0, to: 1 })
    expect(findings.list().length).toBe(101)
    expect(findings.list().at(-1)?.says).toBe('999900 more of “malformed” are not listed')
  })
})
