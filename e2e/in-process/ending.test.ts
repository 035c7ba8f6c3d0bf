import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { wasAnswered } from '../../main/app/answered.ts'
import { denialOf } from '../../main/issuers/aws/refused.ts'
import { parse } from '../../shared/statements/envelope.ts'
import type { Sandbox } from '../sandbox-aws/sandbox.ts'
import { sessionFromLines } from '../session-lines.ts'
import { expectNowhere, expectSame, ofKind } from './invariants.ts'
import { deskOf, forge, plugOf } from './mischief.ts'
import { approves, carryOn, caseOf, statementsOf } from './people.ts'
import { asking, type LocalSetting, newFour } from './stories.ts'
import { TestClock } from './test-clock.ts'
import type { LocalParty } from './world.ts'

/** The calls of IAM that deny, read back and take away. */
const iamCalls = ({ log }: Sandbox) => log.flatMap(({ action }) => (action?.includes('RolePolicy') ? [action] : []))

describe('a session that ends before its time', () => {
  let four: LocalSetting
  let sandbox: Sandbox
  let ana: LocalParty
  let raj: LocalParty
  let mia: LocalParty
  let leo: LocalParty
  const secrets: string[] = []
  beforeAll(async () => {
    four = await newFour({ revoker: true, sandbox: { propagationMs: 1000 } })
    sandbox = four.world.sandbox
    ;[ana, raj, mia, leo] = four.parties
  }, 120_000)
  afterEach(() => sandbox.setIamDown(false))
  afterAll(() => four.world.close())

  /** Ana has a session, and every custodian's app what may deny it. */
  async function granted() {
    const { id, reference } = await asking(four)
    await carryOn(
      [raj, leo].map((party) => ({ party, habits: [approves(reference)] })),
      (now) => caseOf(now, reference)?.grant != null,
    )
    await ana.until('the session', ({ sessions }) => sessions.some((one) => one.here && one.case === id))
    await ana.call.sessions.copy({ case: id, as: 'environment' })
    const session = sessionFromLines(ana.clipboard)
    secrets.push(session.secretAccessKey, session.sessionToken)
    for (const party of four.parties)
      await party.until('the aftercare', (now) =>
        caseOf(now, reference)?.timeline.some(({ kind }) => kind === 'aftercare'),
      )
    const grant = caseOf(await ana.snapshot(), reference)?.grant?.id ?? ''
    // Kept, so that it is known after a restart too.
    await expect.poll(() => wasAnswered(deskOf(ana).device, grant), { timeout: 30_000 }).toBe(true)
    const denial = async () => (await denialOf(session, sandbox.endpoints[session.region] as string)).is
    return { id, reference, grant, denial, accessKeyId: session.accessKeyId }
  }

  /** What is sealed to it has come: it needs nobody else to deny a session. */
  const hasBoxes = (party: LocalParty) =>
    party.until('its boxes', () => {
      const { device } = deskOf(party)
      const me = device.me()
      return me !== null && [...device.blobsOf(me)].every((blob) => device.shelf.has(blob))
    })

  const ended = (party: LocalParty, reference: string) =>
    party.until('the confirmed end', (now) => {
      const one = caseOf(now, reference)
      return one?.state === 'ended' && one
    })

  test('by “I am done” is denied by the issuing device, seen refused and confirmed; another session goes on', async () => {
    const [first, second] = [await granted(), await granted()]
    expect([await first.denial(), await second.denial()]).toEqual(['not-denied', 'not-denied'])
    expect(iamCalls(sandbox)).toEqual([])
    await ana.call.sessions.done({ case: first.id })
    await expect(ana.call.sessions.copy({ case: first.id, as: 'environment' })).rejects.toMatchObject({ code: 'over' })
    const one = await ended(leo, first.reference)
    expect(one.timeline.map(({ kind }) => kind).slice(-3)).toEqual(['ended', 'revoked', 'ended'])
    await ended(raj, first.reference)
    const ends = ofKind(await statementsOf(raj), 'ended').filter(({ payload }) => payload.request === first.id)
    expect(ends.map(({ payload }) => payload)).toMatchObject([
      { how: 'done', confirmation: 'none', wiped: false },
      { how: 'done', confirmation: 'aws-refused', wiped: true },
    ])
    expect([await first.denial(), await second.denial()]).toEqual(['denied', 'not-denied'])
    expect(iamCalls(sandbox)).toEqual(['PutRolePolicy', 'GetRolePolicy'])
    const revoked = ofKind(await statementsOf(raj), 'revoked')
    expect(revoked.map(({ payload }) => payload.means)).toEqual(['userid-or-issued'])
    // Whatever a round of the issuing device waits for, the deny does not.
    let goOn = (): void => undefined
    const hanging = new Promise<void>((resolve) => (goOn = resolve))
    const turn = vi.spyOn(deskOf(mia).notary, 'turn').mockReturnValueOnce(hanging)
    await mia.until('a round that hangs', () => turn.mock.calls.length > 0)
    await ana.call.sessions.done({ case: second.id })
    await mia.until('the second deny', () => iamCalls(sandbox).length === 4)
    expect(turn).toHaveBeenCalledTimes(1)
    goOn()
    await ended(raj, second.reference)
    turn.mockRestore()
  })

  test('by a custodian’s order is denied by that custodian’s app although the issuing device is off', async () => {
    const { id, reference, grant, denial } = await granted()
    await hasBoxes(raj)
    await mia.kill()
    const asked = await raj.call.cases.revoke({ request: id, grant, reason: 'that is not Ana’s voice' })
    expect(asked.sentence).toContain('This app tells AWS to deny it')
    await raj.sign(Promise.resolve(asked))
    const one = await ended(leo, reference)
    expect(one.findings).toContain('A custodian ordered the end of the session before its time.')
    expect(await denial()).toBe('denied')
    await ended(raj, reference)
    const ends = ofKind(await statementsOf(raj), 'ended').filter(({ payload }) => payload.request === id)
    expect(ends.map(({ payload }) => payload.how)).toEqual(['revoked', 'revoked'])
    const [revoked] = ofKind(await statementsOf(raj), 'revoked').slice(-1)
    expect(revoked?.payload).toMatchObject({ member: (await raj.snapshot()).me?.member, means: 'userid-or-issued' })
    await mia.revive()
    // What is said of its end keeps nobody from ordering it once more, as long as it might live.
    await expect(leo.call.cases.revoke({ request: id, grant, reason: '' })).resolves.toHaveProperty('sentence')
  })

  test('stays “ending” while IAM cannot be reached, says when it dies by itself, and is confirmed once it can', async () => {
    const { id, reference, denial } = await granted()
    await sandbox.setIamDown(true)
    await ana.call.sessions.done({ case: id })
    const says = await mia.until('what its device does', (now) => {
      const [ending] = caseOf(now, reference)?.endings ?? []
      return ending?.here?.startsWith('This device could not deny it') && ending
    })
    expect(says).toMatchObject({ denied: false })
    const headline = /^The session is ending; not yet confirmed\. It dies by itself in 1\d min/
    await leo.until('what Ana’s app said', (now) => headline.test(caseOf(now, reference)?.headline ?? ''))
    const [view] = (await ana.snapshot()).sessions
    expect(view).toMatchObject({ state: 'ending', here: false })
    expect(await denial()).toBe('not-denied')
    // A lock does not stop what is under way; what AWS has is written down after it, and until then Ana's word stands alone.
    await mia.call.vault.lock()
    await sandbox.setIamDown(false)
    const alone = await leo.until('the end that Ana’s app saw', (now) => {
      const found = caseOf(now, reference)
      return found?.endings.some(({ says }) => says !== null) && found
    })
    expect(alone).toMatchObject({
      state: 'ending',
      headline: expect.stringMatching(/^The session has ended, as .+ says; not yet confirmed\./) as string,
    })
    expect(await denial()).toBe('denied')
    await mia.unlock()
    await mia.until('what AWS has, written down', (now) =>
      caseOf(now, reference)?.timeline.some(({ kind }) => kind === 'revoked'),
    )
    await ended(leo, reference)
  })

  test('is ended as if nobody could deny it where the issuing device was killed before it could make a revoker', async () => {
    const { id, reference } = await asking(four)
    deskOf(mia).device.store.onAccepted(({ kind }) => void (kind === 'handover' && mia.kill()))
    await carryOn(
      [raj, leo].map((party) => ({ party, habits: [approves(reference)] })),
      () => mia.isDead,
    )
    await mia.revive()
    await ana.until('the session', ({ sessions }) => sessions.some((one) => one.here && one.case === id))
    const one = await ana.until('what lacks', (now) => {
      const found = caseOf(now, reference)
      return found?.timeline.some(({ kind }) => kind === 'aftercare') && found
    })
    expect(one.timeline.at(-1)?.says).toContain('Lockbox was locked or stopped on the issuing device')
    expect(one.findings.some((words) => words.startsWith('Not all is there'))).toBe(true)
    expect((await ana.snapshot()).sessions.find((each) => each.case === id)?.deniable).toBe(false)
    await ana.call.sessions.done({ case: id })
    const [ended] = ofKind(await statementsOf(ana), 'ended').slice(-1)
    expect(ended?.payload).toMatchObject({ how: 'done', confirmation: 'none', wiped: true })
  })

  test('by an order is ended where another grant of its case counts since', async () => {
    const { id, grant, accessKeyId } = await granted()
    const genuine = ofKind(await statementsOf(mia), 'grant').find((one) => one.id === grant)
    const handover = ofKind(await statementsOf(ana), 'handover').find(({ payload }) => payload.grant === grant)
    if (genuine === undefined || handover === undefined) throw new TypeError('expected a grant that was handed over')
    // Mia's device says of the same attempt that it gave something else; of the two the lower id counts.
    const { request, attempt, expires, skewMs, endpoint, witness, basis } = genuine.payload
    const fields = { request, attempt, expires, skewMs, endpoint, witness, basis }
    let other = forge(mia, 'grant', { ...fields, accessKeyId: 'ASIAOTHEREXAMPLE0000' })
    for (let at = 1; parse(other).id > grant; at++)
      other = forge(mia, 'grant', { ...fields, accessKeyId: `ASIAOTHEREXAMPLE${String(at).padStart(4, '0')}` })
    await plugOf(mia).sendRaw(other)
    await hasBoxes(raj)
    await mia.kill()
    await ana.until('the other grant', () => deskOf(ana).device.case(id)?.grant?.id === parse(other).id)
    expect((await ana.snapshot()).sessions.find((one) => one.case === id)).toMatchObject({ accessKeyId, here: true })
    expect(deskOf(ana).device.shelf.has(handover.payload.sealed)).toBe(true)
    await raj.sign(raj.call.cases.revoke({ request: id, grant, reason: 'that is not Ana’s voice' }))
    await ana.until('the end that AWS confirmed', () => {
      const [surplus] = deskOf(ana).device.case(id)?.surplus ?? []
      return surplus?.ends.some(({ payload }) => payload.wiped && payload.confirmation === 'aws-refused')
    })
    await ana.until('its handover gone', () => !deskOf(ana).device.shelf.has(handover.payload.sealed))
    await mia.revive()
  })

  test('is asked about again after the requester’s app was killed, and leaves no secret on any disk', async () => {
    const { id, reference } = await granted()
    await plugOf(ana).plug(false)
    await ana.call.sessions.done({ case: id })
    await ana.kill()
    await ana.revive()
    const one = await ended(leo, reference)
    expect(one.grant?.confirmed).toBe(true)
    await expectNowhere(four.world.dir, secrets)
    await expectSame(four.parties)
  })
})

/** Ana has a session and is done with it, at a server like this. */
async function done(four: LocalSetting) {
  const [ana, raj, , leo] = four.parties
  const { sandbox } = four.world
  const { id, reference } = await asking(four)
  await carryOn(
    [raj, leo].map((party) => ({ party, habits: [approves(reference)] })),
    (now) => caseOf(now, reference)?.timeline.some(({ kind }) => kind === 'aftercare') ?? false,
  )
  await ana.until('AWS asked before', () => sandbox.log.some(({ action }) => action === 'GetAccessKeyInfo'))
  await ana.call.sessions.done({ case: id })
  return { id, reference }
}

describe('a session at a server that is less than AWS', () => {
  let four: LocalSetting
  afterEach(() => four.world.close())

  test.each([
    ['does not heed user ids', { withoutKeys: ['aws:userid'] }, 'userid-or-issued'],
    ['refuses times in conditions', { withoutOperators: ['DateGreaterThanEquals'] }, 'userid'],
  ])(
    'and %s is ended all the same, and the record says by what',
    async (_, sandbox, means) => {
      four = await newFour({ revoker: true, sandbox })
      const { reference } = await done(four)
      const [, raj] = four.parties
      const one = await raj.until('the confirmed end', (now) => {
        const found = caseOf(now, reference)
        return found?.state === 'ended' && found
      })
      const [revoked] = ofKind(await statementsOf(raj), 'revoked')
      expect(revoked?.payload.means).toBe(means)
      const says = means === 'userid' ? 'by its user id alone' : 'by its user id, or else by who asked'
      expect(one.timeline.find(({ kind }) => kind === 'revoked')?.says).toContain(says)
    },
    120_000,
  )
})

describe('a session at a server that heeds no condition', () => {
  let four: LocalSetting
  beforeAll(async () => {
    four = await newFour({ revoker: true, sandbox: { withoutConditions: true } })
  }, 120_000)
  afterAll(() => four.world.close())

  test('is said to be refused when another one was ended, although nobody ended it', async () => {
    const [ana, raj, , leo] = four.parties
    const { id, reference } = await asking(four)
    await carryOn(
      [raj, leo].map((party) => ({ party, habits: [approves(reference)] })),
      (now) => caseOf(now, reference)?.grant != null,
    )
    await ana.until('that it was answered', () => deskOf(ana).device.case(id)?.grant != null && isAnswered(four))
    const other = await done(four)
    const note = await ana.until('that it is refused', ({ notes }) =>
      notes.find(({ what }) => what === 'AWS refuses your session for prod-root, and nobody ended it'),
    )
    const [revoked] = ofKind(await statementsOf(ana), 'revoked')
    expect(revoked?.payload.request).toBe(other.id)
    expect(note.level).toBe('danger')
    expect(note.means).toContain(revoked?.payload.policy)
    const { sessions, cases } = await ana.snapshot()
    const session = sessions.find((one) => one.case === id)
    expect([session?.here, session?.state]).toEqual([true, 'refused'])
    expect(session?.says).toContain('what denies another one hits it too')
    expect(cases.find((one) => one.id === id)?.endings).toEqual([])
  })
})

/** Whether AWS answered a session when it was asked whether it denies it. */
function isAnswered({ sandbox }: LocalSetting): boolean {
  return sandbox.log.some(({ action, status }) => action === 'GetAccessKeyInfo' && status === 200)
}

describe('a session at a server that does not heed the deny', () => {
  const clock = new TestClock()
  let four: LocalSetting
  beforeAll(async () => {
    four = await newFour({ revoker: true, clock, sandbox: { withoutKeys: ['aws:userid', 'aws:TokenIssueTime'] } })
  }, 120_000)
  afterAll(() => four.world.close())

  test('is said to live on although AWS has the deny; its policy is taken away five minutes after its end', async () => {
    const [ana, raj, , leo] = four.parties
    const { sandbox } = four.world
    const { reference } = await done(four)
    await raj.until('the deny', (now) => caseOf(now, reference)?.endings.some(({ denied }) => denied))
    const session = await ana.until('that it is not heeded', (now) => {
      clock.pass(5000)
      const [one] = now.sessions
      return one?.state === 'cannot-confirm' && one
    })
    expect(session.says).toContain('AWS has the deny and does not honour it')
    await leo.until('that it ends', (now) => caseOf(now, reference)?.state === 'ending')
    // Looked at as long as it has to be there, and put once, for nobody took it away.
    expect(iamCalls(sandbox).filter((action) => action !== 'GetRolePolicy')).toEqual(['PutRolePolicy'])
    clock.pass(14 * 60_000)
    await ana.until('its own end', (now) => {
      clock.pass(1000)
      return caseOf(now, reference)?.state === 'ended'
    })
    clock.pass(6 * 60_000)
    await leo.until('the policy taken away', () => {
      clock.pass(5000)
      return iamCalls(sandbox).at(-1) === 'DeleteRolePolicy'
    })
  })
})
