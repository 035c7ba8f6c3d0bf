import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAccountedFor, expectRecordedBefore, expectSame } from './invariants.ts'
import { fourToKill, killAlong } from './kills.ts'
import { deskOf } from './mischief.ts'
import { approves, asks, carryOn, caseOf, isDone } from './people.ts'
import { issuing, type LocalSetting } from './stories.ts'

describe('an issue, whoever’s app is killed between two durable steps,', () => {
  let four: LocalSetting
  beforeAll(async () => {
    four = await fourToKill()
  }, 120_000)
  afterAll(() => four.world.close())

  /**
   * A story up to the grant, at which the issuing device dies: it told nobody of the handover, which is on its disk as well, or not:
   * of what a disk writes at once a crash may leave the first alone.
   */
  const untilGranted = async (onDisk: 'both' | 'the grant alone') => {
    const { people } = await issuing(four)
    const [ana, , mia] = four.parties
    const { author, store } = deskOf(mia).device
    if (onDisk === 'the grant alone')
      author.writeBoth = async (pen, [kind, fields], _handover, once) => ({
        first: await author.write(kind, pen, fields, once),
        second: new Promise(() => undefined),
      })
    store.onAccepted(({ kind }) => void (kind === 'grant' && mia.kill()))
    await carryOn(
      people.filter(({ party }) => party !== mia),
      () => mia.isDead,
    )
    const { cases } = await ana.snapshot()
    return { mia, reference: cases[0]?.reference ?? '' }
  }

  test('goes on when the issuing device was killed: to a grant, and every session is accounted for', async () => {
    expect(await killAlong(four, four.parties[2], issuing, 2)).toBeGreaterThanOrEqual(7)
  }, 900_000)

  test('goes on when a custodian’s app was killed: the share is fetched by another touch', async () => {
    expect(await killAlong(four, four.parties[1], issuing, 4)).toBeGreaterThanOrEqual(3)
  }, 600_000)

  test('goes on when the requester’s app was killed: the session is opened again from its handover', async () => {
    expect(await killAlong(four, four.parties[0], issuing, 4)).toBeGreaterThanOrEqual(3)
  }, 600_000)

  test.each(['both', 'the grant alone'] as const)(
    'hands over after the restart what was granted just before the issuing device was killed, with %s on its disk',
    async (onDisk) => {
      await four.world.rewind()
      const { reference } = await untilGranted(onDisk)
      await carryOn([{ party: four.parties[2], habits: [] }], (now) => caseOf(now, reference)?.grant != null)
      const [ana] = four.parties
      await ana.until('the session', ({ sessions }) => sessions.some(({ here }) => here))
      await isDone(ana, await ana.snapshot())
      const kinds = caseOf(await ana.snapshot(), reference)?.timeline.map(({ kind }) => kind)
      expect(kinds?.slice(-3)).toEqual(['grant', 'handover', 'ended'])
    },
  )

  test('ends as lost when the disk of the issuing device kept the grant alone, and the sealed session is gone from it', async () => {
    await four.world.rewind()
    const { reference, mia } = await untilGranted('the grant alone')
    await rm(join(mia.profileDir, 'vault', 'blobs'), { recursive: true })
    await mia.revive()
    const [ana] = four.parties
    const one = await ana.until('the end', (now) => {
      const found = caseOf(now, reference)
      return found?.state === 'ending' && found
    })
    expect(one.timeline.map(({ kind }) => kind)).not.toContain('handover')
    expect(one.timeline.at(-1)?.says).toMatch(
      /^ended the session \(the session was not in memory any more; not confirmed/,
    )
    expect((await ana.snapshot()).sessions.filter(({ here }) => here)).toEqual([])
  })

  test('says that a session may exist when the issuing device was killed while AWS was asked, and issues once more', async () => {
    await four.world.rewind()
    const { sandbox } = four.world
    const { plan, parties } = four
    const [ana, raj, mia, leo] = parties
    const reference = 'INC-DURING'
    sandbox.fault({ kind: 'late', ms: 1500 }, { action: 'AssumeRole' })
    const logged = sandbox.log.length
    const people = [
      { party: ana, habits: [asks({ plan, reference })] },
      { party: raj, habits: [approves(reference)] },
      { party: leo, habits: [approves(reference)] },
    ]
    await carryOn(people, () => sandbox.log.slice(logged).some(({ action }) => action === 'AssumeRole'))
    await mia.kill()
    for (const party of [ana, raj, leo]) {
      const one = await party.until('that it is being issued', (now) => {
        const found = caseOf(now, reference)
        return found?.state === 'issuing' && found
      })
      expect(one.headline).toBe('Mia’s device is using the credential; a session may exist')
    }
    await delay(1600)
    const isHere = ({ sessions }: { sessions: readonly { here: boolean }[] }) => sessions.some(({ here }) => here)
    await carryOn([...people, { party: mia, habits: [] }], (snapshot) => caseOf(snapshot, reference)?.grant !== null)
    await ana.until('the session', isHere)
    const one = caseOf(await raj.snapshot(), reference)
    expect(one?.timeline.filter(({ kind }) => kind === 'failed').map(({ says }) => says)).toEqual([
      'could not issue: Lockbox was stopped on the issuing device while the credential was in use. A session may exist all the same.',
    ])
    expect(one?.findings).toContain(
      'An issuing device used the credential and did not say how it went. A session may exist until its time is over.',
    )
    expect(one?.findings.some((words) => words.startsWith('A second session'))).toBe(false)
    await carryOn([{ party: ana, habits: [isDone] }], (snapshot) => !isHere(snapshot))
    const statements = await expectSame(parties)
    expectRecordedBefore(sandbox.log.slice(logged), statements)
    expectAccountedFor(sandbox.log.slice(logged), statements)
  }, 120_000)
})
