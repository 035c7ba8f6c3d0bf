import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import type { Kind } from '../statements/kinds.ts'
import { grantedCase } from '../testing/setup.ts'
import { noWords } from '../verify/testing/checks.ts'
import { PEOPLE } from '../verify/testing/exported.ts'
import { entriesIn, reportOn } from '../verify/testing/reading.ts'
import type { OutletEvent } from './event.ts'
import { Counted } from './from-report.ts'
import { drill, drillBundle, liveEvents, TYPED } from './testing/drill.ts'

const story = await drill()
const live = liveEvents(story)
const of = (kind: string) => live.filter((event) => event.kind === kind)
const one = (kind: string) => of(kind)[0] as OutletEvent

describe('the event of a statement', () => {
  it('there is one for each statement, at its place in the ledger', () => {
    expect(live.map(({ id, position }) => [position, id])).toEqual(story.statements.map(({ id }, at) => [at, id]))
  })

  it('says who, with which device and hardware key, and that the key verified its user', () => {
    const [request, release] = [one('request'), one('release')]
    expect(request).toMatchObject({ person: 'alice', userVerified: true, inForce: true, outcome: 'done' })
    expect([request.deviceName, request.key, request.keyName]).not.toContain(null)
    expect(release).toMatchObject({ person: 'bob', key: null, keyName: null, userVerified: false })
  })

  it('everything in a case names case, purpose, plan, role and who asked', () => {
    const { id } = one('request')
    for (const kind of ['request', 'decision', 'failed', 'grant', 'ended'])
      expect(one(kind)).toMatchObject({
        case: id,
        purpose: 'drill',
        requesterName: 'alice',
        planName: TYPED.plan,
        account: expect.stringMatching(/^arn:aws:iam::/) as string,
        reference: TYPED.reference,
      })
  })

  it('what could not be made for the time after a grant is said, and asks for attention', () => {
    expect(one('aftercare')).toMatchObject({ level: 'medium', reason: TYPED.lacks, of: one('grant').id })
  })

  it('a handover asks for attention in a rotation alone, whose session nobody is to have', async () => {
    const told = await drill()
    const first = <K extends Kind>(kind: K) => told.statements.find((one) => one.kind === kind) as VerifiedOf<K>
    const basis = { story: told, plan: first('plan'), deposit: first('deposit'), people: PEOPLE }
    const { grant } = await grantedCase(basis, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    await told.handOver('bob', grant)
    const handed = liveEvents(told).filter(({ kind }) => kind === 'handover')
    expect(handed.map(({ purpose, level }) => [purpose, level])).toEqual([
      ['drill', 'informational'],
      ['rotation', 'high'],
    ])
  })

  it('a decision that breaks a rule is refused, and says which', () => {
    const own = of('decision').find(({ person }) => person === 'alice')
    expect(own).toMatchObject({ outcome: 'refused', rule: 'own-request', level: 'medium' })
  })

  it('what failed, what began and what is over are told apart', () => {
    expect(one('failed')).toMatchObject({ outcome: 'failed', code: 'sts-unreachable' })
    expect(one('issuing').outcome).toBe('unknown')
    expect(one('ended')).toMatchObject({ outcome: 'done', code: 'revoked', confirmation: 'aws-refused' })
    expect([one('revoke').outcome, one('rotating').outcome]).toEqual(['unknown', 'unknown'])
    expect(one('revoked')).toMatchObject({ outcome: 'done', code: 'userid', of: one('grant').id })
    expect(one('rotated')).toMatchObject({ outcome: 'done', code: 'deleted', accessKeyId: 'AKIAEXAMPLEEXAMPLE00' })
  })

  it('an endorsement says what it endorses', () => {
    expect(of('endorsement').map(({ says }) => says)).toEqual(
      expect.arrayContaining(['endorsed the roster', 'endorsed the plan', 'endorsed the deposit']),
    )
  })

  it('from a bundle the same comes out as live, but for when this device heard of it', async () => {
    const bytes = await drillBundle(story)
    const counted = new Counted(new Set(story.statements.map(({ id }) => id)))
    const report = await reportOn(bytes, noWords, counted)
    if (report.verdict !== 'verified') throw new Error(`expected a verified bundle: ${JSON.stringify(report.first)}`)
    counted.takeActs(report.log)
    const events = counted.events(report)
    const entries = await entriesIn(bytes)
    expect([events.count, events.numberOf(entries.size)]).toEqual([entries.size, -1])
    const fromFile = [...entries]
      .sort(([a], [b]) => a - b)
      .map(([at, envelope]) => events.event(events.numberOf(at), envelope))
    expect(fromFile).toEqual(live.map((event) => ({ ...event, heard: null })))
    // A file that was exchanged for another one meanwhile says nothing that was not verified.
    const [one, other] = [...entries.values()]
    const at = events.numberOf([...entries.keys()][0] ?? -1)
    if (one === undefined || other === undefined) throw new Error('expected two entries')
    expect(events.event(at, one)).toBeDefined()
    expect(() => events.event(at, other)).toThrow('the file changed')
  })
})
