import { describe, expect, it } from 'vitest'
import { grantsIn } from '../case/types.ts'
import { foundIn, LATE_MS, reconcile, type Span } from '../evidence/reconcile.ts'
import { eventFrom } from '../evidence/record.ts'
import { subjectOf } from '../evidence/subject.ts'
import { called, NAMES, type Record, ROLE, scene } from '../evidence/testing/scene.ts'
import type { Plan } from '../statements/kinds.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import type { Said as Fields } from '../testing/world.ts'
import { namesIn } from './people.ts'
import { MOST_CALLS, trailCalls, trailOf } from './trail.ts'
import { DIFFERENCE_WORDS, evidenceSays, verdictOf } from './trail-words.ts'

type Told = Awaited<ReturnType<typeof scene>>
type Said = Fields<'evidence'>
const MINUTE = 60_000

/** The calls of these records, as somebody said of them, perhaps with something changed, compared anew. */
async function callsOf(
  { story, request, spans }: Told,
  records: readonly Record[],
  changed: (said: Found) => Partial<Found> = () => ({}),
) {
  const org = story.org()
  const events = records.map((one, at) => eventFrom(one, `record ${at}`))
  const reconciled = reconcile(subjectOf(org, story.case(request)), events, spans)
  const said = { ...foundIn(reconciled), events: reconciled.events.length }
  return trailCalls(org, await story.evidence('erin', request, { ...said, ...changed(said) }), reconciled)
}

type Found = ReturnType<typeof foundIn> & { readonly events: number }

describe('the calls of an evidence', () => {
  it('name the other case that explains one', async () => {
    const told = await scene()
    const { story, plan, deposit, records } = told
    story.pass(30)
    const request = await story.ask('alice', plan, { reference: 'INC-8' })
    const ready = await story.ready('bob', request, deposit)
    const said = { request: request.id, ready: ready.id, attempt: 1, sessionName: 'lb-other-1' }
    await story.sign('issuing', 'bob', said)
    const [issue] = records as [Record & { requestParameters: Record }]
    const tried = {
      ...issue,
      ...called(story.now, 'AssumeRole', 'sts.amazonaws.com', 9),
      requestParameters: { ...issue.requestParameters, roleSessionName: 'lb-other-1' },
      errorCode: 'AccessDenied',
    }
    const { calls } = await callsOf(told, [...records, tried])
    expect(calls.at(-1)?.role).toMatch(/^for another case: incident INC-8, asked for by alice on \d{4}-/)
  })

  it('say whence those are by which the record itself was asked for', async () => {
    const told = await scene()
    const { userIdentity } = told.records[1] as Record
    const asking = { ...called(told.start + 90_000, 'LookupEvents', 'cloudtrail.amazonaws.com', 9), userIdentity }
    const { calls } = await callsOf(told, [...told.records, asking])
    const asked = calls.filter(({ role }) => role.includes('Ask CloudTrail'))
    expect(asked).toMatchObject([{ call: 'cloudtrail LookupEvents', differs: null }])
  })

  it('agree with what their author found if all of that is the same', async () => {
    const told = await scene()
    const late = {
      ...called(told.start + 20 * 60_000, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
      userIdentity: (told.records[1] as Record)['userIdentity'],
    }
    expect((await callsOf(told, [...told.records, late])).agrees).toBe(true)
  })

  it.each<[string, (said: Found) => Partial<Found>]>([
    ['fewer events', ({ events }) => ({ events: events - 1 })],
    [
      'a grant that was not seen',
      ({ grants }) => ({ grants: grants.map((one) => ({ ...one, issued: 'not-covered' })) }),
    ],
    ['fewer calls', ({ grants }) => ({ grants: grants.map((one) => ({ ...one, calls: one.calls - 1 })) })],
    ['fewer that were refused', ({ grants }) => ({ grants: grants.map((one) => ({ ...one, refused: 0 })) })],
    ['no grant', () => ({ grants: [] })],
    ['no difference', () => ({ differs: [] })],
    ['one more difference', () => ({ more: 1 })],
  ])('do not agree with an author who told of %s', async (_, changed) => {
    const told = await scene()
    const late = {
      ...called(told.start + 20 * 60_000, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
      userIdentity: (told.records[1] as Record)['userIdentity'],
    }
    expect((await callsOf(told, [...told.records, late], changed)).agrees).toBe(false)
  })

  it('tell first what differs, so that no number of other calls hides it', async () => {
    const told = await scene()
    const { userIdentity } = told.records[1] as Record
    const many = Array.from({ length: MOST_CALLS }, (_, at) => ({
      ...called(told.start + 60_000 + at * 1000, 'GetObject', 's3.amazonaws.com', 100 + at),
      userIdentity,
    }))
    const late = { ...called(told.start + 20 * 60_000, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9), userIdentity }
    const { calls, untold } = await callsOf(told, [...told.records, ...many, late])
    expect(calls[0]).toMatchObject({ call: 'cloudtrail DeleteTrail', differs: DIFFERENCE_WORDS['after-end'] })
    const others = calls.slice(1).map(({ at }) => at)
    expect(others).toEqual(others.toSorted((a, b) => a - b))
    expect(untold).toBe(told.records.length + 1)
  })
})

describe('evidence', () => {
  const shown = ({ story, request }: Told) => trailOf(story.case(request), story.org(), namesIn(story.org()))

  it('is missing until every grant is seen in some of it', async () => {
    const told = await scene()
    const { story, request, grant } = told
    expect(shown(told)).toMatchObject({ attached: [], isMissing: true })
    const counted = { grant: grant.id, calls: 0, refused: 0 }
    await story.evidence('erin', request, { grants: [{ ...counted, issued: 'not-covered' }] })
    await story.evidence('erin', request, { grants: [] })
    await story.evidence('erin', request, { grants: [{ ...counted, grant: request.id, issued: 'seen' }] })
    expect(shown(told)).toMatchObject({ attached: [{}, {}, {}], isMissing: true })
    await story.evidence('dave', request, { spans: told.spans, grants: [{ ...counted, issued: 'seen' }] })
    expect(shown(told)?.isMissing).toBe(false)
  })

  it.each<[string, (spans: Span[], claimed: number) => Span[], number]>([
    ['of every region, a quarter of an hour past the session’s time, is whole', (spans) => spans, 0],
    [
      'of until an end that its requester alone claims is not',
      (spans, claimed) => spans.map((one) => ({ ...one, until: claimed + LATE_MS })),
      2,
    ],
    ['that lacks the region of IAM is not', ([first]) => (first ? [first] : []), 1],
    ['that lacks a region of the plan is not', ([, last]) => (last ? [last] : []), 1],
    ['of before is not', (spans) => spans.map((one) => ({ ...one, until: one.until - 1 })), 2],
    ['of after the grant is not', (spans) => spans.map((one) => ({ ...one, from: one.from + 1 })), 2],
    ['of nowhere is not', () => [], 2],
  ])('of LookupEvents %s', async (_, change, count) => {
    const told = await scene()
    const { story, request, grant } = told
    const [one] = grantsIn(story.case(request))
    const from = grant.payload.time + grant.payload.skewMs
    const until = grant.payload.expires + LATE_MS
    const claimed = (one?.ends[0]?.payload.at ?? Number.NaN) + grant.payload.skewMs
    const spans = change(
      ['eu-central-1', 'us-east-1'].map((region) => ({ region, from, until })),
      claimed,
    )
    const { payload } = await story.evidence('erin', request, { source: 'lookup-events', spans })
    expect(shown(told)).toMatchObject({ attached: [{ seen: 1, unreached: count }], isMissing: count > 0 })
    const [attached] = shown(told)?.attached ?? []
    const verdict = attached && verdictOf({ ...attached, differences: attached.differs.length })
    expect(verdict).toBe(count > 0 ? 'in-part' : 'agrees')
    expect(evidenceSays(payload)).toContain('differs in nothing from the case, as far as it reaches')
  })

  it.each<[string, (span: Span, claimed: number) => Partial<Span>, number]>([
    ['a quarter of an hour past the session’s time are whole', () => ({}), 0],
    ['the issue alone are not', ({ from }) => ({ until: from + 5 * MINUTE }), 1],
    ['an end that its requester alone claims are not', (_, claimed) => ({ until: claimed + LATE_MS }), 1],
    ['before that are not', ({ until }) => ({ until: until - 1 }), 1],
    ['then, but from after the grant, are not', ({ from }) => ({ from: from + 1 }), 1],
    ['then in another region are not', () => ({ region: 'us-east-1' }), 1],
  ])('of files that reach until %s', async (_, change, count) => {
    const told = await scene()
    const { story, request, grant } = told
    const [one] = grantsIn(story.case(request))
    const span = { region: 'eu-central-1', from: told.start, until: grant.payload.expires + LATE_MS }
    const spans = [{ ...span, ...change(span, one?.ends[0]?.payload.at ?? Number.NaN) }]
    const { payload } = await story.evidence('erin', request, { spans })
    expect(shown(told)).toMatchObject({ attached: [{ seen: 1, unreached: count }], isMissing: count > 0 })
    const [attached] = shown(told)?.attached ?? []
    const verdict = attached && verdictOf({ ...attached, differences: attached.differs.length })
    expect(verdict).toBe(count > 0 ? 'in-part' : 'agrees')
    expect(evidenceSays(payload)).toContain('differs in nothing from the case, as far as it reaches')
  })

  it.each<[string, Partial<Said>, (span: Span) => Partial<Span>, number]>([
    ['of both regions over all of its time is not missing any more', { source: 'lookup-events' }, () => ({}), 0],
    ['of files over all of its time is not either', {}, () => ({}), 0],
    ['of files that end before is', {}, ({ until }) => ({ until: until - 1 }), 1],
    ['that ends before is', { source: 'lookup-events' }, ({ until }) => ({ until: until - 1 }), 2],
    ['that begins later is', { source: 'lookup-events' }, ({ from }) => ({ from: from + 1 }), 2],
    ['that holds nothing is', { source: 'lookup-events', events: 0, parts: [] }, () => ({}), 0],
  ])('where a session may exist without a grant %s, and never agrees', async (_, changes, change, count) => {
    const told = await setupWith(NAMES)
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan)
    for (const name of ['bob', 'carol']) await story.decide(name, request)
    const ready = await story.ready('bob', request, deposit)
    const issuing = await story.issuing('bob', ready)
    const view = () => trailOf(story.case(request), story.org(), namesIn(story.org()))
    expect(view()).toMatchObject({ attached: [], isMissing: true })
    const { time } = issuing.payload
    const whole = { from: time - 10 * MINUTE, until: time + 10 * MINUTE + 15 * MINUTE + LATE_MS }
    const spans = ['eu-central-1', 'us-east-1'].map((region) => ({
      ...whole,
      ...change({ region, ...whole }),
      region,
    }))
    const { payload } = await story.evidence('erin', request, { spans, ...changes })
    const isMissing = count > 0 || payload.events === 0
    expect(view()).toMatchObject({ attached: [{ grants: 0, unreached: count }], isMissing })
    const [attached] = view()?.attached ?? []
    const verdict = attached && verdictOf({ ...attached, differences: attached.differs.length })
    expect(verdict).toBe(payload.events === 0 ? 'nothing' : 'in-part')
    expect(evidenceSays(payload)).not.toContain('differs in nothing')
    // Once its device says that AWS gave none, there is nothing more to look for.
    await story.fail('bob', ready)
    expect(view()?.isMissing).toBe(false)
  })

  it.each<[string, Partial<Plan['access']>, Said['source'], string[]]>([
    ['the user of the key', { mfa: 'arn:aws:iam::210987654321:mfa/emergency' }, 'lookup-events', ['210987654321']],
    [
      'a role on the way and the user, told by the rotator,',
      {
        aftercare: {
          iam: { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' },
          rotator: { roleArn: 'arn:aws:iam::210987654321:role/lockbox-rotator', user: 'emergency' },
        },
        chain: [{ roleArn: 'arn:aws:iam::210987654321:role/a' }, { roleArn: 'arn:aws:iam::333333333333:role/b' }],
      },
      'lookup-events',
      ['210987654321', '333333333333'],
    ],
    ['none of them, so that all of it is there,', { chain: [{ roleArn: `${ROLE}-before` }] }, 'lookup-events', []],
    ['the user of the key', { mfa: 'arn:aws:iam::210987654321:mfa/emergency' }, 'trail-files', []],
  ])('of the role’s account alone, where %s is elsewhere, agrees only if it may hold that (%#)', async (...row) => {
    const [, access, source, expected] = row
    const told = await scene({ access: { ...usualPlan.access, ...access } })
    const { story, request, start } = told
    const [from, until] = [start - 60 * MINUTE, start + 120 * MINUTE]
    const spans = ['eu-central-1', 'us-east-1'].map((region) => ({ region, from, until }))
    await story.evidence('erin', request, { source, spans })
    const [attached] = shown(told)?.attached ?? []
    expect(attached?.unasked).toEqual(expected)
    expect(attached && verdictOf({ ...attached, differences: 0 })).toBe(expected.length > 0 ? 'in-part' : 'agrees')
    expect(shown(told)?.isMissing).toBe(expected.length > 0)
  })

  it('is missed of a session that may do something, so of no drill, and of a rotation once that was handed over', async () => {
    const told = await setupWith(NAMES, { plan: { access: carefulAccess } })
    const { story } = told
    const missed = async (purpose: 'drill' | 'rotation') => {
      const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose })
      return { grant, view: () => trailOf(story.case(request), story.org(), namesIn(story.org())) }
    }
    expect((await missed('drill')).view()).toEqual({ attached: [], isMissing: false })
    const rotation = await missed('rotation')
    expect(rotation.view()).toEqual({ attached: [], isMissing: false })
    await story.handOver('bob', rotation.grant)
    expect(rotation.view()).toEqual({ attached: [], isMissing: true })
  })

  it('that differs is shown whatever came after it, and of each whether its author took part', async () => {
    const told = await scene()
    const { story, request } = told
    await story.evidence('erin', request, { more: 1 })
    for (let at = 0; at < 10; at++) {
      story.pass(1)
      await story.evidence('alice', request)
    }
    const attached = shown(told)?.attached ?? []
    expect([attached.length, attached[0]]).toMatchObject([10, { person: { name: 'erin' }, more: 1, tookPart: false }])
    expect(attached.slice(1).every(({ more, tookPart }) => more === 0 && tookPart)).toBe(true)
    const times = attached.slice(1).map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => b - a))
  })

  it('does not agree with a grant that came after it, nor shows that its session was issued', async () => {
    const told = await scene()
    const { story, request, plan, ready, releases, decisions } = told
    const spans = ['eu-central-1', 'us-east-1'].map((region) => ({
      region,
      from: told.start - 60 * MINUTE,
      until: told.start + 180 * MINUTE,
    }))
    await story.evidence('erin', request, { source: 'lookup-events', spans })
    const verdict = () => {
      const [attached] = shown(told)?.attached ?? []
      return attached && verdictOf({ ...attached, differences: attached.differs.length })
    }
    expect(verdict()).toBe('agrees')
    const issuing = await story.issuing('bob', ready)
    await story.grant(
      'bob',
      { request, plan, ready, issuing, decisions, releases },
      { accessKeyId: 'ASIAEXAMPLEEXAMPLE01' },
    )
    expect(verdict()).toBe('in-part')
    expect(shown(told)).toMatchObject({ attached: [{ grants: 2, seen: 1, notCovered: 1 }], isMissing: true })
    // Nor is what its author says of a grant that the case has not of any weight.
    const counted = { grant: ready.id, issued: 'seen' as const, calls: 5, refused: 5 }
    await story.evidence('dave', request, { grants: [counted] })
    expect(shown(told)?.attached).toContainEqual(
      expect.objectContaining({ grants: 2, seen: 0, notCovered: 2, calls: 0 }),
    )
  })

  it('is asked for where a device used the key whose readiness did not count', async () => {
    const told = await setupWith(NAMES)
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan)
    for (const name of ['bob', 'carol']) await story.decide(name, request)
    await story.ready('bob', request, deposit)
    const lost = await story.ready('carol', request, deposit)
    const view = () => trailOf(story.case(request), story.org(), namesIn(story.org()))
    expect(view()).toBeNull()
    await story.issuing('carol', lost)
    story.pass(180)
    expect(story.case(request).findings).toMatchObject([{ code: 'session-may-exist' }])
    expect(view()).toEqual({ attached: [], isMissing: true })
  })

  it.each([
    ['agrees', {}, 'differs in nothing from the case'],
    ['reaches over less', { grants: 'not-covered' as const }, 'was not compared as a whole'],
    ['holds nothing of the case', { events: 0 }, 'nothing concerns the case'],
  ])('that %s says so', async (_, { grants, ...changes }: { grants?: 'not-covered'; events?: number }, says) => {
    const { story, request, grant } = await scene()
    const counted = grants && { grants: [{ grant: grant.id, issued: grants, calls: 0, refused: 0 }] }
    const { payload } = await story.evidence('erin', request, { ...changes, ...counted })
    expect(evidenceSays(payload)).toContain(says)
    expect(evidenceSays(payload).includes('differs in nothing')).toBe(says.startsWith('differs'))
  })
})
