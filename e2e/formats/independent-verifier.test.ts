import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compressed, decompressed } from '../../main/bundle-file.ts'
import { signatureChecks } from '../../main/checks.ts'
import { chunksOf } from '../../shared/ledger/testing/read.ts'
import type { VerifiedOf } from '../../shared/statements/door.ts'
import type { Kind } from '../../shared/statements/kinds.ts'
import type { BundleReport, CaseReport, OpeningFact, Report } from '../../shared/verify/report.ts'
import { drillCases } from '../../shared/verify/testing/drill-cases.ts'
import { exportedBytes, type RecordedStory, wholeStory } from '../../shared/verify/testing/exported.ts'
import { bundleCases } from '../../shared/verify/testing/faults.ts'
import { anyReportOn } from '../../shared/verify/testing/reading.ts'
import { verifyBundle } from '../../shared/verify/verify-bundle.ts'
import * as z from '../../shared/zod.ts'
import { settingInProcess } from '../drill/in-process.ts'
import { playDrill } from '../drill/story.ts'

const run = promisify(execFile)
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const examples = path('../../docs/formats/examples/')

const firstSchema = z.strictObject({
  code: z.string(),
  entries: z.strictObject({ from: z.int(), to: z.int() }).nullable(),
  device: z.string().nullable(),
})
const verdictSchema = z.object({ verdict: z.string(), first: firstSchema.nullable() })
const openingSchema = z
  .strictObject({ case: z.string(), purpose: z.string(), at: z.int(), device: z.string() })
  .nullable()
const drillSchema = z
  .strictObject({ last: openingSchema, due: z.int(), changed: z.array(z.string()), state: z.string() })
  .nullable()
const exercisesSchema = z.object({
  plans: z.array(z.object({ id: z.string(), state: z.string().nullable(), drill: drillSchema })),
  credentials: z.array(
    z.strictObject({
      id: z.string(),
      state: z.string(),
      hasSpare: z.boolean(),
      opened: openingSchema,
      openedByDealer: openingSchema,
    }),
  ),
})
const endSchema = z.strictObject({ at: z.int(), by: z.string(), known: z.string() }).nullable()
const factsSchema = verdictSchema.extend({
  ...exercisesSchema.shape,
  organization: z.string(),
  device: z.string(),
  entries: z.int(),
  statements: z.array(
    z.object({
      entry: z.int(),
      id: z.string(),
      kind: z.string(),
      member: z.string(),
      hardwareKey: z.string().nullable(),
    }),
  ),
  rosters: z.array(z.string()),
  head: z.string().nullable(),
  cases: z.array(
    z.object({
      request: z.string(),
      state: z.string(),
      approvers: z.array(z.string()),
      deniers: z.array(z.string()),
      grant: z.strictObject({ id: z.string(), accessKeyId: z.string(), expires: z.int() }).nullable(),
      end: endSchema,
      owed: z.array(z.strictObject({ code: z.string(), due: z.int() })),
    }),
  ),
  ledger: z.object({
    root: z.string(),
    covered: z.int(),
    cosigners: z.array(z.strictObject({ device: z.string(), size: z.int(), at: z.int() })),
  }),
})
type Facts = z.infer<typeof factsSchema>
const owedSchema = z.array(z.strictObject({ code: z.string(), due: z.int() }))
const owingSchema = verdictSchema.extend({
  ...exercisesSchema.partial().shape,
  cases: z.array(z.object({ request: z.string(), state: z.string(), end: endSchema, owed: owedSchema })).optional(),
})

/** Where cases stand, how they ended and what they owe, by ours; in the order of the ledger. */
function owedIn(report: Report): z.infer<typeof owingSchema>['cases'] {
  if (report.verdict === 'unreadable') return []
  return report.cases
    .toSorted((a, b) => a.entry - b.entry)
    .map(({ id, state, measured, owed }) => ({
      request: id,
      state,
      end: endIn(measured),
      owed: owed.map(({ code, due }) => ({ code, due })),
    }))
}

/** When a session ended, by whose word, and how that is known, by ours. */
function endIn({ end }: CaseReport['measured']): z.infer<typeof endSchema> {
  return end && { at: end.at, by: end.by.member, known: end.known }
}

/** How keys are held and were opened, and when drills are due, by ours; in the order of the ledger. */
function exercisesIn({ plans, credentials }: BundleReport): z.infer<typeof exercisesSchema> {
  const opening = (one: OpeningFact | null) =>
    one && { case: one.case, purpose: one.purpose, at: one.at, device: one.by.device }
  return {
    plans: plans.map(({ id, state, drill }) => ({
      id,
      state,
      drill: drill && { ...drill, changed: [...drill.changed], last: opening(drill.last) },
    })),
    credentials: credentials.map(({ id, state, hasSpare, opened, openedByDealer }) => ({
      id,
      state,
      hasSpare,
      opened: opening(opened),
      openedByDealer: opening(openedByDealer),
    })),
  }
}

/** Runs a script of the second verifier with nothing around it, and reads the JSON that it prints, one value a line. */
async function runScript(script: string, ...args: readonly string[]): Promise<unknown[]> {
  const { stdout } = await run(process.execPath, [path(script), ...args], { maxBuffer: 64 * 2 ** 20 })
  return stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

const verdictsOf = async (files: readonly string[]) =>
  z.array(verdictSchema).parse(await runScript('independent-verifier.mjs', ...files))
const factsIn = async (file: string) => factsSchema.parse((await runScript('independent-verifier.mjs', file))[0])

/** The facts that both verifiers give, from ours. */
function factsOf(report: BundleReport): Facts {
  const { verdict, claims, organization, cases } = report
  const [{ exporter, ledger }] = report.files as [BundleReport['files'][number]]
  const acts = [...report.log, ...cases.flatMap(({ timeline }) => timeline)]
  return {
    verdict,
    first: firstOf(report),
    organization: claims.organization,
    device: exporter.device,
    entries: ledger.entries,
    statements: acts
      .map(({ entry, id, kind, person, key }) => ({
        entry,
        id,
        kind,
        member: person.member,
        hardwareKey: key?.key ?? null,
      }))
      .sort((one, other) => one.entry - other.entry),
    rosters: acts.filter(({ kind }) => kind === 'roster').map(({ id }) => id),
    head: organization?.roster ?? null,
    ...exercisesIn(report),
    cases: cases.map(({ id, state, approvals, denials, grant, measured, owed }) => ({
      request: id,
      state,
      approvers: approvals.by.map(({ person }) => person.member).sort(),
      deniers: [...new Set(denials.map(({ member }) => member))].sort(),
      grant: grant && { id: grant.id, accessKeyId: grant.accessKeyId, expires: grant.expires },
      end: endIn(measured),
      owed: [...owed],
    })),
    ledger: {
      root: ledger.root ?? '',
      covered: ledger.covered,
      cosigners: ledger.cosigners.map(({ device, size, at }) => ({ device, size, at })),
    },
  }
}

function firstOf({ first }: Report): Facts['first'] {
  return first && { code: first.code, entries: first.entries, device: first.device }
}

/** Facts without an order that no page promises. */
const inAnyOrder = ({ cases, ...facts }: Facts): Facts => ({
  ...facts,
  cases: cases.map((one) => ({ ...one, approvers: [...one.approvers].sort(), deniers: [...one.deniers].sort() })),
})

async function ours(bytes: Uint8Array): Promise<BundleReport> {
  const wordsOf = async () => []
  const report = await verifyBundle(decompressed(chunksOf(bytes)), { checks: signatureChecks, wordsOf })
  if (report.verdict === 'unreadable') throw new Error(`the bundle cannot be read: ${report.first.says}`)
  return report
}

/** An approver denies once the grant was made; and in another case somebody approves, and denies too. */
async function denyToo(story: RecordedStory): Promise<void> {
  const first = <K extends Kind>(kind: K) => story.statements.find((one) => one.kind === kind) as VerifiedOf<K>
  await story.decide('bob', first('request'), 'deny')
  const request = await story.ask('alice', first('plan'))
  for (const by of ['bob', 'carol'] as const) await story.decide(by, request)
  await story.decide('bob', request, 'deny')
}

/** Few enough for one test: each bundle is judged twice, and there are more of them from year to year. */
function batches<One>(all: readonly One[], most = 20): [part: number, batch: One[]][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, part) => [
    part + 1,
    all.slice(part * most, (part + 1) * most),
  ])
}

const faulty = Object.entries(await bundleCases())

describe('a verifier written from docs/formats alone', () => {
  it('comes to the expected verdict and first finding on every example', async () => {
    const expected = z
      .record(z.string(), verdictSchema)
      .parse(JSON.parse(readFileSync(`${examples}expected.json`, 'utf8')))
    const names = Object.keys(expected)
    const said = await verdictsOf(names.map((name) => examples + name))
    expect(Object.fromEntries(names.map((name, at) => [name, said[at]]))).toEqual(expected)
    expect(names).toHaveLength(readdirSync(examples).filter((name) => name.endsWith('.bundle')).length)
  })

  it('reads from the whole example the facts that lockbox verify reads', async () => {
    const facts = await factsIn(`${examples}whole.bundle`)
    expect(inAnyOrder(facts)).toEqual(factsOf(await ours(readFileSync(`${examples}whole.bundle`))))
  })

  it('reads who approved and who denied as lockbox verify does, also where somebody did both before or after a grant', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lockbox-both-'))
    const { exported } = await wholeStory({ beforeExport: denyToo })
    const bytes = compressed([await exportedBytes(exported)])
    await writeFile(join(dir, 'both.bundle'), bytes)
    const { cases } = await factsIn(join(dir, 'both.bundle'))
    await rm(dir, { recursive: true })
    const told = cases.map(({ approvers, deniers }) => [approvers.length, deniers.length])
    expect(told).toEqual([
      [2, 2],
      [1, 1],
    ])
    const own = factsOf(await ours(bytes))
    expect(cases.map((one) => [[...one.approvers].sort(), [...one.deniers].sort()])).toEqual(
      own.cases.map((one) => [one.approvers, one.deniers]),
    )
  })

  it.each(batches(faulty))(
    'finds in bundles with a fault (part %i) what lockbox verify finds first, where cases stand, and what is owed',
    async (_part, cases) => {
      const dir = await mkdtemp(join(tmpdir(), 'lockbox-faults-'))
      const files = cases.map((_, at) => join(dir, `${at}.bundle`))
      await Promise.all(cases.map(([, { bytes }], at) => writeFile(files[at] ?? '', compressed([bytes]))))
      const said = z.array(owingSchema).parse(await runScript('independent-verifier.mjs', ...files))
      await rm(dir, { recursive: true })
      const reports = await Promise.all(cases.map(([, { bytes }]) => anyReportOn(bytes)))
      expect(said.map(({ cases: owing = [] }) => owing)).toEqual(reports.map(owedIn))
      const judged = reports.map((one) => (one.verdict === 'unreadable' || one.organization === null ? null : one))
      expect(said.map(({ plans = [], credentials = [] }, at) => judged[at] && { plans, credentials })).toEqual(
        judged.map((one) => one && exercisesIn(one)),
      )
      const told = said.map(({ verdict, first }, at) => ({ name: cases[at]?.[0], verdict, code: first?.code ?? null }))
      const places = said.map(({ first }) => first?.entries ?? null)
      expect(told).toEqual(cases.map(([name, { verdict, first }]) => ({ name, verdict, code: first?.code ?? null })))
      expect(places.map((place) => place && [place.from, place.to])).toEqual(
        cases.map(([, { first }]) => first?.entries ?? null),
      )
    },
  )

  it('says of every key and plan what lockbox verify says: who can open it, how it was opened, and when a drill is due', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lockbox-drills-'))
    const cases = Object.entries(await drillCases())
    const files = cases.map((_, at) => join(dir, `${at}.bundle`))
    await Promise.all(cases.map(([, { bytes }], at) => writeFile(files[at] ?? '', compressed([bytes]))))
    const said = z
      .array(verdictSchema.extend(exercisesSchema.shape))
      .parse(await runScript('independent-verifier.mjs', ...files))
    await rm(dir, { recursive: true })
    const reports = await Promise.all(cases.map(([, { bytes }]) => ours(compressed([bytes]))))
    expect(said).toEqual(reports.map((one) => ({ verdict: 'verified', first: null, ...exercisesIn(one) })))
    const changed = reports.flatMap(({ plans }) => plans.flatMap(({ drill }) => drill?.changed ?? []))
    expect([...new Set(changed)].sort()).toEqual(['generation', 'people', 'plan'])
    const states = reports.flatMap(({ plans }) => plans.flatMap(({ drill }) => drill?.state ?? []))
    expect([...new Set(states)].sort()).toEqual(['due', 'overdue', 'well'])
    const keys = reports.flatMap(({ credentials }) => credentials)
    expect(keys.some(({ openedByDealer }) => openedByDealer !== null)).toBe(true)
    expect(keys.some(({ state, hasSpare }) => state === 'held' && !hasSpare)).toBe(true)
    expect(keys.some(({ state, hasSpare }) => state === 'proven' && hasSpare)).toBe(true)
  })

  it('judges every published vector as it says there', async () => {
    const answers = z
      .record(z.string(), z.array(z.object({ name: z.string(), expected: z.unknown(), got: z.unknown() })))
      .parse((await runScript('independent-vectors.mjs', path('../../shared')))[0])
    expect(Object.keys(answers)).toEqual(['statements', 'bundles', 'ed25519', 'cards', 'custody', 'words'])
    for (const vectors of Object.values(answers)) {
      expect(vectors.length).toBeGreaterThan(1)
      expect(vectors.filter(({ expected, got }) => expected !== got)).toEqual([])
    }
  })
})

describe('the bundle of a drill', () => {
  let dir: string
  let bytes: Uint8Array
  let facts: Facts

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lockbox-formats-'))
    bytes = await bundleOfADrill()
    await writeFile(join(dir, 'drill.bundle'), bytes)
    facts = await factsIn(join(dir, 'drill.bundle'))
  }, 120_000)
  afterAll(() => rm(dir, { recursive: true, force: true }))

  it('is verified by another program, which reads the same facts as lockbox verify', async () => {
    expect(facts.verdict).toBe('verified')
    expect(inAnyOrder(facts)).toEqual(factsOf(await ours(bytes)))
  })

  it('shows one denial, three approvals, the grant and its end', () => {
    const [only, ...others] = facts.cases
    expect(others).toEqual([])
    expect(only?.state).toBe('ended')
    expect([only?.approvers.length, only?.deniers.length]).toEqual([3, 1])
    expect(only?.grant?.accessKeyId).toMatch(/^ASIA/)
  })

  it.each(['removed', 'changed'] as const)('is refuted by both once an entry is %s, at the same place', async (how) => {
    const denial = facts.statements.find(({ kind }) => kind === 'decision')?.entry ?? 0
    const file = join(dir, `${how}.bundle`)
    const spoilt = withoutOrChanged(bytes, denial, how)
    await writeFile(file, spoilt)
    const [said] = await verdictsOf([file])
    const report = await ours(spoilt)
    expect(said).toEqual({ verdict: report.verdict, first: firstOf(report) })
    expect(report.verdict).toBe('refuted')
  })
})

async function bundleOfADrill(): Promise<Uint8Array> {
  const options = { members: 5, threshold: 3, headed: false, keep: false, inProcess: true, sessionSeconds: 6, out: '' }
  const setting = await settingInProcess(['Ana', 'Raj', 'Mia', 'Leo', 'Zoe'], options)
  try {
    const { bundle } = await playDrill({ ...setting, threshold: options.threshold, say: () => undefined })
    return bundle.bytes
  } finally {
    await setting.close()
  }
}

/** The file without one line, or with another letter in it. */
function withoutOrChanged(bytes: Uint8Array, entry: number, how: 'removed' | 'changed'): Uint8Array {
  const lines = gunzipSync(bytes).toString().split('\n')
  const line = lines.findIndex((one) => one.startsWith(`{"at":${entry},`))
  const payload = lines[line] ?? ''
  const changed = payload.replace(/(?<="sig":")./, (letter) => (letter === 'A' ? 'B' : 'A'))
  const edited = how === 'removed' ? lines.toSpliced(line, 1) : lines.with(line, changed)
  return compressed([new TextEncoder().encode(edited.join('\n'))])
}
