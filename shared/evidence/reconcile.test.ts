import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foundIn, reconcile, spansOf } from './reconcile.ts'
import { eventFrom, merged } from './record.ts'
import { subjectOf } from './subject.ts'
import { called, found, type Record, ROLE, scene, sessionIdentity } from './testing/scene.ts'
import { CARE_KEY, cared, DENY, longKey, MINUTE, use } from './testing/ways.ts'

describe('a case of which AWS recorded what it says', () => {
  it('differs in nothing, and every call has its place', async () => {
    const told = await scene()
    const { differs, grants, events } = found(told, told.records)
    expect(differs).toEqual([])
    expect(grants).toEqual([{ grant: told.grant.id, issued: 'seen', calls: 3, refused: 1 }])
    expect(events.map(({ role, of }) => [role, of])).toEqual([
      ['issue', told.grant.id],
      ['session', told.grant.id],
      ['session', told.grant.id],
      ['session', told.grant.id],
    ])
  })

  it('is the same in whatever order the records come, and whatever other people did', async () => {
    const told = await scene()
    const whole = found(told, told.records)
    const others = fc.record({
      at: fc.integer({ min: -30, max: 30 }),
      name: fc.constantFrom('AssumeRole', 'GetCallerIdentity', 'DeleteTrail', 'CreateAccessKey'),
      key: fc.constantFrom('AKIAI44QH8DHBEXAMPLE', 'ASIAI44QH8DHBEXAMPLE'),
      session: fc.constantFrom('someone', 'lb-case-12', ''),
    })
    fc.assert(
      fc.property(fc.array(others, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (strangers, order) => {
        const foreign = strangers.map(({ at, name, key, session }, number) => ({
          ...called(told.start + at * MINUTE, name, 'sts.amazonaws.com', 100 + number),
          userIdentity: sessionIdentity('somebody', key, session),
          requestParameters: { roleArn: ROLE, roleSessionName: session },
          responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPL2' } },
        }))
        const shuffled = [...told.records, ...foreign]
          .map((record) => ({ record, by: order.next().value as number }))
          .sort((a, b) => a.by - b.by)
          .map(({ record }) => record)
        expect(found(told, shuffled)).toEqual(whole)
      }),
      { numRuns: 50 },
    )
  })
})

describe('what is said of it', () => {
  it('lists the gravest first, at most 50, and counts the rest', async () => {
    const told = await scene()
    const stolen = Array.from({ length: 60 }, (_, at) => ({
      ...called(told.start + at * 1000, 'GetCallerIdentity', 'sts.amazonaws.com', 100 + at),
      userIdentity: longKey(told),
    }))
    const { differs, more } = foundIn(found(told, [...told.records.slice(1), ...stolen]))
    expect(differs).toHaveLength(50)
    expect(new Set(differs.map(({ code }) => code))).toEqual(new Set(['key-unexplained']))
    expect(more).toBe(11)
  })

  it('has the first and the last event of each region', async () => {
    const told = await scene()
    const events = [...told.records, { ...told.records[0], eventID: 'x', awsRegion: 'us-east-1' }].map((one) =>
      eventFrom(one, 'it'),
    )
    expect(spansOf([...merged([events])])).toEqual([
      { region: 'eu-central-1', from: told.start, until: told.start + 11 * MINUTE },
      { region: 'us-east-1', from: told.start, until: told.start },
    ])
  })

  it('reaches so far in whatever order they come, over no more regions than a statement has, and over none that is no name of one', async () => {
    const told = await scene()
    const [first] = told.records.map((one) => eventFrom(one, 'it'))
    if (first === undefined) throw new TypeError('no event')
    const regions = Array.from(
      { length: 65 },
      (_, at) => `eu-x${'abcdefghij'[at % 10] ?? ''}${'abcdefghij'[Math.floor(at / 10)] ?? ''}-1`,
    )
    const named = regions.map((region) => ({ ...first, region }))
    expect(spansOf(named).map(({ region }) => region)).toEqual(regions.toSorted().slice(0, 64))
    const three = [2, 0, 1].map((minutes) => ({ ...first, at: first.at + minutes * MINUTE }))
    const span = { region: 'eu-central-1', from: first.at, until: first.at + 2 * MINUTE }
    expect([three, three.toReversed()].map(spansOf)).toEqual([[span], [span]])
    expect(
      spansOf([
        { ...first, region: 'aws-global' },
        { ...first, region: 'Frankfurt' },
      ]),
    ).toEqual([])
  })

  it('lists what is of one sort by time, and of one time by its name', async () => {
    const told = await scene()
    const used = (at: number, eventID: string): Record => ({
      ...called(told.start + at * MINUTE, 'GetUser', 'iam.amazonaws.com', 9),
      eventID,
      userIdentity: longKey(told),
    })
    const records = [...told.records, used(2, 'a'), used(1, 'c'), used(1, 'b')]
    expect(found(told, records).differs.map(({ event }) => event)).toEqual(['b', 'c', 'a'])
    expect(found(told, records.toReversed()).differs.map(({ event }) => event)).toEqual(['b', 'c', 'a'])
  })

  it('names no more grants than a statement does, and misses each', async () => {
    const told = await scene()
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const attempts = subject.attempts.flatMap((one) =>
      Array.from({ length: 101 }, (_, at) => ({
        ...one,
        grant: one.grant && { ...one.grant, id: `grant ${String(100 - at).padStart(3, '0')}` },
      })),
    )
    const { grants, differs } = reconcile({ ...subject, attempts }, [], told.spans)
    expect(grants.map(({ grant }) => grant)).toEqual(differs.slice(0, 100).map(({ of }) => of))
    expect(new Set(differs.map(({ of }) => of)).size).toBe(101)
    expect(grants).toHaveLength(100)
  })

  it('counts as calls of a session no others that belong to its grant', async () => {
    const told = await cared('revoker')
    const put = { ...use(told, CARE_KEY, 'PutRolePolicy'), eventSource: 'iam.amazonaws.com', requestParameters: DENY }
    const { grants, differs } = found(told, [...told.records, put])
    expect(differs).toEqual([])
    expect(grants).toEqual([{ grant: told.grant.id, issued: 'seen', calls: 3, refused: 1 }])
  })
})
