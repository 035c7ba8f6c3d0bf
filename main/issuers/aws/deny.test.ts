import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicy, verdictOf } from '../../../e2e/sandbox-aws/policy.ts'
import { type Grant, grantsIn } from '../../../shared/case/types.ts'
import { person } from '../../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../../shared/testing/setup.ts'
import { carefulAccess } from '../../../shared/testing/usual-plan.ts'
import type { Said } from '../../../shared/testing/world.ts'
import { denyOf, type Marks, marksOf } from './deny.ts'

const MINUTE = 60_000
const ROLE = 'AROAIOSFODNN7EXAMPLE0'
const ISSUED = Date.UTC(2026, 10, 23, 12)

/** A session as a server that knows all keys sees it. */
interface Session extends Marks {
  readonly issued: number
}

const userIdOf = ({ request, attempt }: Session) => `${ROLE}:lb-${request.slice(0, 16)}-${attempt}`

/** Whether a server that lacks these keys refuses a session by the deny of another. */
function isDenied(session: Session, byDenyOf: Session, lacking: ReadonlySet<string> = new Set()): boolean {
  const context = new Map(
    [
      ['aws:userid', userIdOf(session)],
      ['aws:sourceidentity', session.sourceIdentity],
      ['aws:tokenissuetime', new Date(session.issued).toISOString()],
      ['aws:principaltag/lockbox:case', session.request],
      ['aws:principaltag/lockbox:attempt', String(session.attempt)],
    ].filter(([key]) => !lacking.has(key?.split('/')[0] ?? '')) as [string, string][],
  )
  const { texts } = denyOf(userIdOf(byDenyOf), byDenyOf)
  const ask = { action: 's3:GetObject', resource: '*', principals: [], context }
  return verdictOf(parsePolicy(texts[0].document), ask) === 'deny'
}

const KEYS = ['aws:userid', 'aws:sourceidentity', 'aws:tokenissuetime', 'aws:principaltag']
const sessions: fc.Arbitrary<Session> = fc.record({
  sourceIdentity: fc.constantFrom('AAECAwQFBgcICQoLDA0ODw', 'EBESExQVFhcYGRobHB0eHw'),
  request: fc.constantFrom(
    'Pl29TQWYjcJ22zkiGcpUTAPclVKN0ik2MKsLNZtvD9o',
    'vkm3kQ9bGJ4jXo2gS8y1qU0nZ5rTq7hC6dWfE1aLxYI',
    // Of the same first characters as the first.
    'Pl29TQWYjcJ22zkibGJ4jXo2gS8y1qU0nZ5rTq7hC6o',
  ),
  attempt: fc.integer({ min: 1, max: 2 }),
  issued: fc.integer({ min: -4, max: 4 }).map((seconds) => ISSUED + seconds * 1000),
})

describe('the deny of a session', () => {
  it('is heeded by every server that knows its user id, or who asked and when it was issued (property)', () => {
    fc.assert(
      fc.property(sessions, fc.subarray(KEYS), (session, lacking) => {
        const [user, identity, time] = KEYS.map((key) => !lacking.includes(key))
        expect(isDenied(session, session, new Set(lacking))).toBe(user || (identity && time))
      }),
    )
  })
  it('denies no session of another user id where tags are known, and no other person’s or second’s anywhere (property)', () => {
    fc.assert(
      fc.property(sessions, sessions, fc.subarray(KEYS), (one, other, lacking) => {
        fc.pre(userIdOf(one) !== userIdOf(other))
        const isNear = Math.abs(one.issued - other.issued) <= 2000 && one.sourceIdentity === other.sourceIdentity
        const isTagged = !lacking.includes('aws:principaltag')
        fc.pre(isTagged || !isNear)
        expect(isDenied(other, one, new Set(lacking))).toBe(false)
      }),
    )
  })
  it('is felt where AWS rounds the time of issue the other way', () => {
    const session = fc.sample(sessions, 1)[0] as Session
    const rounded = { ...session, issued: session.issued + 1000 }
    expect(isDenied(rounded, session, new Set(['aws:userid']))).toBe(true)
  })
  it('leaves room for 17 on a role, and for 58 of its user id alone', () => {
    const marks = { sourceIdentity: 'AAECAwQFBgcICQoLDA0ODw', request: fc.sample(sessions, 1)[0]?.request ?? '' }
    const { texts } = denyOf(`${ROLE}:lb-Pl29TQWYjcJ22zki-2`, { ...marks, attempt: 2, issued: ISSUED })
    expect(texts.map(({ document }) => Math.floor(10_240 / document.length))).toEqual([17, 58])
  })
})

/** What tells Alice's session from others, of a grant that says this. */
async function marked(granted: Partial<Said<'grant'>> = {}, access: Partial<typeof carefulAccess> = {}) {
  const plan = { access: { ...carefulAccess, ...access }, durations: [1800, 7200] }
  const { story, ...told } = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan })
  const { request, grant } = await grantedCase({ story, ...told }, 'alice', ['bob', 'carol'], 'bob', { seconds: 7200 })
  const counted = grantsIn(story.case(request)).find(({ id }) => id === grant.id) as Grant
  const statement = { ...counted.statement, payload: { ...grant.payload, ...granted } }
  return { ...marksOf({ ...counted, statement }, 7200), counted, asked: request.id }
}

describe('what tells a session from others', () => {
  it('is who asked for what, and its expiration less what was asked for', async () => {
    const { counted, asked, ...marks } = await marked()
    const { attempt, expires } = counted.statement.payload
    expect(marks).toEqual({
      sourceIdentity: person('alice').member,
      request: asked,
      attempt,
      issued: expires - 7_200_000,
    })
  })
  it('is its expiration less an hour where a role is on the way', async () => {
    const hour = ISSUED
    const chain = [{ roleArn: 'arn:aws:iam::123456789012:role/on-the-way' }]
    const { counted } = await marked({}, { chain })
    const skewMs = hour - counted.soonest
    const statement = { ...counted.statement, payload: { ...counted.statement.payload, expires: hour, skewMs } }
    expect(marksOf({ ...counted, statement }, 7200).issued).toBe(hour - 3_600_000)
  })
  it.each([
    [9, true],
    [-9, true],
    [11, false],
    [-11, false],
  ])('is no time of issue that is %s minutes from what its basis bears out: %s', async (minutes, isBorneOut) => {
    const { counted } = await marked()
    const { skewMs } = counted.statement.payload
    const { issued } = await marked({ expires: counted.soonest + skewMs + minutes * MINUTE })
    expect(issued !== null).toBe(isBorneOut)
  })
  it('is its user id alone where the time of issue is not borne out', () => {
    const marks = { sourceIdentity: 'a', request: 'b', attempt: 1, issued: null }
    expect(denyOf(`${ROLE}:lb-b-1`, marks).texts.map(({ means }) => means)).toEqual(['userid'])
  })
})
