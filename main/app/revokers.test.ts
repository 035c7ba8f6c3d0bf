import { expect, it } from 'vitest'
import type { Digest } from '../../shared/bytes.ts'
import { digestOf, person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import { carefulAccess } from '../../shared/testing/usual-plan.ts'
import type { Said } from '../../shared/testing/world.ts'
import { utcWords } from '../../shared/utc.ts'
import { revokerBytes } from '../issuers/aws/narrow.ts'
import type { Answer, Look, Ways } from '../sessions/revoker.ts'
import { TestTime } from '../sessions/testing/test-time.ts'
import type { Device } from './device.ts'
import { Notes } from './notes.ts'
import { denyingWords, Revokers } from './revokers.ts'

const MINUTE = 60_000
const DONE = { is: 'done', policy: 'lockbox-lb-1', means: 'userid-or-issued' } as const
const MARKS = { sourceIdentity: person('alice').member, request: digestOf('case'), attempt: 1, issued: null }

/** Bob's device issued Alice two sessions, and holds what may deny them. Its clock is ahead by so much since. What denies ends so long after them. */
async function holding(aheadMs = 0, outlivesMs = 60 * MINUTE, soonest = 0) {
  const { story, ...told } = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan: { access: carefulAccess } })
  const { grant } = await grantedCase({ story, ...told }, 'alice', ['bob', 'carol'], 'bob')
  const { grant: other } = await grantedCase({ story, ...told }, 'alice', ['bob', 'carol'], 'bob')
  const time = new TestTime(story.now)
  const began = story.now
  const puts: string[] = []
  const looks: Look[] = []
  const answers: Answer[] = []
  const takes: Answer[] = []
  const taken: number[] = []
  /** As which denies were written down. */
  const means: string[] = []
  const ways: Ways = {
    put: async () => {
      puts.push('put')
      return answers.shift() ?? DONE
    },
    look: async () => looks.shift() ?? { is: 'there' },
    takeAway: async () => {
      taken.push(time.clocks.wall)
      return takes.shift() ?? DONE
    },
    skew: async () => began + time.clocks.monotonic - time.clocks.wall,
  }
  const revokers = new Revokers(time, () => ways)
  time.jump(aheadMs)
  for (const statement of [grant, other]) {
    const expires = statement.payload.expires + outlivesMs
    const own = { request: statement.payload.request, grant: statement.id, revoker: revokerFor(expires), expires }
    revokers.hold(own, { statement, plan: told.plan.payload, soonest }, MARKS)
  }
  const device = {
    org: () => story.org(),
    case: (id: Digest) => story.case({ id }),
    clock: () => time.now(),
    notes: new Notes(() => time.now()),
  }
  const heed = async () => {
    revokers.heed(device)
    await new Promise((resolve) => setImmediate(resolve))
    return puts.length
  }
  /** Writes down what AWS has; whatever is named is not written. @returns of which grants it was. */
  const record = async (but?: Digest) => {
    const written: Digest[] = []
    const write = async (_: 'revoked', __: unknown, fields: Said<'revoked'> & { grant: Digest }) => {
      if (fields.grant === but) throw new Error('the disk failed')
      written.push(fields.grant)
      means.push(fields.means)
    }
    const pen = () => ({}) as ReturnType<Device['pen']>
    const author = { write: write as unknown as Device['author']['write'] }
    const records = revokers.records({ ...device, id: person('bob').device, pen, author, standing: { maySign: true } })
    await Promise.allSettled(records.map((each) => each()))
    return written
  }
  return { story, grant, other, heed, record, time, looks, answers, takes, taken, means, notes: device.notes, revokers }
}

function revokerFor(expiration: number) {
  return revokerBytes({
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    expiration,
    region: 'eu-central-1',
    roleName: 'lockbox-break-glass',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    sessionToken: 'FwoGZXIvYXdzEXAMPLETOKEN==',
    userId: 'AROAIOSFODNN7EXAMPLE:lb-1',
  })
}

it.each([0, 10 * 60 * MINUTE])(
  'denies what a custodian ordered to end, with a clock that is ahead by %s ms',
  async (ahead) => {
    const { story, grant, heed } = await holding(ahead)
    expect(await heed()).toBe(0)
    await story.revoke('dave', grant)
    expect(await heed()).toBe(1)
  },
)

it('writes down what AWS has of each session by itself, once', async () => {
  const { story, grant, other, heed, record } = await holding()
  for (const one of [grant, other]) await story.revoke('dave', one)
  expect(await heed()).toBe(2)
  expect(await record(grant.id)).toEqual([other.id])
  expect(await record()).toEqual([grant.id])
  expect(await record()).toEqual([])
})

it('writes down by what AWS tells a session from others', async () => {
  const { story, grant, other, heed, record, answers, means } = await holding()
  answers.push({ ...DONE, means: 'userid' })
  await story.revoke('dave', grant)
  await heed()
  await record()
  await story.revoke('dave', other)
  await heed()
  await record()
  expect(means).toEqual(['userid', 'userid-or-issued'])
})

it('puts a deny again that AWS no longer has, and tells its people so once', async () => {
  const { story, grant, heed, time, looks, notes, revokers } = await holding()
  await story.revoke('dave', grant)
  await heed()
  expect(denyingWords(revokers.stateOf(grant.id))).toBe('This device has denied it at AWS.')
  looks.push({ is: 'gone' }, { is: 'refused', words: 'AWS refused to read the deny back.' })
  await time.run(30_000)
  expect(await heed()).toBe(2)
  await heed()
  expect(notes.all().map(({ level, what }) => [level, what])).toEqual([
    ['danger', 'AWS no longer had what denies a session: lockbox-lb-1'],
  ])
  notes.dismiss(notes.all()[0]?.id ?? '')
  await time.run(30_000)
  await heed()
  expect(notes.all().map(({ what }) => what)).toEqual([
    'It cannot be seen whether AWS still denies a session: lockbox-lb-1',
  ])
  expect(denyingWords(revokers.stateOf(grant.id))).toContain('cannot see now whether that still holds: AWS refused')
})

it('says in red that a deny is not seen or not put again, each once, although the session counts as ended', async () => {
  const { story, grant, heed, time, looks, answers, notes } = await holding()
  await story.revoke('dave', grant)
  await heed()
  await story.revoked('bob', grant)
  await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
  expect(story.case({ id: grant.payload.request }).grant?.state).toBe('ended')
  const refused = { is: 'refused', words: 'AWS refused the revoker.' } as const
  const dangers = async () => {
    await time.run(30_000)
    await heed()
    const some = notes.all().filter(({ level }) => level === 'danger')
    for (const { id } of some) notes.dismiss(id)
    return some.map(({ what }) => what)
  }
  const UNSEEN = 'It cannot be seen whether AWS still denies a session: lockbox-lb-1'
  const UNPUT = 'AWS does not deny a session any more: lockbox-lb-1'
  looks.push(refused, refused, { is: 'there' }, refused)
  expect([await dangers(), await dangers(), await dangers(), await dangers()]).toEqual([[UNSEEN], [], [], [UNSEEN]])
  looks.push({ is: 'gone' })
  answers.push(...Array.from({ length: 9 }, () => refused))
  await time.run(30_000)
  await heed()
  const [told] = notes.all()
  expect(told).toMatchObject({ level: 'danger', what: UNPUT })
  expect(told?.means).toContain(`AWS refused the revoker.`)
  expect(told?.means).toContain(`dies by itself at ${utcWords(grant.payload.expires - grant.payload.skewMs)}`)
  expect(told?.todo).toContain('aws:userid is AROAIOSFODNN7EXAMPLE:lb-1')
})

it('never advises to delete what denies a session that may live when the revoker ends first', async () => {
  const { story, grant, heed, time, notes } = await holding(0, -10 * MINUTE)
  const { expires, skewMs } = grant.payload
  await story.revoke('dave', grant)
  await heed()
  await time.run(expires - skewMs - 9 * MINUTE - story.now)
  await heed()
  const [note, ...others] = notes.all()
  expect(others).toEqual([])
  expect(note).toMatchObject({
    level: 'danger',
    what: 'This device can no longer see or renew what denies a session: lockbox-lb-1',
  })
  expect(note?.means).toContain(`dies by itself at ${utcWords(expires - skewMs)}`)
  expect(note?.todo).toContain(
    `Do not delete that inline policy of the role before ${utcWords(expires - skewMs + 5 * MINUTE)}`,
  )
})

it('takes no deny away before its session can be over, whatever its issuing device says of that', async () => {
  const { grant: usual } = await holding()
  const soonest = usual.payload.expires + 60 * MINUTE
  const { story, grant, heed, time, taken } = await holding(0, 3 * 60 * MINUTE, soonest)
  await story.revoke('dave', grant)
  await heed()
  await time.run(soonest - 1000 - story.now)
  expect(taken).toEqual([])
  await time.run(2000)
  expect(taken).toHaveLength(1)
})

it('asks to delete what is left of a deny when its session is over', async () => {
  const { story, grant, heed, time, notes, takes } = await holding(0, 10 * MINUTE)
  await story.revoke('dave', grant)
  await heed()
  takes.push(...Array.from({ length: 99 }, () => ({ is: 'unreached', words: 'AWS could not be reached.' }) as const))
  await time.run(grant.payload.expires - grant.payload.skewMs + 11 * MINUTE - story.now)
  await heed()
  expect(notes.all().map(({ level, what }) => [level, what])).toEqual([
    ['attention', 'A policy may still be on the emergency role: lockbox-lb-1'],
  ])
})

const UNSEEN_AT_ALL = 'AWS was not seen to deny a session, and this device may not deny it any more: lockbox-lb-1'

it.each<[string, Answer[], Look[], string]>([
  ['that AWS refused as long as the revoker lived', [], [], 'The session may be used'],
  ['that was taken off the role and could not be put again', [DONE], [{ is: 'gone' }], 'AWS had it once'],
])('never says of a deny %s that it is there, when the revoker ends first', async (_, first, looked, words) => {
  const { story, grant, heed, time, notes, answers, looks } = await holding(0, -10 * MINUTE)
  const dies = grant.payload.expires - grant.payload.skewMs
  answers.push(...first, ...Array.from({ length: 99 }, () => ({ is: 'refused', words: 'AWS refused it.' }) as const))
  looks.push(...looked)
  await story.revoke('dave', grant)
  await heed()
  if (first.length > 0) await story.revoked('bob', grant)
  await time.run(dies - 9 * MINUTE - story.now)
  await heed()
  const told = notes.all().filter(({ what }) => what.includes('this device'))
  expect(told).toMatchObject([{ level: 'danger', what: UNSEEN_AT_ALL }])
  expect(told[0]?.means).toContain(words)
  expect(told[0]?.means).toContain(`may be used until it dies by itself at ${utcWords(dies)}`)
  expect(told[0]?.todo).toContain('denies everything where aws:userid is AROAIOSFODNN7EXAMPLE:lb-1')
})

it('says in red that an order which comes after the revoker’s end denies nothing, and nothing before that order', async () => {
  const { story, grant, heed, time, notes, revokers } = await holding(0, -10 * MINUTE)
  await heed()
  await time.run(grant.payload.expires - grant.payload.skewMs - 9 * MINUTE - story.now)
  expect(await heed()).toBe(0)
  expect(notes.all()).toEqual([])
  await story.revoke('dave', grant)
  await heed()
  await heed()
  expect(await heed()).toBe(0)
  expect(notes.all()).toMatchObject([{ level: 'danger', what: UNSEEN_AT_ALL }])
  expect(denyingWords(revokers.stateOf(grant.id))).toContain('may not deny it at AWS any more')
})

it('says nothing of a deny that nobody asked for where the revoker ended first and the session’s time came', async () => {
  const { story, grant, heed, time, notes } = await holding(0, -10 * MINUTE)
  const dies = grant.payload.expires - grant.payload.skewMs
  await heed()
  await time.run(dies + MINUTE - story.now)
  story.now = dies + MINUTE
  await story.end('alice', grant, { how: 'timer', confirmation: 'aws-refused' })
  await heed()
  expect(notes.all()).toEqual([])
})
