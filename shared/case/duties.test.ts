import { describe, expect, it } from 'vitest'
import { person } from '../testing/keys.ts'
import { type Setup, setup } from '../testing/setup.ts'
import type { Standing } from '../testing/world.ts'
import { issueDuty, mayWithdraw, type NotNow, readyDuty, releaseDuty, useDuty, whyNoDecision } from './duties.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const me = (name: string) => ({ member: person(name).member, device: person(name).device })

async function asked() {
  const told = await setup(...names)
  const request = await told.story.ask('alice', told.plan)
  const { story } = told
  const current = () => story.case(request)
  return {
    ...told,
    request,
    current,
    releaseOf: (name: string) => releaseDuty(story.org(), current(), me(name)),
    readyOf: (name: string) => readyDuty(story.org(), current(), me(name)),
    issueOf: (name: string) => issueDuty(story.org(), current(), me(name).device),
  }
}

async function approved() {
  const told = await asked()
  for (const name of ['carol', 'dave']) await told.story.decide(name, told.request)
  return told
}

async function ready() {
  const told = await approved()
  return { ...told, ready: await told.story.ready('bob', told.request, told.deposit) }
}

describe('a custodian’s app', () => {
  it('releases its share to a ready device once the whole rule is met', async () => {
    const {
      releaseOf,
      ready: { id },
    } = await ready()
    expect(releaseOf('dave')).toMatchObject({ attempt: { ready: { id } }, index: 3 })
  })

  const refuses: [NotNow, string, string, () => Promise<{ releaseOf: (name: string) => unknown }>][] = [
    [
      'rule-not-met',
      'dave',
      'while an approval is missing',
      async () => {
        const told = await asked()
        await told.story.decide('dave', told.request)
        await told.story.ready('bob', told.request, told.deposit)
        return told
      },
    ],
    ['no-own-approval', 'erin', 'its owner did not approve', ready],
    ['not-custodian', 'alice', 'its owner holds no share', ready],
    ['no-attempt', 'dave', 'before a device is ready', approved],
    [
      'already-released',
      'dave',
      'twice',
      async () => {
        const told = await ready()
        await told.story.release('dave', told.ready)
        return told
      },
    ],
    [
      'case-closed',
      'dave',
      'after the request expired',
      async () => {
        const told = await approved()
        told.story.pass(60)
        await told.story.ready('bob', told.request, told.deposit)
        return told
      },
    ],
    [
      'case-closed',
      'dave',
      'after the request was withdrawn',
      async () => {
        const told = await ready()
        await told.story.withdraw('alice', told.request)
        return told
      },
    ],
    [
      'no-attempt',
      'dave',
      'to a ready that has lapsed',
      async () => {
        const told = await ready()
        told.story.pass(10)
        return told
      },
    ],
    [
      'protocol-unsupported',
      'dave',
      'under a rule set it does not know',
      async () => {
        const told = await ready()
        await told.story.changeRoster('alice', told.people, ['alice', 'bob'], { protocol: 2 })
        return told
      },
    ],
    [
      'plan-not-accepted',
      'dave',
      'under a version of the plan that its owner did not accept',
      async () => {
        const told = await withVersion(['bob', 'carol'])
        return told
      },
    ],
    [
      'plan-not-accepted',
      'dave',
      'under a version of the plan after which its owner accepted another',
      async () => {
        const told = await withVersion(['bob', 'carol', 'dave'])
        const sibling = await told.story.draftPlan('alice', { ...told.plan.payload, runbook: 'Another way.' })
        for (const name of ['alice', 'bob', 'dave']) await told.story.endorse(name, sibling)
        return told
      },
    ],
    [
      'not-active',
      'dave',
      'when the roster holds other keys under its owner’s name',
      async () => {
        const told = await ready()
        const { dave, ...others } = told.people
        await told.story.changeRoster('alice', { ...others, 'dave/stolen name': dave as Standing }, ['alice', 'bob'])
        await told.story.decide('dave/stolen name', told.request)
        await told.story.endorse('dave/stolen name', told.plan)
        return told
      },
    ],
    [
      'rule-not-met',
      'dave',
      'when those who approved with it hold no share',
      async () => {
        const told = await ready()
        const { carol, ...others } = told.people
        await told.story.changeRoster('alice', { ...others, 'carol/stolen name': carol as Standing }, ['alice', 'bob'])
        await told.story.decide('carol/stolen name', told.request)
        await told.story.endorse('carol/stolen name', told.plan)
        return told
      },
    ],
  ]
  it.each(refuses)('does not release (%s, %s) %s', async (why, name, _, tell) => {
    expect((await tell()).releaseOf(name)).toBe(why)
  })

  /** A second version, effective beside the first, under which alice asks and two approve. */
  async function withVersion(accepting: string[]) {
    const told = await setup(...names)
    const { story, deposit } = told
    const plan = await story.draftPlan('alice', { ...told.plan.payload, predecessor: told.plan.id })
    for (const name of ['alice', ...accepting]) await story.endorse(name, plan)
    const request = await story.ask('alice', plan)
    for (const name of ['carol', 'dave']) await story.decide(name, request)
    await story.ready('bob', request, deposit)
    return { ...told, plan, releaseOf: (name: string) => releaseDuty(story.org(), story.case(request), me(name)) }
  }

  it('releases under a new version that its owner accepted', async () => {
    expect((await withVersion(['bob', 'carol', 'dave'])).releaseOf('dave')).toMatchObject({ index: 3 })
  })
})

describe('an issuing device', () => {
  it('makes ready when one approval is missing, and not before', async () => {
    const { story, request, deposit, readyOf } = await asked()
    expect(readyOf('bob')).toBe('rule-not-met')
    await story.decide('carol', request)
    expect(readyOf('bob')).toEqual({ number: 1, after: null, deposit: deposit.id })
  })

  it('makes ready anew when the attempt before lapsed or failed, naming it', async () => {
    const told = await ready()
    const { story, deposit, readyOf } = told
    expect(readyOf('carol')).toBe('attempt-runs')
    const failed = await story.fail('bob', told.ready)
    const after = { ready: told.ready.id, failed: failed.id }
    expect(readyOf('carol')).toEqual({ number: 2, after, deposit: deposit.id })
    const second = await story.ready('carol', told.request, deposit, { attempt: 2, after })
    story.pass(10)
    expect(readyOf('bob')).toEqual({ number: 3, after: { ready: second.id, failed: null }, deposit: deposit.id })
  })

  it('makes ready anew when another device was silent for five minutes with the attempt in its hands', async () => {
    const told = await ready()
    const { story, deposit, readyOf } = told
    story.pass(3)
    await story.release('dave', told.ready)
    await story.issuing('bob', told.ready)
    story.pass(4)
    expect(readyOf('carol')).toBe('attempt-runs')
    story.pass(1)
    expect(told.current().state).toBe('issuing')
    const after = { ready: told.ready.id, failed: null }
    expect(readyOf('carol')).toEqual({ number: 2, after, deposit: deposit.id })
    expect(readyOf('bob')).toBe('attempt-runs')
    await story.withdraw('alice', told.request)
    expect(readyOf('carol')).toBe('case-closed')
  })

  it('may be stopped by whoever asked, while a device is at it too, and by nobody else', async () => {
    const told = await ready()
    const may = () => ['alice', 'bob'].map((name) => mayWithdraw(told.current(), me(name).member))
    await told.story.release('dave', told.ready)
    await told.story.issuing('bob', told.ready)
    expect([told.current().state, may()]).toEqual(['issuing', [true, false]])
    await told.story.withdraw('alice', told.request)
    expect(may()).toEqual([false, false])
  })

  it('does not take silence for death while approvals are missing', async () => {
    const told = await asked()
    await told.story.decide('carol', told.request)
    await told.story.ready('bob', told.request, told.deposit)
    told.story.pass(6)
    expect(told.readyOf('carol')).toBe('attempt-runs')
    await told.story.decide('dave', told.request)
    expect(told.readyOf('carol')).toMatchObject({ number: 2 })
  })

  const refuses: [NotNow, string, (told: Awaited<ReturnType<typeof approved>>) => Promise<unknown>][] = [
    ['case-closed', 'once the request was withdrawn', ({ story, request }) => story.withdraw('alice', request)],
    [
      'not-active',
      'when the roster holds another device of its owner',
      ({ story, people: { bob, ...others } }) =>
        story.changeRoster('alice', { ...others, 'bob/new laptop': bob as Standing }, ['alice', 'carol']),
    ],
    ['no-generation', 'when no key is held', (told) => loseShares(told, 'carol', 'dave', 'erin')],
  ]
  it.each(refuses)('does not make ready (%s) %s', async (why, _, act) => {
    const told = await approved()
    await act(told)
    expect(told.readyOf('bob')).toBe(why)
  })

  it('makes ready as long as enough are left who hold the key, though none to spare', async () => {
    const told = await approved()
    await loseShares(told, 'dave', 'erin')
    expect(told.story.org().generations).toMatchObject([{ state: 'held', hasSpare: false }])
    expect(told.readyOf('bob')).toMatchObject({ number: 1, deposit: told.deposit.id })
  })

  it('of somebody else does not make ready', async () => {
    expect((await approved()).readyOf('dave')).toBe('not-issuer')
  })

  it('issues with enough shares of those who approved', async () => {
    const told = await ready()
    await told.story.release('carol', told.ready)
    expect(told.issueOf('bob')).toBe('releases-missing')
    await told.story.release('erin', told.ready)
    expect(told.issueOf('bob')).toBe('releases-missing')
    await told.story.release('dave', told.ready)
    expect(told.issueOf('bob')).toMatchObject({ attempt: { releases: [{}, {}] } })
    expect(told.issueOf('carol')).toBe('no-attempt')
  })

  it('issues once', async () => {
    const told = await ready()
    for (const name of ['carol', 'dave']) await told.story.release(name, told.ready)
    await told.story.issuing('bob', told.ready)
    expect(told.issueOf('bob')).toBe('case-closed')
  })

  async function loseShares({ story, people }: Pick<Setup, 'story' | 'people'>, ...names: string[]): Promise<void> {
    const replaced = Object.entries(people).map(([name, standing]): [string, Standing] => [
      names.includes(name) ? `${name}/new phone` : name,
      standing,
    ])
    await story.changeRoster('alice', Object.fromEntries(replaced), ['alice', 'bob'])
    await story.decide('bob', story.statements.find(({ kind }) => kind === 'request') as never)
  }
})

describe('an issuing device whose record was acknowledged', () => {
  /** Three approved and released, one more than needed, and Bob’s device recorded that it issues. */
  async function recorded() {
    const told = await ready()
    await told.story.decide('erin', told.request)
    for (const name of ['carol', 'dave', 'erin']) await told.story.release(name, told.ready)
    await told.story.issuing('bob', told.ready)
    return { ...told, use: () => useDuty(told.story.org(), told.current(), told.ready.id) }
  }

  async function replace({ story, people }: Pick<Setup, 'story' | 'people'>, ...gone: readonly string[]) {
    const now = Object.entries(people).map(([name, part]) => [gone.includes(name) ? `${name}/new phone` : name, part])
    await story.changeRoster('alice', Object.fromEntries(now) as typeof people, ['alice', 'bob'])
  }

  it('uses the credential with what was released', async () => {
    expect((await recorded()).use()).toMatchObject({ attempt: { releases: [{}, {}, {}] } })
  })

  it('does so without the share of a custodian whose device was replaced meanwhile', async () => {
    const told = await recorded()
    await replace(told, 'dave')
    const duty = told.use()
    expect(typeof duty === 'string' ? duty : duty.attempt.releases.map(({ payload }) => payload.member)).toEqual(
      ['carol', 'erin'].map((name) => me(name).member),
    )
  })

  const refuses: [NotNow, string, (told: Awaited<ReturnType<typeof recorded>>) => Promise<unknown> | void][] = [
    ['case-closed', 'the request was withdrawn', ({ story, request }) => story.withdraw('alice', request)],
    ['case-closed', 'the request expired', ({ story }) => story.pass(60)],
    [
      'rule-not-met',
      'custodians denied who had approved',
      async ({ story, request }) => {
        for (const name of ['carol', 'dave']) await story.decide(name, request, 'deny')
      },
    ],
    ['no-attempt', 'its time was over', ({ story }) => story.pass(10)],
    [
      'no-attempt',
      'another device began an attempt',
      async ({ story, request, deposit, ready: { id } }) => {
        story.pass(6)
        await story.ready('carol', request, deposit, { attempt: 2, after: { ready: id, failed: null } })
      },
    ],
    [
      'releases-missing',
      'custodians denied who had released shares, though others approved',
      async ({ story, request }) => {
        for (const name of ['carol', 'dave']) await story.decide(name, request, 'deny')
        await story.decide('bob', request)
      },
    ],
    [
      'protocol-unsupported',
      'there are newer rules',
      ({ story, people }) => story.changeRoster('alice', people, ['alice', 'bob'], { protocol: 2 }),
    ],
  ]
  it.each(refuses)('leaves the credential alone (%s) if meanwhile %s', async (why, _, act) => {
    const told = await recorded()
    await act(told)
    expect(told.use()).toBe(why)
  })
})

describe('a member', () => {
  it('decides on others’ open requests, as a custodian', async () => {
    const { current } = await asked()
    const why = (name: string) => whyNoDecision(current(), me(name).member, 'approve')
    expect([why('alice'), why('bob'), why('zoe')]).toEqual(['own-request', null, 'not-custodian'])
  })

  it('may still deny after approving, and takes a denial back never', async () => {
    const { story, request, current } = await asked()
    await story.decide('bob', request)
    expect(whyNoDecision(current(), me('bob').member, 'deny')).toBeNull()
    await story.decide('bob', request, 'deny')
    expect(whyNoDecision(current(), me('bob').member, 'deny')).toBe('already-decided')
  })

  it('is not silenced by a denial that somebody else signed with the member’s name', async () => {
    const { story, request, current } = await asked()
    const rogue = await story.draftRoster('erin', { 'bob/impostor': { roles: ['approver'], groups: [] } })
    await story.decide('bob/impostor', request, 'deny', { roster: rogue })
    expect(whyNoDecision(current(), me('bob').member, 'deny')).toBeNull()
  })

  it('may deny while a device is at it, which then leaves the credential alone, and not approve', async () => {
    const told = await ready()
    for (const name of ['carol', 'dave']) await told.story.release(name, told.ready)
    await told.story.issuing('bob', told.ready)
    const why = (verdict: 'approve' | 'deny') =>
      ['alice', 'carol', 'erin', 'zoe'].map((name) => whyNoDecision(told.current(), me(name).member, verdict))
    expect(told.current().state).toBe('issuing')
    expect(why('deny')).toEqual(['own-request', null, null, 'not-custodian'])
    expect(why('approve')).toEqual(['own-request', 'attempt-runs', 'attempt-runs', 'not-custodian'])
    await told.story.decide('carol', told.request, 'deny')
    expect(useDuty(told.story.org(), told.current(), told.ready.id)).toBe('rule-not-met')
  })

  it('decides no more once the request expired, whatever a device is at', async () => {
    const told = await ready()
    for (const name of ['carol', 'dave']) await told.story.release(name, told.ready)
    told.story.pass(58)
    await told.story.issuing('bob', told.ready)
    told.story.pass(2)
    expect(told.current().state).toBe('issuing')
    expect(whyNoDecision(told.current(), me('erin').member, 'deny')).toBe('case-closed')
  })

  it('decides no more once the request expired', async () => {
    const { story, current } = await asked()
    story.pass(60)
    expect(whyNoDecision(current(), me('bob').member, 'deny')).toBe('case-closed')
  })
})
