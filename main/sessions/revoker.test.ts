import { beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type HeldRevoker, holdRevoker, type Look, type RevokerState } from './revoker.ts'
import { TestTime } from './testing/test-time.ts'

const MINUTE = 60_000
const NOON = Date.UTC(2026, 10, 23, 12)
const DONE = { is: 'done', policy: 'lockbox-lb-1', means: 'userid-or-issued' } as const
const NO_WAY = { is: 'unreached', words: 'AWS could not be reached to deny the session.' } as const

let time: TestTime
let calls: string[]
let puts: Answer[]
let takes: Answer[]
let looks: Look[]
/** When AWS was asked whether it still has the deny, seconds. */
let looked: number[]
/** As which it was looked for. */
let lookedFor: string[]
/** AWS's clock: at noon when a test begins, whatever this device's own says. Null if nobody can be asked. */
let aws: (() => number) | null
let asked: number
let bytes: Uint8Array
let held: HeldRevoker

beforeEach(() => {
  time = new TestTime(NOON)
  calls = []
  puts = []
  takes = []
  looks = []
  looked = []
  lookedFor = []
  asked = 0
  aws = () => NOON + time.clocks.monotonic
  bytes = Uint8Array.of(1, 2, 3)
  held = hold()
})

/** Its session ends after 30 minutes, so it settles after 35; the revoker itself ends after 90, unless told otherwise. */
function hold(skewMs = 0, endsAfterMs = 90 * MINUTE): HeldRevoker {
  const note = (what: string, answer: Answer) => {
    calls.push(`${what} at ${time.clocks.monotonic / 1000} s`)
    return Promise.resolve(answer)
  }
  const [settles, expires] = [NOON + 35 * MINUTE, NOON + endsAfterMs]
  const parts = { revoker: bytes, expires, settles, skewMs, policy: 'lockbox-lb-1' }
  const ways = {
    put: () => note('put', puts.shift() ?? DONE),
    look: (_: Uint8Array, means: string) => {
      lookedFor.push(means)
      looked.push(time.clocks.monotonic / 1000)
      return Promise.resolve(looks.shift() ?? { is: 'there' as const })
    },
    takeAway: () => note('take away', takes.shift() ?? DONE),
    skew: () => {
      asked++
      return Promise.resolve(aws === null ? null : aws() - time.clocks.wall)
    },
  }
  return holdRevoker(parts, ways, time, () => undefined)
}

/** Lets what was asked be answered before the clock moves. */
const answered = () => new Promise((resolve) => setImmediate(resolve))
const isWiped = () => bytes.every((byte) => byte === 0)

describe('a revoker that nobody needs', () => {
  it('asks AWS for its clock alone, and is wiped when its session is long over', async () => {
    await time.run(34 * MINUTE)
    expect(isWiped()).toBe(false)
    await time.run(2 * MINUTE)
    expect(held.state()).toEqual({ is: 'over', left: null, seen: false, mayLive: false })
    expect([isWiped(), calls, time.waiting]).toEqual([true, [], []])
  })
  it('takes away what somebody else has put', async () => {
    held.noted()
    await time.run(36 * MINUTE)
    expect(calls).toEqual(['take away at 2100 s'])
  })
  it('denies nothing any more when its session is long over', async () => {
    await time.run(36 * MINUTE)
    held.deny()
    await time.run(MINUTE)
    expect(calls).toEqual([])
  })
})

describe('a deny', () => {
  it('is put once, and taken away five minutes after the session', async () => {
    await time.run(10_000)
    held.deny()
    held.deny()
    await answered()
    expect(held.state()).toEqual<RevokerState>({ ...DONE, is: 'denied', at: NOON + 10_000, says: null })
    held.deny()
    await time.run(36 * MINUTE)
    expect(calls).toEqual(['put at 10 s', 'take away at 2100 s'])
    expect([held.state().is, isWiped()]).toEqual(['over', true])
  })
  it('is tried again until AWS has it, more and more slowly, and says why it is not there', async () => {
    puts = Array.from({ length: 8 }, () => NO_WAY)
    held.deny()
    await answered()
    await time.run(1000)
    expect(held.state()).toEqual({
      is: 'denying',
      since: NOON,
      tries: 2,
      says: NO_WAY.words,
    })
    await time.run(2 * MINUTE)
    expect(calls.map((call) => call.slice('put at '.length))).toEqual(
      [0, 1, 3, 7, 15, 30, 60, 90, 120].map((seconds) => `${seconds} s`),
    )
    expect(held.state().is).toBe('denied')
  })
  it('that was never answered is taken away all the same, for it may be there', async () => {
    puts = Array.from({ length: 500 }, () => NO_WAY)
    held.deny()
    await time.run(36 * MINUTE)
    expect(calls.at(-1)).toMatch(/^take away/)
    expect(held.state()).toEqual({ is: 'over', left: null, seen: false, mayLive: false })
  })
  it('stays while AWS’s own clock says that the session may live', async () => {
    aws = () => NOON + time.clocks.monotonic - 15 * MINUTE
    held.deny()
    await time.run(49 * MINUTE)
    expect(calls).toEqual(['put at 0 s'])
    await time.run(2 * MINUTE)
    expect(calls).toEqual(['put at 0 s', 'take away at 3000 s'])
  })
  it('that cannot be taken away before the revoker ends is named', async () => {
    takes = Array.from({ length: 500 }, () => NO_WAY)
    held.deny()
    await time.run(96 * MINUTE)
    expect(held.state()).toEqual({ is: 'over', left: 'lockbox-lb-1', seen: true, mayLive: false })
    expect([isWiped(), time.waiting]).toEqual([true, []])
  })
  it('that outlives its revoker is left there, and named as what a living session is denied by', async () => {
    held.close()
    held = hold(0, 20 * MINUTE)
    held.deny()
    await time.run(21 * MINUTE)
    expect(held.state()).toEqual({ is: 'over', left: 'lockbox-lb-1', seen: true, mayLive: true })
    expect([isWiped(), calls]).toEqual([true, ['put at 0 s']])
  })
  it.each<[string, Answer[], Look[]]>([
    ['that AWS refused for as long as its revoker lived', [], []],
    ['that AWS gave up and did not take again before its revoker ended', [DONE], [{ is: 'gone' }]],
  ])('%s is not said to be there, though it may be', async (_, first, looked) => {
    held.close()
    held = hold(0, 20 * MINUTE)
    puts = [...first, ...Array.from({ length: 99 }, (): Answer => ({ is: 'refused', words: 'AWS refused it.' }))]
    looks = looked
    held.deny()
    await time.run(21 * MINUTE)
    expect(held.state()).toEqual({ is: 'over', left: 'lockbox-lb-1', seen: false, mayLive: true })
  })
  it('ends with the app: wiped at once, also while AWS is being asked', async () => {
    held.deny()
    held.close()
    expect([held.state().is, isWiped()]).toEqual(['over', true])
    await time.run(MINUTE)
    expect([held.state().is, time.waiting]).toEqual(['over', []])
  })
})

describe('a deny that AWS has', () => {
  const lost: Look = { is: 'gone' }
  it('is looked at every 30 seconds until it is taken away, and left alone while it is there', async () => {
    held.deny()
    await answered()
    await time.run(40 * MINUTE)
    expect(looked).toEqual(Array.from({ length: 69 }, (_, at) => 30 * (at + 1)))
    expect([calls, held.lost()]).toEqual([['put at 0 s', 'take away at 2100 s'], 0])
  })
  it('is put again when somebody took it off the role, each time, and says so', async () => {
    looks = [{ is: 'there' }, lost, lost]
    held.deny()
    await answered()
    await time.run(61_000)
    expect(held.state()).toMatchObject({ is: 'denied', at: NOON + MINUTE })
    await time.run(MINUTE)
    expect([calls, held.lost()]).toEqual([['put at 0 s', 'put at 60 s', 'put at 90 s'], 2])
  })
  it('is looked for as it was put last', async () => {
    puts = [DONE, { ...DONE, means: 'userid' }]
    looks = [{ is: 'there' }, lost]
    held.deny()
    await answered()
    await time.run(91_000)
    expect(lookedFor).toEqual(['userid-or-issued', 'userid-or-issued', 'userid'])
    expect(held.state()).toMatchObject({ is: 'denied', means: 'userid' })
  })
  it('is tried for like the first time when it cannot be put again at once', async () => {
    looks = [lost]
    puts = [DONE, NO_WAY, NO_WAY]
    held.deny()
    await answered()
    await time.run(30_000)
    expect(held.state()).toEqual({ is: 'denying', since: NOON + 30_000, tries: 1, says: NO_WAY.words })
    await time.run(5000)
    expect(calls).toEqual(['put at 0 s', 'put at 30 s', 'put at 31 s', 'put at 33 s'])
    expect(held.state().is).toBe('denied')
  })
  it('is not put again because it could not be read, which is said until it can', async () => {
    looks = [{ is: 'refused', words: 'AWS refused to read the deny back.' }]
    held.deny()
    await answered()
    await time.run(31_000)
    expect(held.state()).toMatchObject({ is: 'denied', says: 'AWS refused to read the deny back.' })
    await time.run(30_000)
    expect(held.state()).toMatchObject({ is: 'denied', says: null })
    expect(calls).toEqual(['put at 0 s'])
  })
  it('is not put again, nor missed, when another took it away in time', async () => {
    // This device's clock is slow by a minute: by AWS's the session is long over.
    aws = () => NOON + time.clocks.monotonic + MINUTE
    looks = Array.from({ length: 68 }, (_, at) => ({ is: at < 67 ? 'there' : 'gone' }) as const)
    held.deny()
    await answered()
    await time.run(36 * MINUTE)
    expect(calls).toEqual(['put at 0 s', 'take away at 2070 s'])
    expect(held.lost()).toBe(0)
  })
  it('is not looked at by an app that ends', async () => {
    held.deny()
    await answered()
    await time.run(MINUTE)
    held.close()
    await time.run(5 * MINUTE)
    expect([looked, time.waiting]).toEqual([[30, 60], []])
  })
})

describe('a clock of this device that is ahead', () => {
  const AHEAD = 5 * 60 * MINUTE
  it('throws nothing away that is held, and asks AWS no more than it must', async () => {
    time.jump(AHEAD)
    await time.run(10 * MINUTE)
    expect([held.state().is, isWiped()]).toEqual(['held', false])
    expect(asked).toBe(1)
    held.deny()
    await answered()
    expect(held.state().is).toBe('denied')
    await time.run(26 * MINUTE)
    expect(calls).toEqual(['put at 600 s', 'take away at 2100 s'])
    expect(isWiped()).toBe(true)
  })
  it('does not stop the trying', async () => {
    puts = Array.from({ length: 6 }, () => NO_WAY)
    held.deny()
    await answered()
    time.jump(AHEAD)
    await time.run(2 * MINUTE)
    expect([held.state().is, calls.length]).toEqual(['denied', 7])
  })
  it('does not stop the trying where AWS’s clock cannot be had either', async () => {
    aws = null
    puts = Array.from({ length: 6 }, () => NO_WAY)
    time.jump(AHEAD)
    held.deny()
    await time.run(2 * MINUTE)
    expect([held.state().is, calls.length]).toEqual(['denied', 7])
  })
  it('that was measured when the session was issued is reckoned with', async () => {
    held.close()
    time.jump(AHEAD)
    held = hold(-AHEAD)
    await time.run(34 * MINUTE)
    expect([held.state().is, asked]).toEqual(['held', 0])
    await time.run(2 * MINUTE)
    expect([held.state().is, asked]).toEqual(['over', 1])
  })
})

describe('a clock of this device that is set back', () => {
  it('keeps nothing longer than the session: AWS is asked when so much time has passed here', async () => {
    held.deny()
    await time.run(10 * MINUTE)
    time.jump(-20 * 60 * MINUTE)
    await time.run(26 * MINUTE)
    expect(calls).toEqual(['put at 0 s', 'take away at 2100 s'])
  })
})

describe('where nobody tells what time it is', () => {
  it('a revoker is held for as long as AWS lets any session of a role live', async () => {
    aws = null
    held.deny()
    await time.run(12 * 60 * MINUTE - MINUTE)
    expect([held.state().is, isWiped()]).toEqual(['denied', false])
    await time.run(2 * MINUTE)
    expect([held.state(), isWiped(), time.waiting]).toEqual([
      { is: 'over', left: 'lockbox-lb-1', seen: true, mayLive: false },
      true,
      [],
    ])
  })
})
