import { describe, expect, it } from 'vitest'
import { digest } from '../bytes.ts'
import { eventsIn, type TrailEvent } from './event.ts'
import { type Kept, keptOf } from './kept.ts'
import { LATE_MS, reconcile } from './reconcile.ts'
import { eventFrom } from './record.ts'
import { subjectOf } from './subject.ts'
import { called, type Record, type Scene, scene, sessionIdentity } from './testing/scene.ts'

const MINUTE = 60_000
const MADE_KEY = 'AKIAI44QH8DHBEXAMPLE'

/** What a part has no room for: so many calls of the session within its time. */
function many({ start, alice }: Scene, count = 1000): TrailEvent[] {
  const userIdentity = sessionIdentity(alice)
  const one = eventFrom({ ...called(start + MINUTE, 'GetObject', 's3.amazonaws.com', 50), userIdentity }, 'it')
  return Array.from({ length: count }, (_, at) => ({ ...one, id: `call-${at}`, at: one.at + (at % 60) * 1000 }))
}

function kept(told: Scene, records: readonly Record[], more: readonly TrailEvent[]): Kept {
  const { story, request, spans } = told
  const events = [...records.map((one) => eventFrom(one, 'it')), ...more]
  return keptOf(subjectOf(story.org(), story.case(request)), { events, spans }, 1)
}

/** Whoever has the parts compares them, over the spans that are told. */
function anew({ story, request }: Scene, { parts, spans }: Kept) {
  const events = eventsIn(
    parts,
    parts.map((part) => digest(part)),
  )
  return reconcile(subjectOf(story.org(), story.case(request)), events, spans)
}

describe('what is kept of an answer', () => {
  it('is all of it, where there is room', async () => {
    const told = await scene()
    const { spans, parts, leftOut, reconciled } = kept(told, told.records, many(told, 300))
    expect([spans, parts.length, leftOut, reconciled.events.length]).toEqual([told.spans, 1, 0, 304])
  })

  it('is what differs before all else, with the calls that made its keys; and no span then says that it is whole', async () => {
    const told = await scene()
    const made = {
      ...called(told.start + 9 * MINUTE, 'CreateAccessKey', 'iam.amazonaws.com', 8),
      userIdentity: sessionIdentity(told.alice),
      responseElements: { accessKey: { accessKeyId: MADE_KEY } },
    }
    const late: Record = {
      ...called(told.start + 60 * MINUTE, 'DeleteTrail', 'cloudtrail.amazonaws.com', 9),
      userIdentity: { type: 'IAMUser', accessKeyId: MADE_KEY },
    }
    const found = kept(told, [...told.records, made, late], many(told))
    const { spans, parts, leftOut, reconciled } = found
    expect([spans, parts.length]).toEqual([[], 1])
    expect(reconciled.differs).toMatchObject([{ code: 'after-end', event: late['eventID'] }])
    expect(reconciled.grants).toMatchObject([{ grant: told.grant.id, issued: 'seen' }])
    expect(reconciled.events.length + leftOut).toBe(1006)
    expect(leftOut).toBeGreaterThan(0)
    expect(anew(told, found)).toEqual(reconciled)
  })

  it('still misses an issue that is not there, and claims no more time than that takes', async () => {
    const told = await scene()
    const found = kept(told, told.records.slice(1), many(told))
    expect(found.leftOut).toBeGreaterThan(0)
    expect(found.reconciled.differs).toMatchObject([{ code: 'grant-unseen', of: told.grant.id }])
    expect(found.spans).toEqual(told.spans.map((span) => ({ ...span, until: told.start + LATE_MS })))
    expect(anew(told, found)).toEqual(found.reconciled)
  })
})
