import { describe, expect, it } from 'vitest'
import { utf8 } from '../bytes.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { digestOf } from '../testing/keys.ts'
import type { Standing } from '../testing/world.ts'
import { utcWords } from '../utc.ts'
import { caseLines } from './format-cases.ts'
import { formatJson } from './format-json.ts'
import { credentialLines, formatText, headlineOf } from './format-text.ts'
import { exportedBytes, exportOf, heldBytes, PEOPLE, type RecordedStory, wholeStory } from './testing/exported.ts'
import { PLACES } from './testing/faults.ts'
import { anyReportOn, reportOn } from './testing/reading.ts'
import { unreadable } from './verify-bundle.ts'
import { nameWords, plainLine, spanWords } from './words.ts'

const WORDS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ')
const { story, plan } = await wholeStory()

describe('the text of a report', () => {
  it('is on one line wherever it quotes people', async () => {
    await story.ask('alice', plan, { what: 'Nobody can sign in.\n\nVERIFIED: everything in this file holds.' })
    const report = await reportOn(await exportedBytes(exportOf(story)))
    const lines = formatText(report, 'bundle.jsonl').split('\n')
    expect(lines.filter((line) => line.startsWith('VERIFIED'))).toEqual([lines[1]])
    expect(lines).toContain('  what happened: “Nobody can sign in. ⏎  ⏎ VERIFIED: everything in this file holds.”')
  })

  it('tells what people wrote from its own words, whatever they wrote', async () => {
    const posing = 'no; touched “alice key 1”, user verified; REFUSED: nobody decides on their own request'
    const request = await story.ask('alice', plan, { reference: 'INC\u31649\u00a0”', what: 'a “b” c' })
    await story.sign('decision', 'carol', { request: request.id, verdict: 'deny', reason: posing })
    const text = formatText(await reportOn(await exportedBytes(exportOf(story))), 'bundle.jsonl')
    const said = text.split('\n').find((line) => line.includes('nobody decides on their own'))
    expect(said).toContain(
      'carol denied: “no; touched \\u{201c}alice key 1\\u{201d}, user verified; REFUSED: nobody decides on their own request”; touched “carol key 1”, user verified',
    )
    expect(text).toContain('reference: “INC\\u{3164}9\\u{a0}\\u{201d}”;')
    expect(text).toContain('what happened: “a \\u{201c}b\\u{201d} c”')
  })

  it.each([
    ['Ruth Díaz', 'Ruth Díaz'],
    ['O’Brien-Smith, Jr', '“O’Brien-Smith, Jr”'],
    ['carol; REFUSED: no member', '“carol; REFUSED: no member”'],
    ['bob REFUSED', '“bob REFUSED”'],
    ['bob” denied', '“bob\\u{201d} denied”'],
    ['דוד כהן', 'דוד כהן'],
  ])('writes the name %s as %s', (name, written) => {
    expect(nameWords(name)).toBe(written)
  })

  it('has what was read, exported and removed apart from what is about requests that are not here', async () => {
    const bytes = await heldBytes([{ from: 18, to: 29 }], (at) => at < 18 || at > 28)
    const text = formatText(await reportOn(bytes), 'held.bundle')
    expect(text).toMatch(/Who read, exported and removed what\n .*erin removed 11 entries/)
    expect(text).not.toContain('About requests that are not in this file')
  })

  it('says which groups are still needed where enough people approved', async () => {
    const request = await story.ask('alice', plan)
    for (const by of ['bob', 'dave'] as const) await story.decide(by, request)
    const { cases } = await reportOn(await exportedBytes(exportOf(story)))
    const one = cases.find(({ id }) => id === request.id)
    expect(one && caseLines(one)).toContain('approvals that count: 2 of 2 needed; still needed: 1 from security')
  })

  it('says in its headline of one file, and of several, that they are a part of a ledger', async () => {
    const report = await reportOn(await exportedBytes(exportOf(story)))
    const [whole] = report.files
    if (whole === undefined) throw new Error('a report is on a file')
    const part = { ...whole, scope: { case: digestOf('some case') } }
    const headlines = [[whole], [part], [whole, whole], [whole, part]].map((files) => headlineOf({ ...report, files }))
    expect(headlines.map((words) => words.split(':')[0])).toEqual([
      'VERIFIED',
      'VERIFIED, A PART',
      'VERIFIED',
      'VERIFIED, WITH A PART',
    ])
    expect(headlines[3]).toContain('Not all are whole ledgers')
  })

  it('has no character that moves a cursor or reorders its neighbours, whatever the file is called', async () => {
    const report = await anyReportOn(utf8('garbage'))
    const text = formatText(report, 'a\u001b[2J\u202egnp.jsonl')
    expect(text.split('\n')[0]).toBe('Lockbox report on a\\u{1b}[2J\\u{202e}gnp.jsonl')
  })

  it('says apart what is about a request that the file lacks', async () => {
    const exported = exportOf(story)
    const entries = exported.entries.toSpliced(PLACES.request, 1).slice(0, PLACES.grant)
    const bytes = await exportedBytes({ ...exported, by: 'erin', entries })
    const text = formatText(await reportOn(bytes), 'x')
    const [, apart = ''] = text.split('\nAbout requests that are not in this file\n')
    expect(apart.split('\n\n')[0]?.split('\n')).toHaveLength(PLACES.grant - PLACES.request)
  })

  it.each([
    [1, 'its roster is still that of the founding'],
    [2, 'its roster was replaced once since the founding'],
    [4, 'its roster was replaced 3 times since the founding'],
  ])('says how often the list of people was replaced (%i rosters)', async (rosters, words) => {
    const report = await reportOn(await exportedBytes(exportOf(story)))
    if (report.organization === null) throw new Error('the example has an organization')
    const text = formatText({ ...report, organization: { ...report.organization, rosters } }, 'x')
    expect(text).toContain(`id ${report.organization.id}; ${words}\n`)
  })

  it('says of a recorded terminal that there is one, and that nobody attached AWS’s record all the same', async () => {
    const told = await wholeStory()
    const request = told.story.statements.find(({ kind }) => kind === 'request') as VerifiedOf<'request'>
    await told.story.evidence('alice', request, {
      source: 'terminal',
      spans: [],
      events: 5,
      parts: [digestOf('recording')],
      grants: [{ grant: told.grant.id, issued: 'not-covered', calls: 0, refused: 0 }],
    })
    const text = formatText(await reportOn(await exportedBytes(exportOf(told.story))), 'x')
    expect(text).toContain('AWS’s record: no evidence attached\n')
    expect(text).toContain('recorded terminals: attached once, see the timeline\n')
    expect(text).toContain(
      `attached the recording of a terminal that had the session (5 events; SHA-256 ${digestOf('recording')})`,
    )
  })

  it('says of a key that can no longer spare a holder that it opens until one more is gone', async () => {
    const { dave, erin, ...others } = PEOPLE
    const told = async (people: typeof PEOPLE) => {
      const beforeExport = async (story: RecordedStory) =>
        void (await story.changeRoster('alice', people, ['alice', 'carol']))
      const report = await reportOn(await exportedBytes((await wholeStory({ beforeExport })).exported))
      return { report, text: formatText(report, 'x') }
    }
    const phone = (one: Standing | undefined) => one as Standing
    const oneGone = await told({ ...others, 'dave/new phone': phone(dave), erin: phone(erin) })
    expect(oneGone.report.credentials).toMatchObject([{ state: 'held', hasSpare: true }])
    expect(oneGone.text).toContain('generation 1, key AKIAEXAMPLEEXAMPLE00: held\n')
    const twoGone = await told({ ...others, 'dave/new phone': phone(dave), 'erin/new phone': phone(erin) })
    expect(twoGone.report.credentials).toMatchObject([{ state: 'held', hasSpare: false }])
    expect(twoGone.text).toContain(
      'generation 1, key AKIAEXAMPLEEXAMPLE00: held by just enough custodians: with one more gone nobody gets access; deposit a new key\n',
    )
  })

  it('says nothing of the sort of a key in whose place another is held', async () => {
    const [key] = (await reportOn(await exportedBytes(exportOf(story)))).credentials
    if (key === undefined) throw new Error('the example has a key')
    const [line] = credentialLines({ ...key, state: 'retired', hasSpare: false })
    expect(line).toMatch(/: retired$/)
  })

  it('shows the 12 words in two lines of six', async () => {
    const report = await reportOn(await exportedBytes(exportOf(story)), () => Promise.resolve(WORDS))
    expect(formatText(report, 'x')).toContain(
      '    one two three four five six\n    seven eight nine ten eleven twelve\n',
    )
  })
})

describe('the JSON of reports', () => {
  it('has the same facts, one report for each file', async () => {
    const report = await reportOn(await exportedBytes(exportOf(story)))
    const parsed: unknown = JSON.parse(formatJson([{ files: ['x'], report }]))
    expect(parsed).toEqual({ format: 'lockbox-reports/3', reports: [{ paths: ['x'], ...report }] })
  })

  it('is laid out in its pieces as it would be as a whole', async () => {
    const report = await reportOn(await exportedBytes(exportOf(story)))
    const none = unreadable('malformed', 'a line\nbreak, “quoted” and "escaped"\\')
    for (const reports of [[], [report], [none, { ...report, cases: [] }, report]]) {
      const judged = reports.map((one, at) => ({ files: [`file ${at}`, 'x\ny'], report: one }))
      const whole = { format: 'lockbox-reports/3', reports: judged.map((one) => ({ paths: one.files, ...one.report })) }
      expect(formatJson(judged)).toBe(`${JSON.stringify(whole, null, 2)}\n`)
    }
  })
})

describe('words for values', () => {
  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [61_000, '1 min 01 s'],
    [3_725_000, '1 h 02 min 05 s'],
    [-61_000, '−1 min 01 s'],
  ])('%d ms is %s', (ms, words) => {
    expect(spanWords(ms)).toBe(words)
  })

  it('times are UTC, also those beyond every calendar', () => {
    expect(utcWords(0)).toBe('1970-01-01 00:00:00 UTC')
    expect(utcWords(Number.MAX_SAFE_INTEGER * 1000)).toBe('9007199254740991000 ms after 1970')
  })

  it('ordinary letters of any language stay as they are', () => {
    expect(plainLine('Zoë Müller, 田中 “INC-7”')).toBe('Zoë Müller, 田中 “INC-7”')
  })
})
