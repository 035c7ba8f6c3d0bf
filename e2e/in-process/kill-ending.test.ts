import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Statement } from '../../shared/statements/envelope.ts'
import type { Sandbox } from '../sandbox-aws/sandbox.ts'
import { ofKind } from './invariants.ts'
import { fourToKill, killAlong } from './kills.ts'
import { approves, asks, caseOf, type Habit } from './people.ts'
import type { LocalSetting, Tell } from './stories.ts'
import { TestClock } from './test-clock.ts'

const MINUTE_MS = 60_000
/** A story of an issue and an end, of which AWS is asked again and again. */
const LONG_MS = 120_000
/** So long a session is looked at before it is left to die by itself: whoever could deny it may have been killed. */
const PATIENCE_MS = 8000

/** Names of the policies that were put on the role, of these calls, and not taken away. */
function policiesIn(log: Sandbox['log']): string[] {
  const left = new Set<string>()
  for (const { action, done, parameters } of log) {
    const { PolicyName = '' } = parameters
    if (done && action === 'PutRolePolicy') left.add(PolicyName)
    if (done && action === 'DeleteRolePolicy') left.delete(PolicyName)
  }
  return [...left]
}

/** Whoever says that AWS refused a session was told so by AWS before. */
function expectRefusalsSeen(log: Sandbox['log'], statements: readonly Statement[]): void {
  const grants = new Map(ofKind(statements, 'grant').map((grant) => [grant.id, grant.payload.accessKeyId]))
  for (const { payload } of ofKind(statements, 'ended')) {
    if (payload.confirmation !== 'aws-refused') continue
    const key = grants.get(payload.grant)
    const refusals = log.filter(
      ({ accessKeyId, status, at }) => accessKeyId === key && status === 403 && at <= payload.time,
    )
    expect(refusals).not.toEqual([])
  }
}

describe('the end of a session that a custodian orders, whoever’s app is killed between two durable steps,', () => {
  const clock = new TestClock()
  let four: LocalSetting
  beforeAll(async () => {
    four = await fourToKill({ clock, revoker: true })
  }, 120_000)
  afterAll(() => four.world.close())

  /** From the request to an end that everybody's window takes for certain. */
  const ordering: Tell = async ({ parties, plan, sandbox }) => {
    const [ana, raj, mia, leo] = parties
    const { cases } = await ana.snapshot()
    const reference = `INC-${cases.length + 1}`
    const logged = sandbox.log.length
    const orders: Habit = async (party, snapshot) => {
      const one = caseOf(snapshot, reference)
      const kinds = one?.timeline.map(({ kind }) => kind) ?? []
      if (one?.grant == null || one.state === 'ended' || !kinds.includes('aftercare') || kinds.includes('revoke'))
        return
      const { id } = one.grant
      await party.sign(party.call.cases.revoke({ request: one.id, grant: id, reason: 'that is not Ana’s voice' }))
    }
    let endingSince: number | null = null
    const waits: Habit = async (_, snapshot) => {
      if (caseOf(snapshot, reference)?.state !== 'ending') return
      endingSince ??= performance.now()
      if (performance.now() - endingSince > PATIENCE_MS) clock.pass(MINUTE_MS)
    }
    return {
      people: [
        { party: ana, habits: [asks({ plan, reference })] },
        { party: raj, habits: [approves(reference), orders] },
        { party: mia, habits: [] },
        { party: leo, habits: [approves(reference), waits] },
      ],
      isOver: (snapshot) => caseOf(snapshot, reference)?.state === 'ended',
      check: async (statements) => {
        const log = sandbox.log.slice(logged)
        // Of the stories before as well, whose statements are here too.
        expectRefusalsSeen(sandbox.log, statements)
        await expectEnded(reference, log, statements)
        await expectTakenAway(log, statements)
      },
    }
  }

  /** What every window says to have ended AWS refused, or its time is over by any clock. */
  async function expectEnded(reference: string, log: Sandbox['log'], statements: readonly Statement[]): Promise<void> {
    const one = caseOf(await four.parties[3].snapshot(), reference)
    const grants = ofKind(statements, 'grant').filter(({ payload }) => payload.request === one?.id)
    for (const { payload } of grants) {
      const isRefused = log.some(({ accessKeyId, status }) => accessKeyId === payload.accessKeyId && status === 403)
      expect(isRefused || clock.clock().wall >= payload.expires + 5 * MINUTE_MS).toBe(true)
    }
  }

  /** Only sessions whose end was ordered were denied; and when they are long over, whoever holds what denied them takes that away. */
  async function expectTakenAway(log: Sandbox['log'], statements: readonly Statement[]): Promise<void> {
    const ordered = new Set(ofKind(statements, 'revoke').map(({ payload }) => payload.grant))
    const grants = ofKind(statements, 'grant').filter(({ id }) => ordered.has(id))
    const issuings = new Set(grants.map(({ payload }) => payload.basis.issuing))
    const names = ofKind(statements, 'issuing')
      .filter(({ id }) => issuings.has(id))
      .map(({ payload }) => `lockbox-${payload.sessionName}`)
    for (const name of policiesIn(log)) expect(names).toContain(name)
    const from = four.sandbox.log.length - log.length
    const isHeld = () =>
      four.parties.some((party) =>
        grants.some(({ id }) =>
          ['denying', 'denied'].includes(party.running.app.beside.revokers.stateOf(id)?.is ?? 'over'),
        ),
      )
    clock.pass(21 * MINUTE_MS)
    if (!isHeld()) return
    await expect
      .poll(
        () => {
          clock.pass(1000)
          return policiesIn(four.sandbox.log.slice(from))
        },
        { timeout: 20_000, interval: 100 },
      )
      .toEqual([])
  }

  test('is certain when the issuing device was killed', async () => {
    expect(await killAlong(four, four.parties[2], ordering, 9, LONG_MS)).toBeGreaterThanOrEqual(2)
  }, 3_600_000)

  test('is certain when the app was killed of whoever ordered it', async () => {
    expect(await killAlong(four, four.parties[1], ordering, 8, LONG_MS)).toBeGreaterThanOrEqual(2)
  }, 3_600_000)

  test('is certain when the requester’s app was killed', async () => {
    expect(await killAlong(four, four.parties[0], ordering, 8, LONG_MS)).toBeGreaterThanOrEqual(2)
  }, 3_600_000)
})
