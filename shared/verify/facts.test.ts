import { describe, expect, it } from 'vitest'
import { digest, utf8 } from '../bytes.ts'
import { rosterWords } from '../org/words.ts'
import type { VerifiedOf } from '../statements/door.ts'
import type { Kind } from '../statements/kinds.ts'
import { digestOf, person } from '../testing/keys.ts'
import { grantedCase } from '../testing/setup.ts'
import { caseLines } from './format-cases.ts'
import type { BundleReport } from './report.ts'
import { type Exported, exportedBytes, exportOf, PEOPLE, type RecordedStory, wholeStory } from './testing/exported.ts'
import { reportOn } from './testing/reading.ts'

const reportOf = async (exported: Exported) => reportOn(await exportedBytes(exported))

async function told(tell: (story: RecordedStory) => Promise<unknown>): Promise<BundleReport> {
  const { story } = await wholeStory({
    beforeExport: async (story) => {
      await tell(story)
    },
  })
  return reportOf(exportOf(story))
}

const whole = await wholeStory()
const report = await reportOf(whole.exported)
const [asked] = report.cases

describe('the report on a session that was ended early', () => {
  it('says nothing of an end that was only ordered', async () => {
    let exported: Exported | null = null
    await wholeStory({
      careful: true,
      early: async (story, grant) => {
        await story.revoke('dave', grant)
        exported = exportOf(story)
      },
    })
    const [one] = (await reportOf(exported ?? whole.exported)).cases
    expect(one).toMatchObject({ state: 'ending', ended: null })
    expect(one?.findings.map(({ code }) => code)).toEqual(['late-denial', 'revoked'])
    expect(one?.owed.map(({ code }) => code)).toEqual(['rotate', 'retire', 'review'])
  })

  it.each([
    [false, 'for nobody’s access'],
    [true, 'access was granted'],
  ])('a rotation says who has its session, handed over: %s', async (isHanded, says) => {
    const { exported } = await wholeStory({
      careful: true,
      beforeExport: async (story) => {
        const first = <K extends Kind>(kind: K) => story.statements.find((one) => one.kind === kind) as VerifiedOf<K>
        const basis = { story, plan: first('plan'), deposit: first('deposit'), people: PEOPLE }
        const { grant } = await grantedCase(basis, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
        if (isHanded) await story.handOver('bob', grant)
      },
    })
    const one = (await reportOf(exported)).cases.find(({ purpose }) => purpose === 'rotation')
    expect(one?.says).toContain(says)
    expect(one?.measured.access === null).toBe(!isHanded)
    expect(one && caseLines(one).includes('AWS’s record: no evidence attached')).toBe(isHanded)
  })

  it('that a key was deleted is the word of a device', async () => {
    const deletes = 'That the key which was used was deleted, in one case'
    const { exported } = await wholeStory({
      careful: true,
      early: async (story, grant) => {
        const plan = story.statements.find(({ kind }) => kind === 'plan') as VerifiedOf<'plan'>
        const next = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE01' })
        await story.rotating('carol', grant)
        await story.rotated('carol', grant, next)
      },
    })
    const [told, plain] = [await reportOf(exported), report].map(({ cannotConclude }) => cannotConclude.join('\n'))
    expect(told).toContain(deletes)
    expect(plain).not.toContain(deletes)
  })
})

it('does not call a request one without access after whose hour nobody has said how issuing went', async () => {
  const { cases } = await told(async (story) => {
    const first = <K extends Kind>(kind: K) => story.statements.find((one) => one.kind === kind) as VerifiedOf<K>
    const request = await story.ask('alice', first('plan'))
    for (const name of ['bob', 'carol']) await story.decide(name, request)
    const ready = await story.ready('bob', request, first('deposit'))
    for (const name of ['bob', 'carol']) await story.release(name, ready)
    await story.issuing('bob', ready)
    story.pass(180)
  })
  const one = cases.at(-1)
  expect(one?.findings.map(({ code }) => code)).toContain('session-may-exist')
  expect(one).toMatchObject({ state: 'expired', grant: null })
  expect(one?.says).toBe('expired; but the credential was used, and a session may have existed')
})

describe('the report on a whole story', () => {
  it('says who asked, who approved with which key, and who denied', () => {
    expect(asked?.requester.name).toBe('alice')
    expect(asked?.approvals.by.map(({ person, key }) => [person.name, key?.name])).toEqual([
      ['bob', 'bob key 1'],
      ['carol', 'carol key 1'],
    ])
    expect(asked?.denials.map(({ name }) => name)).toEqual(['dave'])
  })

  it('measures asked → approved → access → end', () => {
    const { request } = whole
    const step = (minutes: number, name: string) => ({
      at: request.payload.time + minutes * 60_000,
      by: { member: person(name).member, name },
    })
    expect(asked?.measured).toEqual({
      asked: step(0, 'alice'),
      quorum: step(3, 'carol'),
      access: step(3, 'bob'),
      // That AWS refused it after 15 minutes is alice's word alone.
      end: { ...step(18, 'bob'), known: 'expired' },
    })
  })

  it('says that the session has ended only as AWS confirmed it', async () => {
    expect(asked).toMatchObject({ state: 'ended', ended: { how: 'expired', confirmed: true } })
    const upToTheGrant = { ...whole.exported, by: 'erin', entries: whole.exported.entries.slice(0, 28) }
    const early = await reportOf({ ...upToTheGrant, exportedAt: whole.grant.payload.expires })
    expect(early.cases[0]).toMatchObject({ state: 'ending', ended: { how: 'expired', confirmed: false } })
    expect(early.cannotConclude.join()).toContain('one session had ended')
    const later = await reportOf({ ...upToTheGrant, exportedAt: whole.grant.payload.expires + 5 * 60_000 })
    expect(later.cases[0]).toMatchObject({ state: 'ended', ended: { how: 'expired', confirmed: true } })
  })

  it('lists who read and exported it, about a case and yet no part of one', async () => {
    const subject = { scope: { case: whole.request.id, from: null, until: Date.UTC(2026, 10, 30) } }
    const read = await told(async (story) => {
      await story.read('erin', { what: 'case', case: whole.request.id })
      await story.read('dave', { what: 'search' })
      await story.exported('erin', { ...subject, entries: 1, to: 'other-place' })
    })
    const of = `case ${whole.request.id}`
    const sha256 = digestOf('a bundle')
    expect(read.log.slice(-3).map(({ person, says }) => `${person.name} ${says}`)).toEqual([
      `erin read the record of ${of}`,
      'dave searched the log',
      `erin exported the record of ${of} until 2026-11-30 00:00:00 UTC to other place: a bundle of 1 entry, SHA-256 ${sha256}`,
    ])
    const { timeline, measured, state } = read.cases[0] ?? {}
    expect({ timeline, measured, state }).toEqual({
      timeline: asked?.timeline,
      measured: asked?.measured,
      state: asked?.state,
    })
    const codes = ({ findings }: BundleReport) => findings.map(({ code }) => code)
    expect([read.verdict, codes(read)]).toEqual([report.verdict, codes(report)])
  })

  it('lists what is about a request that the file lacks, since no case shows it', async () => {
    const entries = whole.exported.entries.toSpliced(18, 1).slice(0, 26)
    const lacking = await reportOf({ ...whole.exported, by: 'erin', entries })
    expect(lacking.cases).toEqual([])
    expect(lacking.log.slice(-3).map(({ kind, entry }) => `${kind} ${entry}`)).toEqual([
      'release 23',
      'issuing 24',
      'grant 25',
    ])
  })

  it('lists the timeline in the order of claimed times, each with its entry and key', () => {
    expect(asked?.timeline.map(({ kind, entry }) => `${kind} ${entry}`)).toEqual([
      'request 18',
      'decision 19',
      'decision 20',
      'decision 21',
      'ready 22',
      'release 23',
      'release 24',
      'issuing 25',
      'grant 26',
      'handover 27',
      'ended 28',
    ])
  })

  it('says how many other devices cosigned, up to which size and when', () => {
    expect(report.files[0]?.ledger).toMatchObject({ entries: 29, covered: 29, witnessed: 29 })
    expect(report.files[0]?.ledger.cosigners.map(({ person, size, at }) => [person?.name, size, at])).toEqual([
      ['carol', 29, whole.exported.exportedAt - 600_000],
      ['dave', 29, whole.exported.exportedAt - 540_000],
    ])
  })

  it('lists people with their keys, and that these did not prove their model', () => {
    expect(report.people.map(({ name }) => name)).toEqual(['alice', 'bob', 'carol', 'dave', 'erin'])
    expect(report.people[1]?.keys).toMatchObject([
      { name: 'bob key 1', attested: false, active: true },
      { name: 'bob key 2', attested: false, active: true },
    ])
  })

  it('lists who held which share, proved when', () => {
    expect(report.credentials[0]).toMatchObject({ generation: 1, state: 'proven', entry: 9 })
    expect(report.credentials[0]?.custodians.map(({ person, accepted }) => [person.name, accepted])).toEqual([
      ['bob', true],
      ['carol', true],
      ['dave', true],
      ['erin', true],
    ])
  })

  it('gives the 12 words of the newest roster', async () => {
    const withWords = await reportOn(await exportedBytes(whole.exported), rosterWords)
    const words = await rosterWords(whole.story.organization)
    expect(withWords).toMatchObject({ organization: { words } })
    expect(words.length).toBe(12)
  })

  it('never says that it is complete, and says what it cannot show', () => {
    expect(report.cannotConclude[0]).toBe(
      'That nothing was withheld. A device can keep back what it never let into its ledger.',
    )
    expect(JSON.stringify(report)).not.toMatch(/proved? complete/i)
  })

  it('names the entries for which the exporter stands alone', async () => {
    const { exported } = whole
    const bundle = await reportOf({ ...exported, cosigners: [] })
    expect(bundle.cannotConclude.join()).toContain('the last 29 entries were not chosen')
  })
})

describe('what people did against the rules', () => {
  it('is shown, and does not refute the record of it', async () => {
    const report = await told((story) =>
      story.decide('dave', whole.request).then(() => story.decide('alice', whole.request)),
    )
    const broken = report.findings.filter(({ code }) => code === 'rule-broken')
    expect(report.verdict).toBe('verified')
    expect(broken.map(({ says, entries }) => [says, entries?.from])).toEqual([
      ['this decision is refused: nobody decides on their own request', 30],
    ])
    expect(report.cases[0]?.timeline.find(({ entry }) => entry === 30)?.refused?.code).toBe('own-request')
  })

  it.each([null, 'bob'])('a grant whose witness is %s is pointed out', async (witness) => {
    const report = await reportOf((await wholeStory({ witness })).exported)
    const missing = report.findings.filter(({ code }) => code === 'witness-missing')
    expect(report.verdict).toBe('verified')
    expect(missing.map(({ entries }) => entries?.from)).toEqual([26])
  })
})

describe('a name that somebody else used', () => {
  it('in a draft of a roster speaks for nobody', async () => {
    const report = await told(async (story) => {
      const { alice, ...others } = PEOPLE
      const genesis = story.roster
      const draft = await story.draftRoster('dave', {
        ...others,
        'alice/stolen': alice ?? { roles: [], groups: [] },
      })
      story.roster = draft
      await story.ask('alice/stolen', whole.plan)
      story.roster = genesis
    })
    const forged = report.cases.find(({ entry }) => entry === 30)
    expect(report.findings.filter(({ code }) => code === 'not-in-force').map(({ entries }) => entries?.from)).toEqual([
      30,
    ])
    expect(forged).toMatchObject({ state: 'impossible', timeline: [{ inForce: false, key: { name: null } }] })
  })
})

describe('a basis that is not whole', () => {
  it('is named with what the file lacks', async () => {
    const { exported } = whole
    const report = await reportOf({ ...exported, by: 'erin', entries: exported.entries.toSpliced(21, 1) })
    const missing = report.findings.find(({ code }) => code === 'basis-missing')
    expect(missing).toMatchObject({
      result: 'incomplete',
      says: 'this grant stands on what the file lacks: decision',
      entries: { from: 25, to: 26 },
    })
  })
})

describe('the witness of a grant', () => {
  it('is the issuing device’s word as to when it acknowledged, and the report says so', () => {
    expect(asked?.grant?.witness?.person?.name).toBe('carol')
    expect(report.cannotConclude.join()).toContain('acknowledged before the credential was touched, in one case')
  })
})

describe('the issuing device’s own bundle without the witness’s cosignature', () => {
  it('says so', async () => {
    const report = await reportOf({ ...whole.exported, cosigners: ['dave'] })
    const [shown] = report.findings.filter(({ code }) => code === 'witness-not-shown')
    expect(report.verdict).toBe('verified')
    expect(shown).toMatchObject({ result: 'attention', entries: { from: 26, to: 27 }, device: person('carol').device })
  })
})

describe('clocks', () => {
  it('a statement that claims to be later than the export is pointed out', async () => {
    const report = await told((story) =>
      story.endorse('dave', whole.plan, { time: story.now + 11 * 60_000 }).then(() => undefined),
    )
    expect(report.findings.find(({ code }) => code === 'time-ahead')?.entries).toEqual({ from: 29, to: 30 })
    expect(report.verdict).toBe('verified')
  })
})

describe('the order of entries', () => {
  it('a statement before its roster is checked all the same, and pointed out', async () => {
    const { exported } = whole
    const { entries } = exported
    const moved = [...entries.slice(1, 5), ...entries.slice(0, 1), ...entries.slice(5)]
    const report = await reportOf({ ...exported, by: 'erin', entries: moved })
    expect(report.findings.filter(({ code }) => code === 'before-its-roster').length).toBe(4)
    expect(report.log.length).toBe(18)
  })
})

describe('evidence of a contradiction', () => {
  it('is confirmed by the chain itself', async () => {
    const { story } = await wholeStory({
      beforeExport: async (story) => {
        const said = ['one', 'other'].map((of) =>
          story.envelope('endorsement', person('dave'), { of: digest(utf8(of)) }),
        )
        for (const bytes of said) story.take(await story.verified('endorsement', bytes))
      },
    })
    const report = await reportOf({ ...exportOf(story), evidence: [{ about: 'equivocation', entries: [29, 30] }] })
    expect(report.verdict).toBe('incomplete')
    expect(report.findings.filter(({ result }) => result === 'incomplete').map(({ code }) => code)).toEqual([
      'chain-fork',
      'equivocation',
    ])
    expect(report.first).toMatchObject({ code: 'chain-fork', device: person('dave').device })
  })
})

describe('who decided', () => {
  const lines = (one: BundleReport['cases'][number] | undefined) => (one ? caseLines(one) : [])

  it('is told of each approval and each denial with its own key: also of somebody who denied after their approval was used', async () => {
    const { cases } = await told(async (story) => {
      await story.decide(
        'bob',
        story.statements.find(({ kind }) => kind === 'request') as VerifiedOf<'request'>,
        'deny',
        {
          key: 1,
        },
      )
    })
    const [one] = cases
    expect(one?.approvals.by.map(({ person: { name } }) => name)).toEqual(['bob', 'carol'])
    expect(one?.denials.map(({ name, weight }) => [name, weight])).toEqual([
      ['dave', 'without'],
      ['bob', 'without'],
    ])
    const said = lines(one).join('\n')
    expect(said).toMatch(/approvals that count: 2 of 2 needed\n {2}bob at \S+ \S+ UTC with “bob key 1”\n/)
    expect(said).toMatch(
      /denials:\n {2}dave at .* with “dave key 1”; the grant was made without it\n {2}bob at .* with “bob key 2”/,
    )
    expect(one?.findings.find(({ code }) => code === 'two-verdicts')?.says).toContain('unless a grant was made')
  })

  it('counts nobody twice, and names an approval that a denial of the same person beats', async () => {
    const { cases } = await told(async (story) => {
      const plan = story.statements.find(({ kind }) => kind === 'plan') as VerifiedOf<'plan'>
      const request = await story.ask('alice', plan)
      for (const by of ['bob', 'bob', 'carol'] as const) {
        story.pass(1)
        await story.decide(by, request)
      }
      await story.decide('carol', request, 'deny')
    })
    const one = cases.at(-1)
    const said = lines(one).join('\n')
    expect(said).toMatch(/approvals that count: 1 of 2 needed; still needed: 1 from security\n {2}bob at/)
    expect(said).toMatch(
      /do not count:\n {2}bob at .*; said once more, and counts once\n {2}carol at .*; does not count: the same/,
    )
    expect(said).toMatch(/denials:\n {2}carol at .* UTC with “carol key 1”\n/)
  })
})
