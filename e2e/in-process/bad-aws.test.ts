import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { standingOf } from '../../main/issuers/aws/identity.ts'
import { DiskError } from '../../main/vault/disk-error.ts'
import { digest } from '../../shared/bytes.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { EMERGENCY_ROLE, type Sandbox } from '../sandbox-aws/sandbox.ts'
import { sessionFromLines } from '../session-lines.ts'
import { expectAccountedFor, expectNowhere, expectRecordedBefore, expectSame, ofKind } from './invariants.ts'
import { deskOf } from './mischief.ts'
import { approves, asks, carryOn, caseOf, type Habit, isDone, statementsOf } from './people.ts'
import { type LocalSetting, newFour } from './stories.ts'
import { agree, planForm } from './world.ts'

const ALL_REGIONS = ['eu-central-1', 'eu-west-1']
const NO_SOURCE_IDENTITY = EMERGENCY_ROLE.trust.replace(',"sts:SetSourceIdentity"', '')
const NO_TAGS = EMERGENCY_ROLE.trust.replace('"sts:TagSession",', '')

interface Trouble {
  readonly what: string
  readonly begin: (sandbox: Sandbox) => unknown
  readonly end?: (sandbox: Sandbox) => unknown
  readonly code: string
  readonly mayExist: boolean
  /** What the case says of it: what happened, and what to do. */
  readonly says: RegExp
}

const TROUBLES: readonly Trouble[] = [
  {
    what: 'the access key was turned off',
    begin: (aws) => aws.setActive(aws.accessKey.accessKeyId, false),
    end: (aws) => aws.setActive(aws.accessKey.accessKeyId, true),
    code: 'wrong-key',
    mayExist: false,
    says: /AWS \(eu-central-1\) does not accept the access key.*Deposit the current one/,
  },
  {
    what: 'the role does not allow sts:SetSourceIdentity',
    begin: (aws) => aws.setTrust(NO_SOURCE_IDENTITY),
    end: (aws) => aws.setTrust(EMERGENCY_ROLE.trust),
    code: 'denied',
    mayExist: false,
    says: /must allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity.*not authorized to perform: sts:SetSourceIdentity/,
  },
  {
    what: 'the role does not allow sts:TagSession',
    begin: (aws) => aws.setTrust(NO_TAGS),
    end: (aws) => aws.setTrust(EMERGENCY_ROLE.trust),
    code: 'denied',
    mayExist: false,
    says: /not authorized to perform: sts:TagSession/,
  },
  {
    what: 'AWS throttles in every region',
    begin: (aws) => ALL_REGIONS.map((region) => aws.fault({ kind: 'throttled' }, { region, action: 'AssumeRole' })),
    code: 'throttled',
    mayExist: false,
    says: /AWS throttled the call, last in eu-west-1\. Wait a minute/,
  },
  {
    what: 'no region answers in time, one before and one after it did what was asked',
    begin: (aws) =>
      ALL_REGIONS.map((region, at) => aws.fault({ kind: 'silent', done: at === 1 }, { region, action: 'AssumeRole' })),
    code: 'timed-out',
    mayExist: true,
    says: /did not answer in time.*A session that nobody holds may exist until it expires/,
  },
  {
    what: 'the connection breaks instead of an answer',
    begin: (aws) =>
      ALL_REGIONS.map((region) => aws.fault({ kind: 'cut', done: true }, { region, action: 'AssumeRole' })),
    code: 'unreachable',
    mayExist: true,
    says: /No endpoint of AWS could be used.*may exist until it expires/,
  },
  {
    what: 'the clocks differ by 20 minutes',
    begin: (aws) => aws.setClockSkew(20 * 60_000),
    end: (aws) => aws.setClockSkew(0),
    code: 'clock-skew',
    mayExist: false,
    says: /clock of the issuing device is 20 minutes behind.*Set it right/,
  },
  {
    what: 'all regions are down',
    begin: (aws) => Promise.all(ALL_REGIONS.map((region) => aws.setDown(region, true))),
    end: (aws) => Promise.all(ALL_REGIONS.map((region) => aws.setDown(region, false))),
    code: 'unreachable',
    mayExist: false,
    says: /No endpoint of AWS could be used, last eu-west-1\. Check the network/,
  },
]

describe('an issue that AWS does not carry out', () => {
  let four: LocalSetting
  let sandbox: Sandbox
  let stories = 0
  const secrets: string[] = []

  beforeAll(async () => {
    four = await newFour()
    sandbox = four.world.sandbox
    secrets.push(sandbox.accessKey.secretAccessKey)
  }, 120_000)
  afterAll(() => four.world.close())

  /** People ask and approve, once; nobody touches a key again. */
  const ask = (plan = four.plan) => {
    const reference = `INC-${++stories}`
    const [ana, raj, mia, leo] = four.parties
    const once: Habit = async (party, snapshot) => {
      if (caseOf(snapshot, reference)?.mine.decided === null) await approves(reference)(party, snapshot)
    }
    const people = [
      { party: ana, habits: [asks({ plan, reference })] },
      { party: raj, habits: [once] },
      { party: mia, habits: [] },
      { party: leo, habits: [once] },
    ]
    const failures = (one: CaseView | undefined) => one?.timeline.filter(({ kind }) => kind === 'failed') ?? []
    return {
      reference,
      failing: () => carryOn(people, (snapshot) => failures(caseOf(snapshot, reference)).length > 0),
      granting: () =>
        carryOn(
          people.map(({ party, habits }) => ({ party, habits: [...habits, approves(reference)] })),
          (snapshot) => caseOf(snapshot, reference)?.grant != null,
        ),
      seen: async () => caseOf(await raj.snapshot(), reference) as CaseView,
      failure: async () => failures(caseOf(await raj.snapshot(), reference))[0],
    }
  }

  /** The requester takes the session, shows that it works, and says “I am done”. */
  const use = async (reference: string) => {
    const [ana] = four.parties
    const { id } = caseOf(await ana.snapshot(), reference) as CaseView
    await ana.until('the session', ({ sessions }) => sessions.some((one) => one.here && one.case === id))
    await ana.call.sessions.copy({ case: id, as: 'environment' })
    const session = sessionFromLines(ana.clipboard)
    secrets.push(session.secretAccessKey, session.sessionToken)
    const endpoint = sandbox.endpoints[session.region] as string
    expect((await standingOf(session, endpoint)).standing).toBe('alive')
    await isDone(ana, await ana.snapshot())
    expect(ana.clipboard).toBe('')
  }

  test.each(TROUBLES)(
    'because $what is told to everybody, and another attempt succeeds when it is over',
    async ({ begin, end, code, mayExist, says }) => {
      const { failing, granting, seen, failure, reference } = ask()
      const logged = sandbox.log.length
      await begin(sandbox)
      await failing()
      const told = await failure()
      expect(told?.person.name).toBe('Mia')
      expect(told?.says).toMatch(says)
      const [recorded] = ofKind(await statementsOf(four.parties[3]), 'failed').slice(-1)
      expect(recorded?.payload).toMatchObject({ code, mayExist, badShares: [] })
      expect((await seen()).findings.some((words) => words.includes('A session may exist'))).toBe(mayExist)
      const [note] = (await four.parties[2].snapshot()).notes.filter(({ what }) => what === 'Issuing failed')
      expect(note?.means).toMatch(says)
      // Whoever approved is asked for another touch: a released share is not kept.
      await four.parties[1].until('another attempt', (now) => caseOf(now, reference)?.mine.needsTouch)
      await end?.(sandbox)
      await granting()
      await use(reference)
      const statements = await expectSame(four.parties)
      expectRecordedBefore(sandbox.log.slice(logged), statements)
      expectAccountedFor(sandbox.log.slice(logged), statements)
    },
  )

  test('in the first region succeeds in the next', async () => {
    const { granting, reference } = ask()
    await sandbox.setDown('eu-central-1', true)
    await granting()
    const [grant] = ofKind(await statementsOf(four.parties[0]), 'grant').slice(-1)
    expect(grant?.payload.endpoint).toBe(sandbox.endpoints['eu-west-1'])
    await use(reference)
    await sandbox.setDown('eu-central-1', false)
  })

  test('in time in the first region succeeds in the next, and the issuing device says that another session may exist', async () => {
    const { granting, reference } = ask()
    sandbox.fault({ kind: 'cut', done: true }, { region: 'eu-central-1', action: 'AssumeRole' })
    await granting()
    const { notes } = await four.parties[2].snapshot()
    expect(notes.map(({ what }) => what)).toContain('AWS may have made a second session')
    await use(reference)
  })

  test('is told for what it is where AWS issued and the disk did not keep it, and another attempt succeeds', async () => {
    const { failing, failure, granting, reference } = ask()
    const [, , mia] = four.parties
    const { shelf, store } = deskOf(mia).device
    const full = new DiskError('disk-full', 'the disk is full')
    let isFull = true
    store.onAccepted(
      ({ kind }) => void (kind === 'issuing' && isFull && vi.spyOn(shelf, 'put').mockRejectedValue(full)),
    )
    await failing()
    isFull = false
    vi.restoreAllMocks()
    expect((await failure())?.says).toContain('AWS issued, and this device could not keep what came: the disk is full')
    const [recorded] = ofKind(await statementsOf(four.parties[3]), 'failed').slice(-1)
    expect(recorded?.payload).toMatchObject({ code: 'disk-full', mayExist: true, badShares: [] })
    await granting()
    await use(reference)
    expectAccountedFor(sandbox.log, await expectSame(four.parties))
  })

  test('because the session policy is too large is told, and a plan with a shorter one serves', async () => {
    const [ana] = four.parties
    // Within AWS's 2048 characters, but nothing in it can be packed.
    const buckets = Array.from({ length: 33 }, (_, at) => `arn:aws:s3:::${digest(Uint8Array.of(at))}`)
    const noise = [{ Effect: 'Allow', Action: 's3:Get*', Resource: buckets }]
    const { generations } = await ana.snapshot()
    const form = await planForm(ana, sandbox, 2)
    const wide = await agree(four.parties, {
      ...form,
      name: 'Much too much',
      credential: { credential: generations[0]?.credential ?? null, name: form.credential.name },
      access: { ...form.access, sessionPolicy: JSON.stringify({ Version: '2012-10-17', Statement: noise }) },
    })
    for (const party of four.parties.filter((one) => one.name === 'Leo'))
      await party.sign(party.call.endorse.draft({ of: wide, compared: false }))
    const first = ask(wide)
    await first.failing()
    expect((await first.failure())?.says).toMatch(
      /session policy and tags too large\. Shorten the plan's session policy/,
    )
    const { id } = await first.seen()
    await ana.call.cases.withdraw({ request: id, reason: 'the plan has to change' })
    const next = ask()
    await next.granting()
    await use(next.reference)
  })

  test('because a wrong key was deposited is told, and the next generation serves the same request', async () => {
    const [ana] = four.parties
    const deposits = async (secret: string) => {
      const { generations } = await ana.snapshot()
      const number = generations.length + 1
      const habit: Habit = async (party, snapshot) => {
        const mine = snapshot.generations.find((one) => one.mine === 'accept')
        if (mine !== undefined) await party.sign(party.call.endorse.draft({ of: mine.id, compared: false }))
      }
      const { accessKeyId } = sandbox.accessKey
      const key = { from: 'typed', accessKeyId, secretAccessKey: Uint8Array.from(Buffer.from(secret)) } as const
      await ana.sign(ana.call.credentials.deposit({ plan: four.plan, key }))
      await carryOn(
        four.parties.map((party) => ({ party, habits: [habit] })),
        ({ generations: now }) => now.length === number && now.at(-1)?.state === 'proven',
      )
    }
    const { secretAccessKey } = sandbox.accessKey
    await deposits(`${secretAccessKey.slice(1)}x`)
    const { failing, failure, granting, reference } = ask()
    await failing()
    expect((await failure())?.says).toMatch(/does not accept the access key/)
    await deposits(secretAccessKey)
    await granting()
    await use(reference)
  })

  test('leaves no secret on any disk, nor in any window', async () => {
    expect(secrets.length).toBeGreaterThan(20)
    await expectNowhere(four.world.dir, secrets)
    for (const party of four.parties) {
      const shown = JSON.stringify(await party.snapshot())
      expect(secrets.filter((secret) => shown.includes(secret))).toEqual([])
    }
  })
})
