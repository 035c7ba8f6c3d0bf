import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orgFrom } from '../org/org-from.ts'
import type { VerifiedOf, VerifiedStatement } from '../statements/door.ts'
import { keyId } from '../statements/member.ts'
import { drawing } from '../testing/chaos.ts'
import { person } from '../testing/keys.ts'
import { times } from '../testing/runs.ts'
import { type Setup, setupWith } from '../testing/setup.ts'
import type { Standing } from '../testing/world.ts'
import { casesFrom } from './case-from.ts'
import { releaseDuty } from './duties.ts'

// alice and the two other admins hold no share and are all dishonest; so are the issuing devices and every carrier.
const ADMINS = ['alice', 'mallory', 'trent']
const CUSTODIANS = ['bob', 'carol', 'dave', 'erin', 'frank']
const M = 3

const people: Record<string, Standing> = {
  alice: { roles: ['admin', 'commander'], groups: [] },
  mallory: { roles: ['admin', 'commander'], groups: [] },
  trent: { roles: ['admin'], groups: [] },
  ...Object.fromEntries(CUSTODIANS.map((name) => [name, { roles: ['approver'], groups: [] }])),
}

function organization(): Promise<Setup> {
  const ids = (names: string[]) => names.map((name) => person(name).member)
  return setupWith([...ADMINS.slice(0, 1), ...CUSTODIANS], {
    people,
    plan: {
      requesters: ids(['alice', 'mallory']),
      custodians: ids(CUSTODIANS),
      issuers: ids(['trent', 'mallory']),
      quorum: { count: M, groups: [], veto: [] },
    },
  })
}

/** A share that an honest app released by itself: whose, for which case, and of which key. */
interface Released {
  readonly custodian: string
  readonly request: string
  readonly deposit: string
}

/** What all dishonest people together do to the honest, who approve now and then and otherwise leave it to their apps. */
async function attack(told: Setup, dishonest: readonly string[], seed: number, steps: number): Promise<Released[]> {
  const { story, plan, deposit } = told
  const draw = drawing(seed)
  const pick = <T>(items: readonly T[]): T => items[draw(items.length)] as T
  const founding = story.statements.length
  const honest = CUSTODIANS.filter((name) => !dishonest.includes(name))
  const pins = new Map(honest.map((name) => [name, story.organization]))
  const released: Released[] = []
  let current = { ...people }
  const requests: VerifiedOf<'request'>[] = []
  const readies: VerifiedOf<'ready'>[] = []
  const plans = [plan]
  const deposits = [deposit]
  /** Keys that the dishonest have: their own, and those that admins put under honest custodians' names. */
  const theirs = () => [...dishonest, ...Object.keys(current).filter((name) => name.endsWith('/stolen name'))]

  const acts: (() => Promise<unknown>)[] = [
    async () => requests.length < 3 && requests.push(await story.ask(pick(['alice', 'mallory']), pick(plans))),
    // Honest people approve what looks right to them, whichever request they are shown.
    () => approve(pick(honest)),
    () => approve(pick(honest)),
    () => approve(pick(honest)),
    () => approve(pick(theirs())),
    () => approve(pick(theirs())),
    () => approve(pick(theirs())),
    async () => draw(3) === 0 && steal(pick(honest)),
    async () => ready(pick(requests), pick(deposits)),
    async () => ready(pick(requests), deposit),
    async () => ready(pick(requests), deposit),
    async () => story.fail('trent', pick(readies)),
    async () => story.release(pick(theirs()), pick(readies)),
    async () => draw(3) === 0 && looserPlan(),
    async () => story.endorse(pick([...honest, ...theirs()]), pick([...plans, ...deposits])),
    async () => draw(4) === 0 && dealAgain(),
    () => look([pick(honest)]),
    () => look([pick(honest)]),
    () => look([pick(honest)]),
    () => look([pick(honest)]),
  ]
  for (let step = 0; step < steps; step++) {
    if (draw(6) === 0) story.pass(draw(4))
    try {
      await pick(acts)()
    } catch (error) {
      // Nothing asked or ready yet, or the door knew the keys no longer: nothing was said.
      if (!(error instanceof Error) || !/undefined|do not stand/.test(error.message)) throw error
    }
  }
  await look(honest)
  return released

  function approve(name: string): Promise<unknown> {
    return story.decide(name, pick(requests))
  }
  /** A quorum of admins gives an honest custodian's name to keys of its own. */
  async function steal(name: string): Promise<void> {
    const { [name]: standing, ...others } = current
    if (standing === undefined) return
    current = { ...others, [`${name}/stolen name`]: standing }
    await story.changeRoster('alice', current, ADMINS)
    for (const one of plans) await story.endorse(`${name}/stolen name`, one)
  }
  /** The next attempt of a case, as the rules have it, so that honest apps take it for one. */
  async function ready(request: VerifiedOf<'request'>, deposit: VerifiedOf<'deposit'>): Promise<void> {
    const last = story.case(request).attempts[0]
    if (last?.open) return
    const after = last === undefined ? null : { ready: last.ready.id, failed: last.failed?.id ?? null }
    const attempt = { attempt: (last?.number ?? 0) + 1, after }
    readies.push(await story.ready(pick(['trent', 'mallory']), request, deposit, attempt))
  }
  async function looserPlan(): Promise<void> {
    const changes = pick([{ count: 2, groups: [], veto: [] }, plan.payload.quorum])
    const next = await story.draftPlan('alice', {
      ...plan.payload,
      quorum: changes,
      predecessor: pick([null, plan.id]),
    })
    for (const admin of ADMINS) await story.endorse(admin, next)
    plans.push(next)
  }
  async function dealAgain(): Promise<void> {
    const next = await story.deposit('alice', pick(plans), { generation: 2 + deposits.length })
    for (const name of theirs()) await story.hold(next, [name])
    deposits.push(next)
  }
  /** Carriers bring each honest app what the dishonest want it to see; then its rule decides, with nobody asked. */
  async function look(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const own = person(name)
      // What was there from the start everyone has; of the rest carriers keep back what they like.
      const shown = story.statements.filter(
        (one, at) => at < founding || one.payload.device === own.device || draw(8) > 0,
      )
      const org = orgFrom(shown, pins.get(name) ?? story.organization)
      if (org === null) continue
      pins.set(name, org.head.id)
      for (const one of casesFrom(org, story.now, story.heard)) {
        const duty = releaseDuty(org, one, { member: own.member, device: own.device })
        if (typeof duty === 'string') continue
        const { deposit } = duty.attempt.ready.payload
        released.push({ custodian: name, request: one.id, deposit })
        expect(one.quorum?.met).toBe(true)
        expect(shown).toSatisfy((all: VerifiedStatement[]) => all.some((each) => isApproval(each, own.device, one.id)))
        await story.release(name, duty.attempt.ready, {}, { roster: rosterWith(own.device) })
      }
    }
  }
  function rosterWith(device: string) {
    const names = (roster: VerifiedStatement) =>
      roster.kind === 'roster' && roster.payload.members.some((one) => keyId(one.device.keys.statement) === device)
    return story.statements.findLast(names) as VerifiedOf<'roster'>
  }
}

function isApproval(one: VerifiedStatement, device: string, request: string): boolean {
  return (
    one.kind === 'decision' &&
    one.payload.device === device &&
    one.payload.request === request &&
    one.payload.verdict === 'approve'
  )
}

describe('invariant 3', () => {
  it('no honest app releases unless its own state has the full quorum; with at most M−1 dishonest custodians no device gets M shares of a generation over any number of cases none of which had a full quorum. Admins alone, none a custodian, never reach a credential', async () => {
    let releases = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: M - 1 }), async (seed, few) => {
        const told = await organization()
        const dishonest = CUSTODIANS.slice(0, few)
        const released = await attack(told, dishonest, seed, 45)
        releases += released.length
        // Approvals that people gave with their own keys, whatever the roster has come to say of them.
        for (const { request } of released) {
          const genuine = CUSTODIANS.filter((name) =>
            told.story.statements.some((one) => isApproval(one, person(name).device, request)),
          )
          expect(genuine.length).toBeGreaterThanOrEqual(M)
        }
        const full = new Set(released.map(({ request }) => request)).size > 0
        const shares = new Set([
          ...dishonest,
          ...released.filter(({ deposit }) => deposit === told.deposit.id).map(({ custodian }) => custodian),
        ])
        expect(full || shares.size < M).toBe(true)
      }),
      times(40),
    )
    // Otherwise the property would hold of apps that never release anything.
    expect(releases).toBeGreaterThan(20)
  })
})
