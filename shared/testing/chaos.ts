import type { VerifiedOf } from '../statements/door.ts'
import { StatementError } from '../statements/errors.ts'
import type { Kind } from '../statements/kinds.ts'
import { digestOf, person, seedOf } from './keys.ts'
import { grantedCase, type Setup, setupWith } from './setup.ts'
import { carefulAccess } from './usual-plan.ts'
import type { Standing } from './world.ts'

/** Numbers that a seed says everything about. */
export function drawing(seed: number): (below: number) => number {
  let block = seedOf(`chaos ${seed}`)
  let at = 0
  return (below) => {
    if (at + 4 > block.length) {
      block = seedOf(Buffer.from(block).toString('hex'))
      at = 0
    }
    const value = new DataView(block.buffer).getUint32(at)
    at += 4
    return value % below
  }
}

const worlds = new Map<number, Promise<Setup>>()

/** A world full of statements of every kind, most of which break some rule; made once, each told apart by its seed. */
export function chaoticWorld(seed: number): Promise<Setup> {
  const made =
    worlds.get(seed) ??
    setupWith(['alice', 'bob', 'carol', 'dave', 'erin'], { plan: { access: carefulAccess } }).then(async (told) => {
      await chaos(told, seed, 90)
      return told
    })
  worlds.set(seed, made)
  return made
}

/** Everybody who may come to speak: members, their later devices, and people who use a member's name. */
const VOICES = ['', '', '', '', '/new phone', '/impostor']

/**
 * Lets people say whatever comes to their minds, `steps` times: all kinds of statements, most of them against some rule,
 * by members, removed devices and impostors, naming any roster, at any claimed time. Every one passes the door.
 */
export async function chaos({ story, plan, deposit, people }: Setup, seed: number, steps: number): Promise<void> {
  const draw = drawing(seed)
  const names = Object.keys(people)
  let current: Record<string, Standing> = { ...people }
  const pick = <T>(items: readonly T[]): T => items[draw(items.length)] as T
  const all = <K extends Kind>(kind: K) => story.statements.filter((one) => one.kind === kind) as VerifiedOf<K>[]
  // The newest ones twice as often, so that what is said hangs together.
  const some = <K extends Kind>(kind: K): VerifiedOf<K> | undefined => pick([...all(kind), ...all(kind).slice(-2)])
  const voice = () => pick(names) + pick(VOICES)
  const rosterOf = (name: string) =>
    pick(all('roster').filter(({ payload }) => payload.members.some((one) => isDeviceOf(one, name))))
  const standings = (): Record<string, Standing> => {
    const entries = names
      .filter(() => draw(8) > 0)
      .map((name): [string, Standing] => [
        name + pick(VOICES),
        draw(4) > 0 ? (people[name] as Standing) : { roles: ['admin', 'approver', 'commander'], groups: [] },
      ])
    return entries.length === 0 ? current : Object.fromEntries(entries)
  }

  const acts: ((by: string) => Promise<unknown> | undefined)[] = [
    (by) =>
      story.draftRoster(
        by,
        standings(),
        { predecessor: some('roster')?.id ?? null, protocol: 1 + draw(2) },
        manner(by),
      ),
    (by) => story.endorse(by, pick(all('roster').slice(-3)), manner(by)),
    (by) => story.endorse(by, pick([...all('roster'), ...all('plan'), ...all('deposit')]), manner(by)),
    (by) =>
      story.draftPlan(
        by,
        {
          ...plan.payload,
          predecessor: pick([null, some('plan')?.id ?? null]),
          quorum: { count: 2 + draw(2), groups: [], veto: pick([[], ['security']]) },
          whyTight: pick(['', 'Because.']),
        },
        manner(by),
      ),
    (by) =>
      story.deposit(
        by,
        some('plan') ?? plan,
        { generation: 1 + draw(3), ...(draw(2) === 0 ? {} : { accessKeyId: `AKIAEXAMPLE${draw(3)}` }) },
        manner(by),
      ),
    (by) => custody(by),
    (by) =>
      story.ask(
        by,
        some('plan') ?? plan,
        { seconds: pick([900, 1800, 1800, 3600]), purpose: pick(['access', 'drill', 'rotation']) },
        manner(by),
      ),
    (by) => decide(by),
    (by) => decide(by),
    (by) => decide(by),
    (by) => (draw(4) > 0 ? decide(by) : story.sign('withdrawal', by, { request: request(), reason: '' }, manner(by))),
    () => changeRoster(),
    () => wholeCase(),
    () => wholeCase(),
    (by) => ready(by),
    (by) => ready(by),
    (by) => release(by),
    (by) => release(by),
    (by) => {
      const one = some('ready')
      return one && story.issuing(by, one, manner(by))
    },
    (by) => {
      const one = some('ready')
      return one && story.fail(by, one, { mayExist: draw(2) === 0, message: `${draw(9)}` })
    },
    (by) => grant(by),
    (by) => {
      const one = some('grant')
      return (
        one &&
        (draw(2) === 0
          ? story.handOver(by, one)
          : story.end(by, one, {
              how: pick(['timer', 'done', 'lost', 'revoked']),
              confirmation: pick(['none', 'aws-refused']),
            }))
      )
    },
    (by) => afterGrant(by),
    () => wholeRotation(),
  ]

  for (let step = 0; step < steps; step++) {
    if (draw(5) === 0) story.pass(draw(8))
    const by = voice()
    try {
      await pick(acts)(by)
    } catch (error) {
      // Nobody by that name stands in any roster yet, or what came to mind has no form: nothing was said.
      if (!(error instanceof StatementError) && !(error instanceof TypeError)) throw error
    }
  }

  function manner(by: string) {
    return {
      roster: rosterOf(by),
      time: story.now + (draw(4) === 0 ? (draw(60) - 30) * 60_000 : 0),
      key: draw(2) as 0 | 1,
    }
  }
  function request(): string {
    return some('request')?.id ?? digestOf('no request')
  }
  /** As it should be done: one person comes, goes or gets new keys, and every admin endorses it. */
  function changeRoster() {
    const changed = pick(Object.keys(current))
    const { [changed]: standing, ...others } = current
    const [name = ''] = changed.split('/')
    const next =
      draw(3) === 0 ? others : { ...others, [changed === name ? `${name}/new phone` : name]: standing as Standing }
    const admins = Object.keys(next).filter((one) => next[one]?.roles.includes('admin'))
    const [author] = admins.filter((one) => one in current)
    if (author === undefined) return undefined
    current = next
    return story.changeRoster(author, next, admins)
  }
  /** As it should be done, so far as those who are asked still may. */
  function wholeCase() {
    const keep = <T>(list: T[]) => list.filter(() => draw(5) > 0)
    const may = Object.keys(current)
    const issuer = may.find((one) => plan.payload.issuers.includes(person(one).member))
    const approvers = keep(may.filter((one) => plan.payload.custodians.includes(person(one).member)))
    const asker = may.find((one) => plan.payload.requesters.includes(person(one).member))
    if (issuer === undefined || asker === undefined || approvers.length === 0) return undefined
    return grantedCase({ story, plan, deposit, people }, asker, approvers, issuer)
  }
  function decide(by: string) {
    const one = some('request')
    return one && story.decide(by, one, draw(5) === 0 ? 'deny' : 'approve', manner(by))
  }
  function custody(by: string) {
    const one = some('deposit')
    return one && story.proveCustody(by, one, draw(3) === 0 ? { index: 1 + draw(4) } : {})
  }
  function ready(by: string) {
    const one = some('request')
    const before = some('ready')
    const failed = pick([null, some('failed')?.id ?? null])
    const first = draw(2) === 0 || before === undefined
    const attempt = first
      ? { attempt: 1 }
      : { attempt: before.payload.attempt + 1, after: { ready: before.id, failed } }
    return one && story.ready(by, one, some('deposit') ?? deposit, attempt, manner(by))
  }
  function release(by: string) {
    const one = some('ready')
    return one && story.release(by, one, {}, manner(by))
  }
  function afterGrant(by: string) {
    const one = some('grant')
    if (one === undefined) return undefined
    const to = { revoker: pick([['bob'], ['carol', 'dave']]), rotator: ['carol'] }
    const acts = [
      () => story.care(by, one, to, pick([{}, {}, { lacks: 'No answer.' }, { revoker: null }]), manner(by)),
      () => story.revoke(by, one, '', manner(by)),
      () => story.revoked(by, one, {}, manner(by)),
      () => story.rotating(by, one, draw(4) === 0 ? { deposit: (some('deposit') ?? deposit).id } : {}, manner(by)),
      () => {
        const begun = all('rotating').filter(({ payload }) => payload.grant === one.id)
        const next = some('deposit') ?? deposit
        const step = pick(['deactivated', 'deleted'] as const)
        const who = draw(4) === 0 || begun.length === 0 ? by : nameOf(pick(begun).payload.device, by)
        return story.rotated(who, one, next, draw(6) === 0 ? { step, accessKeyId: 'AKIAOTHER' } : { step }, manner(who))
      },
    ]
    return pick(acts)()
  }
  /** As it should be done, by an admin of today: a newer key, or by mistake the same one, and then the used one goes. */
  async function wholeRotation() {
    const one = some('grant')
    const admin = Object.keys(current).find((name) => current[name]?.roles.includes('admin'))
    if (one === undefined || admin === undefined) return
    const issuer = nameOf(one.payload.device, admin)
    await story.care(issuer, one, { revoker: ['bob'], rotator: [admin] })
    await story.rotating(admin, one)
    const accessKeyId = pick(['AKIAEXAMPLENEWER', 'AKIAEXAMPLENEWER', 'AKIAEXAMPLEEXAMPLE00'])
    const next = await story.deposit(admin, plan, { generation: 2 + draw(3), accessKeyId })
    await story.rotated(admin, one, next, { step: 'deactivated' })
    if (draw(3) > 0) await story.rotated(admin, one, next)
  }
  function nameOf(device: string, or: string): string {
    const voices = names.flatMap((name) => [...new Set(VOICES)].map((as) => name + as))
    return voices.find((name) => person(name).device === device) ?? or
  }
  function grant(by: string) {
    const issuing = some('issuing')
    const one = all('ready').find(({ id }) => id === issuing?.payload.ready)
    const asked = all('request').find(({ id }) => id === one?.payload.request)
    if (issuing === undefined || one === undefined || asked === undefined) return undefined
    const decisions = all('decision').filter(({ payload }) => payload.request === asked.id && draw(6) > 0)
    const releases = all('release').filter(({ payload }) => payload.ready === one.id && draw(6) > 0)
    const basis = {
      request: asked,
      plan: all('plan').find(({ id }) => id === asked.payload.plan) ?? plan,
      ready: one,
      issuing,
      decisions,
      releases,
    }
    return story.grant(by, basis, {}, manner(by))
  }
}

function isDeviceOf(member: { device: { name: string; keys: { statement: string } } }, name: string): boolean {
  return member.device.keys.statement === person(name).entry.device.keys.statement
}
