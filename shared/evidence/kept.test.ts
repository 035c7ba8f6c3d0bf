import { describe, expect, it } from 'vitest'
import { digest, fromUtf8 } from '../bytes.ts'
import { grantedCase } from '../testing/setup.ts'
import { eventsIn, MAX_PART_BYTES, type TrailEvent } from './event.ts'
import { type Kept, keptOf } from './kept.ts'
import { LATE_MS, reconcile } from './reconcile.ts'
import { eventFrom } from './record.ts'
import { subjectOf } from './subject.ts'
import { called, LONG_KEY, type Record, ROLE, type Scene, scene, sessionIdentity } from './testing/scene.ts'

const MINUTE = 60_000
const MADE_KEY = 'AKIAI44QH8DHBEXAMPLE'

/** What a part has no room for: so many calls of the session within its time. */
function many({ start, alice }: Scene, count = 1000): TrailEvent[] {
  const userIdentity = sessionIdentity(alice)
  const one = eventFrom({ ...called(start + MINUTE, 'GetObject', 's3.amazonaws.com', 50), userIdentity }, 'it')
  return Array.from({ length: count }, (_, at) => ({ ...one, id: `call-${at}`, at: one.at + (at % 60) * 1000 }))
}

function kept(told: Scene, records: readonly Record[], more: readonly TrailEvent[], most = 1): Kept {
  const { story, request, spans } = told
  const events = [...records.map((one) => eventFrom(one, 'it')), ...more]
  return keptOf(subjectOf(story.org(), story.case(request)), { events, spans }, most)
}

/** As many calls with the long-lived key that no case explains; of a day before, nobody was responsible for it. */
function manyOfKey(told: Scene, days: 0 | -1): TrailEvent[] {
  return many(told).map((one) => ({
    ...one,
    key: LONG_KEY,
    session: null,
    role: null,
    at: one.at + days * 24 * 60 * MINUTE,
  }))
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

  it('is as much as there is room for, each once', async () => {
    const told = await scene()
    const { parts } = kept(told, told.records, many(told))
    const [part = Uint8Array.of()] = parts
    const longest = Math.max(
      ...fromUtf8(part)
        .split('\n')
        .map((line) => line.length + 1),
    )
    expect(part.length).toBeGreaterThan(MAX_PART_BYTES - 2 * longest)
  })

  it('leaves nothing out that there is room for because of what is too long', async () => {
    const told = await scene()
    // Of some lengths what is left is too short for anything.
    const withShort = [250, 300, 350, 400].filter((length) => {
      const long = many(told).map((one) => ({ ...one, from: 'x'.repeat(512), principal: 'x'.repeat(length) }))
      const short = {
        ...(long[0] as TrailEvent),
        id: 'short',
        from: null,
        principal: null,
        at: told.start + 9 * MINUTE,
      }
      return kept(told, told.records, [...long, short]).reconciled.events.some(({ event }) => event.id === 'short')
    })
    expect(withShort).not.toEqual([])
  })

  it.each([0, 100, 200, 300, 400])('takes no more parts than there are, with lines of %i more bytes', async (more) => {
    const told = await scene()
    const texts = { from: 'x'.repeat(512), principal: 'x'.repeat(512), role: ROLE, error: 'x'.repeat(512), via: 'x' }
    const long = many(told).map((one) => ({ ...one, ...texts, name: `Get${'x'.repeat(more)}` }))
    expect(kept(told, told.records, long, 2).parts).toHaveLength(2)
  })

  it('takes no more parts than there are, with lines that are many and short', async () => {
    const told = await scene()
    expect(kept(told, [], many(told, 2000), 2).parts).toHaveLength(2)
  })

  it('is the gravest of what differs first', async () => {
    const told = await scene()
    const late = many(told).map((one) => ({ ...one, at: one.at + 30 * MINUTE }))
    const used: Record = {
      ...called(told.start + 50 * MINUTE, 'GetUser', 'iam.amazonaws.com', 9),
      // Longer than what is left where all others were taken first.
      userIdentity: { type: 'IAMUser', accessKeyId: LONG_KEY, arn: 'x'.repeat(512) },
    }
    const { reconciled, leftOut } = kept(told, [...told.records, used], late)
    expect(leftOut).toBeGreaterThan(0)
    expect(reconciled.differs[0]).toMatchObject({ code: 'key-unexplained', event: used['eventID'] })
  })

  it('is the issue of a session before what else agrees', async () => {
    const told = await scene()
    const { reconciled, leftOut } = kept(told, told.records, manyOfKey(told, -1))
    expect(leftOut).toBeGreaterThan(0)
    expect(reconciled).toMatchObject({ differs: [], grants: [{ issued: 'seen' }] })
  })

  it('misses no issue that found no room', async () => {
    const told = await scene()
    const found = kept(told, told.records, manyOfKey(told, 0))
    expect(found.spans).toEqual([])
    expect(found.reconciled.grants).toMatchObject([{ issued: 'not-covered' }])
    expect(found.reconciled.differs.map(({ code }) => code)).not.toContain('grant-unseen')
  })

  it('reaches as far as the latest issue that is missed takes and only where one is', async () => {
    const told = await scene()
    await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const [span] = told.spans
    if (span === undefined) throw new TypeError('no span')
    const spans = [span, { ...span, region: 'us-east-1' }]
    const events = manyOfKey(told, 0)
    const subject = subjectOf(told.story.org(), told.story.case(told.request))
    const later = subject.attempts.flatMap((one) =>
      one.grant === null || one.request !== told.request.id
        ? []
        : [{ ...one, grant: { ...one.grant, id: told.plan.id, at: one.grant.at + 20 * MINUTE } }],
    )
    const keptFor = (attempts: typeof subject.attempts) => keptOf({ ...subject, attempts }, { events, spans }, 1).spans
    expect(keptFor(subject.attempts)).toEqual([{ ...span, until: told.start + LATE_MS }])
    expect(keptFor([...later, ...subject.attempts])).toEqual([{ ...span, until: told.start + 20 * MINUTE + LATE_MS }])
  })
})
