import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foundIn, spansOf } from './reconcile.ts'
import { eventFrom, merged } from './record.ts'
import { called, found, ROLE, scene, sessionIdentity } from './testing/scene.ts'
import { longKey, MINUTE } from './testing/ways.ts'

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
})
