import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import type { Member } from '../statements/member.ts'
import { digestOf, nameOf, person } from '../testing/keys.ts'
import { grantedCase, type Setup, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import type { Standing } from '../testing/world.ts'
import { isToBeDenied, whyNoRevoke, whyNoRotating } from './aftercare-duties.ts'
import { blobsOf, boxesInUse, MOST_AFTERCARE } from './blobs.ts'
import { isOrderedToEnd } from './grants.ts'
import { type CaseRefusalCode, type Grant, isClosed } from './types.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'] as const
const idOf = (name: string) => person(name).member
const meOf = (name: string) => ({ member: idOf(name), device: person(name).device })
const MINUTE = 60_000

/**
 * Alice has access for 15 minutes, which bob's device issued; bob, carol, dave and erin are custodians, alice, bob and carol
 * admins. Frank has no part.
 */
async function granted(access = carefulAccess) {
  const custodians = ['bob', 'carol', 'dave', 'erin'].map(idOf)
  const told = await setupWith(NAMES, {
    plan: { access, custodians, quorum: { count: 2, groups: [], veto: [] } },
  })
  const basis = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const current = () => told.story.case(basis.request)
  const grantNow = () => current().grant as Grant
  const codes = () => current().refused.map(({ code }) => code)
  const owed = () => current().obligations.map(({ code }) => code)
  return { ...told, ...basis, current, grantNow, codes, owed }
}
type Told = Awaited<ReturnType<typeof granted>>

/** A second session of the case, which carol's device issued, for as many minutes. */
async function issuedTwice({ story, deposit, ...basis }: Told, minutes = 15) {
  const ready = await story.ready('carol', basis.request, deposit, {
    attempt: 2,
    after: { ready: basis.ready.id, failed: null },
  })
  const releases = [await story.release('bob', ready), await story.release('carol', ready)]
  const issuing = await story.issuing('carol', ready)
  const expires = story.now + minutes * MINUTE
  return story.grant('carol', { ...basis, ready, issuing, releases }, { expires })
}

const TO = { revoker: ['bob', 'carol', 'dave', 'erin'], rotator: ['carol'] }

/** A newer key that three custodians hold. */
async function newKey({ story, plan }: Setup) {
  const next = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
  await story.hold(next, ['bob', 'carol', 'dave'])
  return next
}

describe('after a grant', () => {
  it('its device’s account of what it made counts, and nothing is found', async () => {
    const { story, grant, current, grantNow } = await granted()
    const care = await story.care('bob', grant, TO)
    expect(grantNow().aftercare.map(({ id }) => id)).toEqual([care.id])
    expect(current()).toMatchObject({ state: 'granted', endings: [], findings: [], refused: [] })
  })

  it.each([
    ['there is no account', async () => undefined],
    ['it says what lacks', ({ story, grant }: Told) => story.care('bob', grant, TO, { lacks: 'IAM said no.' })],
    ['nothing can end the session', ({ story, grant }: Told) => story.care('bob', grant, TO, { revoker: null })],
    ['nothing can replace the key', ({ story, grant }: Told) => story.care('bob', grant, TO, { rotator: null })],
    ['only another device says that all is there', ({ story, grant }: Told) => story.care('carol', grant, TO)],
  ])('that is a finding: %s', async (_, act) => {
    const told = await granted()
    await act(told)
    expect(told.current().findings).toEqual([{ code: 'aftercare-missing', id: told.grant.id }])
  })

  it('nothing is missing that the plan does not want', async () => {
    const { revoker: _, ...onlyRotator } = carefulAccess.aftercare ?? { iam: { region: '', endpoint: '' } }
    const half = await granted({ ...carefulAccess, aftercare: onlyRotator })
    await half.story.care('bob', half.grant, TO, { revoker: null })
    expect(half.current().findings).toEqual([])
    const { aftercare: __, ...access } = carefulAccess
    const none = await granted(access)
    expect([none.current().findings, none.owed()]).toEqual([[], ['rotate', 'review']])
  })
})

describe('a session', () => {
  it.each([
    ['whoever had it says that it is done', ({ story, grant }: Told) => story.end('alice', grant)],
    ['a custodian orders it', ({ story, grant }: Told) => story.revoke('dave', grant)],
  ])('is ending, not ended, when %s, also while AWS has the deny', async (_, act) => {
    const told = await granted()
    const { story, grant, current } = told
    story.pass(3)
    await act(told)
    const ending = { grant: grant.id, since: story.now, dies: grant.payload.expires, expired: false, saidBy: [] }
    expect(current()).toMatchObject({ state: 'ending', endings: [{ ...ending, denied: false }] })
    await story.revoked('bob', grant)
    expect(current()).toMatchObject({ state: 'ending', endings: [{ ...ending, denied: true }] })
    await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(current()).toMatchObject({ state: 'ended', endings: [] })
  })

  it.each(['done', 'revoked', 'timer', 'lost'] as const)(
    'is not ended before its time because whoever had it says that AWS refused it: %s',
    async (how) => {
      const { story, grant, current } = await granted()
      await story.end('alice', grant, { how, confirmation: 'aws-refused' })
      const ending = { grant: grant.id, since: story.now, dies: grant.payload.expires, saidBy: [idOf('alice')] }
      expect(current()).toMatchObject({ state: 'ending', endings: [ending] })
      story.now = grant.payload.expires - 1
      expect(current().state).toBe('ending')
      story.pass(1)
      expect(current()).toMatchObject({ state: 'ended', endings: [] })
    },
  )

  it('that nobody ordered to end lives on, whichever apps say that AWS has the deny', async () => {
    const { story, grant, current, grantNow } = await granted()
    await story.revoked('bob', grant)
    await story.revoked('erin', grant)
    expect(current()).toMatchObject({ state: 'granted', endings: [], refused: [] })
    expect(isOrderedToEnd(story.org(), grantNow())).toBe(false)
    story.now = grant.payload.expires
    expect(current()).toMatchObject({ state: 'ending', endings: [] })
  })

  it('is not ended by the words of whoever issued it and of others, without whoever had it', async () => {
    const { story, grant, current } = await granted()
    await story.end('bob', grant, { confirmation: 'aws-refused' })
    await story.revoked('bob', grant)
    await story.revoked('erin', grant)
    expect(current()).toMatchObject({ state: 'ending', endings: [{ denied: false, saidBy: [idOf('bob')] }] })
    await story.end('alice', grant, { how: 'done' })
    expect(current()).toMatchObject({ state: 'ending', endings: [{ denied: true, saidBy: [idOf('bob')] }] })
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    expect(current()).toMatchObject({ state: 'ended', endings: [] })
  })

  it('is said to be denied beside a custodian’s order as long as that custodian is one', async () => {
    const { story, grant, current, grantNow, people } = await granted()
    const isOrdered = () => isOrderedToEnd(story.org(), grantNow())
    await story.revoke('dave', grant)
    await story.revoked('bob', grant)
    expect([current().endings[0]?.denied, isOrdered()]).toEqual([true, true])
    const { dave: _, ...others } = people
    await story.changeRoster('alice', others, ['alice', 'carol'])
    expect(current()).toMatchObject({ state: 'ending', endings: [{ denied: false }] })
    expect(isOrdered()).toBe(false)
  })

  it('that its requester may deny as a custodian is not ended by that person’s words alone', async () => {
    const custodians = ['alice', 'bob', 'carol', 'dave'].map(idOf)
    const told = await setupWith(NAMES, {
      people: { alice: { roles: ['admin', 'approver', 'commander'], groups: [] } },
      plan: { access: carefulAccess, custodians, quorum: { count: 2, groups: [], veto: [] } },
    })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.revoke('alice', grant)
    await story.revoked('alice', grant)
    await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(story.case(request)).toMatchObject({ state: 'ending', refused: [] })
    await story.revoked('bob', grant)
    expect(story.case(request).state).toBe('ended')
  })

  it('is not ending early because its time is over, or the app lost it', async () => {
    const { story, grant, current } = await granted()
    await story.end('alice', grant, { how: 'lost' })
    expect(current()).toMatchObject({ state: 'ending', endings: [] })
    await story.end('alice', grant, { how: 'timer' })
    expect(current()).toMatchObject({ state: 'ending', endings: [] })
  })

  it('dies by itself, and then nobody wants it ended any more', async () => {
    const { story, grant, current } = await granted()
    await story.revoke('dave', grant)
    story.now = grant.payload.expires + 5 * MINUTE - 1
    expect(current()).toMatchObject({ state: 'ending', endings: [{ expired: true }] })
    story.pass(1)
    expect([current().state, current().endings.length]).toEqual(['ended', 0])
  })

  it('dies by AWS’s clock, which the issuing device measured', async () => {
    const told = await granted()
    const { story, grant } = told
    story.statements.splice(story.statements.indexOf(grant), 1)
    const ahead = await story.grant('bob', told, { skewMs: 2 * MINUTE })
    await story.revoke('dave', ahead)
    expect(told.current().endings).toMatchObject([{ dies: ahead.payload.expires - 2 * MINUTE, expired: false }])
    story.now = ahead.payload.expires - 2 * MINUTE
    expect(told.current().endings).toMatchObject([{ expired: true }])
  })

  it('that is surplus is ended by itself, and the other lives on', async () => {
    const told = await granted()
    const surplus = await issuedTwice(told)
    await told.story.revoke('dave', surplus)
    expect(told.current()).toMatchObject({ state: 'granted', endings: [{ grant: surplus.id }] })
  })

  it('that is surplus and lives keeps its case from having ended, however the other ended', async () => {
    const told = await granted()
    const { story, grant, request, current } = told
    const surplus = await issuedTwice(told, 60)
    const seen = async (one: VerifiedOf<'grant'>) => {
      await story.revoked('dave', one)
      await story.end('alice', one, { confirmation: 'aws-refused' })
    }
    await seen(grant)
    const of = () => [current().state, current().grant?.state, current().surplus[0]?.state]
    expect(of()).toEqual(['granted', 'ended', 'granted'])
    story.now = grant.payload.expires + 5 * MINUTE
    expect(of()).toEqual(['granted', 'ended', 'granted'])
    await newKey(told)
    await story.review('frank', request)
    expect(isClosed(current())).toBe(false)
    await story.revoke('dave', surplus)
    expect(of()).toEqual(['ending', 'ended', 'ending'])
    await seen(surplus)
    expect(of()).toEqual(['ended', 'ended', 'ended'])
  })

  it('may be ended by whoever is a custodian at the grant or later, on the device of that time, and by no device of before', async () => {
    const told = await setupWith(NAMES, { plan: { access: carefulAccess } })
    const { story, people } = told
    const { erin, dave, ...others } = people
    const old = story.roster
    const then = { ...others, dave: dave as Standing, 'erin/new phone': erin as Standing }
    await story.changeRoster('alice', then, ['alice', 'bob', 'carol'])
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol', 'dave'], 'bob')
    const before = await story.revoke('erin', grant, '', { roster: old })
    expect(story.case(request)).toMatchObject({ state: 'granted', refused: [{ id: before.id, code: 'not-active' }] })
    const at = await story.revoke('erin/new phone', grant)
    const later = { ...others, 'dave/new phone': dave as Standing, 'erin/new phone': erin as Standing }
    await story.changeRoster('alice', later, ['alice', 'bob', 'carol'])
    const after = await story.revoke('dave/new phone', grant)
    expect(new Set(story.case(request).grant?.revokes.map(({ id }) => id))).toEqual(new Set([at.id, after.id]))
  })

  it('ended by a custodian’s order is a finding that stays', async () => {
    const { story, grant, current, people } = await granted()
    await story.care('bob', grant, TO)
    const revoke = await story.revoke('dave', grant, 'It is misuse.')
    expect(current().findings).toEqual([{ code: 'revoked', id: revoke.id }])
    const { dave: _, ...others } = people
    await story.changeRoster('alice', others, ['alice', 'carol'])
    await story.revoked('bob', grant)
    await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(current()).toMatchObject({ state: 'ended', findings: [{ code: 'revoked', id: revoke.id }] })
  })
})

describe('the key that was used', () => {
  it('is retired once the device that began it says that it was deleted, and not before', async () => {
    const told = await granted()
    const { story, grant, owed } = told
    expect(owed()).toEqual(['rotate', 'retire', 'review'])
    expect(told.current().obligations[1]).toEqual({
      code: 'retire',
      since: grant.payload.time,
      due: grant.payload.time + 24 * 60 * MINUTE,
    })
    const next = await newKey(told)
    expect(owed()).toEqual(['retire', 'review'])
    await story.rotating('carol', grant)
    await story.rotated('carol', grant, next, { step: 'deactivated' })
    expect(owed()).toEqual(['retire', 'review'])
    await story.rotated('carol', grant, next)
    expect(owed()).toEqual(['review'])
    expect(told.codes()).toEqual([])
  })

  it('keeps its case open, however it was reviewed', async () => {
    const told = await granted()
    const { story, request, grant, current } = told
    await story.revoked('bob', grant)
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    await story.review('frank', request)
    const next = await newKey(told)
    expect([current().state, isClosed(current())]).toEqual(['ended', false])
    await story.rotating('carol', grant)
    await story.rotated('carol', grant, next)
    expect(isClosed(current())).toBe(true)
  })

  it('is replaced by nothing as long as custodians do not hold the newer one, though the old one is gone', async () => {
    const { story, plan, grant, owed } = await granted()
    const next = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
    await story.rotating('carol', grant)
    await story.rotated('carol', grant, next)
    expect(owed()).toEqual(['rotate', 'review'])
  })

  it('of two sessions of one case is retired once', async () => {
    const told = await granted()
    const { story, owed } = told
    const surplus = await issuedTwice(told)
    const next = await newKey(told)
    await story.rotating('carol', surplus)
    expect(owed()).toEqual(['retire', 'review'])
    await story.rotated('carol', surplus, next)
    expect(owed()).toEqual(['review'])
  })

  it('is owed until each is deleted where two sessions of one case used two', async () => {
    const told = await granted()
    const { story, plan, grant, owed } = told
    const second = await issuedTwice({ ...told, deposit: await newKey(told) })
    const next = await story.deposit('carol', plan, { generation: 3, accessKeyId: 'AKIAEXAMPLEEXAMPLE03' })
    await story.hold(next, ['bob', 'carol', 'dave'])
    for (const one of [grant, second]) await story.rotating('carol', one)
    await story.rotated('carol', grant, next)
    expect(owed()).toEqual(['retire', 'review'])
    await story.rotated('carol', second, next)
    expect(owed()).toEqual(['review'])
  })

  it('stays retired when who replaced it leaves', async () => {
    const told = await granted()
    const { story, grant, people, owed } = told
    const next = await newKey(told)
    await story.rotating('alice', grant)
    await story.rotated('alice', grant, next)
    const { alice: _, ...others } = people
    await story.changeRoster('carol', others, ['bob', 'carol'])
    expect(owed()).toEqual(['review'])
  })
})

describe('after a grant it is refused as', () => {
  /** What makes no difference: the session lives, its key is owed, nothing is found but what lacks. */
  const refused: [CaseRefusalCode, string, (told: Told) => Promise<{ id: string }>][] = [
    ['not-issuer', 'another device’s account of what was made', ({ story, grant }) => story.care('carol', grant, TO)],
    ['not-custodian', 'an order by no custodian', ({ story, grant }) => story.revoke('alice', grant)],
    ['not-active', 'an order from a device that was never a custodian’s', async (told) => impostor(told, 'revoke')],
    ['not-revoker', 'word of a deny from whoever asked', ({ story, grant }) => story.revoked('alice', grant)],
    [
      'other-policy',
      'word of a deny in a policy of another session',
      ({ story, grant }) => story.revoked('bob', grant, { policy: 'lockbox-lb-case-2' }),
    ],
    [
      'not-active',
      'word of a deny from a device that was never a custodian’s',
      async (told) => impostor(told, 'revoked'),
    ],
    ['not-admin', 'a rotation begun by no admin', ({ story, grant }) => story.rotating('dave', grant)],
    [
      'not-active',
      'a rotation begun on a device that was never an admin’s',
      async (told) => impostor(told, 'rotating'),
    ],
    [
      'other-key',
      'a rotation of another key',
      async (told) => told.story.rotating('carol', told.grant, { deposit: (await newKey(told)).id }),
    ],
    [
      'rotating-unknown',
      'a deletion that nobody began',
      async (told) => told.story.rotated('carol', told.grant, await newKey(told)),
    ],
    [
      'rotating-unknown',
      'a deletion by another device than the one that began it',
      async (told) => {
        await told.story.rotating('alice', told.grant)
        return told.story.rotated('carol', told.grant, await newKey(told))
      },
    ],
    [
      'other-key',
      'a deletion of another key',
      async (told) => {
        await told.story.rotating('carol', told.grant)
        return told.story.rotated('carol', told.grant, await newKey(told), { accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
      },
    ],
    [
      'deposit-unfit',
      'a deletion for a key that is nowhere',
      async ({ story, grant }) => {
        await story.rotating('carol', grant)
        return story.rotated('carol', grant, { id: digestOf('no deposit') })
      },
    ],
    [
      'deposit-unfit',
      'a deletion for the very key that was used',
      async ({ story, grant, deposit }) => {
        await story.rotating('carol', grant)
        return story.rotated('carol', grant, deposit)
      },
    ],
    [
      'deposit-unfit',
      'a deletion for another key that is no newer one',
      async ({ story, grant, plan }) => {
        await story.rotating('carol', grant)
        const other = { generation: 1, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' }
        return story.rotated('carol', grant, await story.deposit('carol', plan, other))
      },
    ],
    [
      'deposit-unfit',
      'a deletion for a newer key of another credential',
      async ({ story, grant, plan }) => {
        await story.rotating('carol', grant)
        const other = { credential: nameOf('other'), generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' }
        return story.rotated('carol', grant, await story.deposit('carol', plan, other))
      },
    ],
    [
      'deposit-unfit',
      'a deletion for the same key, dealt anew',
      async ({ story, grant, plan }) => {
        await story.rotating('carol', grant)
        return story.rotated('carol', grant, await story.deposit('carol', plan, { generation: 2 }))
      },
    ],
  ]

  /** Somebody's device that the organization never had, in a roster that it never endorsed. */
  async function impostor({ story, grant, people }: Told, act: 'revoke' | 'revoked' | 'rotating') {
    const { carol, ...others } = people
    const roster = await story.draftRoster('alice', { ...others, 'carol/impostor': carol as Standing })
    const by = 'carol/impostor'
    if (act === 'revoke') return story.revoke(by, grant, '', { roster })
    return act === 'revoked' ? story.revoked(by, grant, {}, { roster }) : story.rotating(by, grant, {}, { roster })
  }

  it.each(refused)('%s: %s', async (code, _, act) => {
    const told = await granted()
    const { id } = await act(told)
    expect(told.current().refused).toMatchObject([{ id, code }])
    expect(told.current()).toMatchObject({
      state: 'granted',
      endings: [],
      findings: [{ code: 'aftercare-missing', id: told.grant.id }],
    })
    expect(told.owed()).toContain('retire')
  })

  it.each(['care', 'revoke', 'revoked', 'rotating', 'rotated'] as const)(
    'grant-unknown: %s of a grant that does not stand',
    async (act) => {
      const { story, request, grant, codes } = await granted()
      const other = { ...grant, id: digestOf('no grant') } as VerifiedOf<'grant'>
      if (act === 'care') await story.care('bob', other, TO)
      else if (act === 'rotated') await story.rotated('carol', other, { id: digestOf('no deposit') })
      else await story[act]('carol', other)
      expect(codes()).toEqual(['grant-unknown'])
      expect(story.case(request).state).toBe('granted')
    },
  )
})

describe('what an app may do after a grant', () => {
  it('a custodian of its plan may order its end until it is over, whoever asked', async () => {
    const { story, grantNow, grant } = await granted()
    const why = (name: string) => whyNoRevoke(story.org(), grantNow(), meOf(name), story.now)
    expect(['bob', 'erin', 'alice', 'frank'].map(why)).toEqual([null, null, 'not-custodian', 'not-custodian'])
    expect(whyNoRevoke(story.org(), grantNow(), { ...meOf('erin'), device: person('x').device }, story.now)).toBe(
      'not-active',
    )
    story.now = grant.payload.expires + 5 * MINUTE
    expect(why('erin')).toBe('session-over')
  })

  it('whoever holds what may deny uses it once somebody wants it, or the time is over', async () => {
    const told = await granted()
    const { story, grant, grantNow, people } = told
    const due = () => isToBeDenied(story.org(), grantNow(), story.now)
    expect(due()).toBe(false)
    await story.end('alice', grant, { how: 'lost' })
    expect(due()).toBe(false)
    await story.revoke('dave', grant)
    expect(due()).toBe(true)
    // An order that its author could not give today is shown, but nobody acts on it.
    const { dave: _, ...others } = people
    await story.changeRoster('alice', others, ['alice', 'carol'])
    expect([due(), grantNow().revokes.length]).toEqual([false, 1])
    story.now = grant.payload.expires
    expect(due()).toBe(true)
    story.now = grant.payload.expires + 5 * MINUTE
    expect(due()).toBe(false)
  })

  it('what whoever had it says keeps no custodian from ending a session before its time', async () => {
    const { story, grant, request, grantNow, current } = await granted()
    const care = await story.care('bob', grant, { revoker: ['carol'], rotator: ['carol'] })
    const sealed = [care.payload.revoker, care.payload.rotator].map((one) => one?.boxes[0]?.sealed)
    const why = (name: string) => whyNoRevoke(story.org(), grantNow(), meOf(name), story.now)
    const due = () => isToBeDenied(story.org(), grantNow(), story.now)
    await story.end('alice', grant, { how: 'timer', confirmation: 'aws-refused' })
    await story.end('bob', grant, { how: 'timer', confirmation: 'aws-refused' })
    expect([why('erin'), due(), current().state]).toEqual([null, true, 'ending'])
    expect(boxesInUse(current(), story.now)).toEqual(sealed)
    // Denied and seen refused: nobody does more by himself, and a custodian still may.
    await story.revoked('dave', grant)
    expect([why('erin'), due(), current().state]).toEqual([null, false, 'ended'])
    expect(boxesInUse(current(), story.now)).toEqual(sealed)
    await story.revoke('erin', grant)
    expect([why('erin'), due()]).toEqual([null, true])
    story.now = grant.payload.expires + 5 * MINUTE
    expect([why('erin'), due(), story.case(request).state]).toEqual(['session-over', false, 'ended'])
  })

  it('an admin may begin to replace the key while that is owed', async () => {
    const told = await granted()
    const { story, grant, current } = told
    const why = (name: string) => whyNoRotating(story.org(), current(), meOf(name))
    expect(['alice', 'carol', 'dave'].map(why)).toEqual([null, null, 'not-admin'])
    const next = await newKey(told)
    await story.rotating('carol', grant)
    expect(why('carol')).toBeNull()
    await story.rotated('carol', grant, next)
    expect(why('carol')).toBe('nothing-to-replace')
  })

  it('a device may have the boxes that the issuing device sealed to it, and no others', async () => {
    const { story, grant, request } = await granted()
    const care = await story.care('bob', grant, { revoker: ['carol', 'dave'], rotator: ['carol'] })
    const foreign = await story.care('dave', grant, { revoker: ['erin'], rotator: ['erin'] })
    const { revoker, rotator } = care.payload
    const sealedTo = (name: string) =>
      [...(revoker?.boxes ?? []), ...(rotator?.boxes ?? [])]
        .filter(({ device }) => device === person(name).device)
        .map(({ sealed }) => sealed)
    const all = [care, foreign].flatMap(({ payload }) =>
      [...(payload.revoker?.boxes ?? []), ...(payload.rotator?.boxes ?? [])].map(({ sealed }) => sealed),
    )
    const wanted = (name: string) => {
      const member = story.org().head.roster.members.find((one) => one.member === idOf(name))
      const blobs =
        member === undefined ? new Set<string>() : blobsOf(story.org(), member, [story.case(request)], story.now)
      return all.filter((id) => blobs.has(id))
    }
    expect(wanted('carol')).toEqual(sealedTo('carol'))
    expect(sealedTo('carol')).toHaveLength(2)
    expect(wanted('dave')).toEqual(sealedTo('dave'))
    expect(['alice', 'bob', 'erin'].flatMap(wanted)).toEqual([])
  })

  it('what was released or handed over is for its device only while it is of use', async () => {
    const { story, grant, request, plan, deposit, releases } = await granted()
    const isFor = (name: string, one: VerifiedOf<'request'>, blob: string) => {
      const member = story.org().head.roster.members.find((each) => each.member === idOf(name)) as Member
      return blobsOf(story.org(), member, [story.case(one)], story.now).has(blob)
    }
    const again = await story.ask('alice', plan)
    for (const name of ['bob', 'carol']) await story.decide(name, again)
    const { box } = (await story.release('carol', await story.ready('bob', again, deposit))).payload
    expect([isFor('bob', again, box), isFor('dave', again, box)]).toEqual([true, false])
    expect(releases.map(({ payload }) => isFor('bob', request, payload.box))).toEqual([false, false])
    const { sealed } = (await story.handOver('bob', grant)).payload
    expect([isFor('alice', request, sealed), isFor('bob', request, sealed)]).toEqual([true, false])
    await story.end('alice', grant)
    expect(isFor('alice', request, sealed)).toBe(false)
  })

  it('a session that nobody ended is for its device until its time is over', async () => {
    const { story, grant, request } = await granted()
    const alice = story.org().head.roster.members.find(({ member }) => member === idOf('alice')) as Member
    const { sealed } = (await story.handOver('bob', grant)).payload
    const isFor = () => blobsOf(story.org(), alice, [story.case(request)], story.now).has(sealed)
    story.now = grant.payload.expires + 5 * MINUTE - 1
    expect(isFor()).toBe(true)
    story.pass(1)
    expect(isFor()).toBe(false)
  })

  it('a device takes the boxes of the first few accounts, however many the issuing device gives', async () => {
    const { story, grant, request } = await granted()
    const cares: VerifiedOf<'aftercare'>[] = []
    for (let at = 0; at < MOST_AFTERCARE + 3; at++) {
      const boxes = [{ device: person('carol').device, sealed: digestOf(`box ${at}`) }]
      cares.push(await story.care('bob', grant, TO, { revoker: null, rotator: { expires: story.now, boxes } }))
    }
    const carol = story.org().head.roster.members.find(({ member }) => member === idOf('carol')) as Member
    const blobs = blobsOf(story.org(), carol, [story.case(request)], story.now)
    const taken = cares.filter(({ payload }) => blobs.has(payload.rotator?.boxes[0]?.sealed ?? ''))
    expect(taken).toEqual(cares.slice(0, MOST_AFTERCARE))
  })

  it('the boxes are kept until the session is over and the key deleted', async () => {
    const told = await granted()
    const { story, grant, current } = told
    const care = await story.care('bob', grant, { revoker: ['carol'], rotator: ['carol'] })
    const sealed = [care.payload.revoker, care.payload.rotator].map((one) => one?.boxes[0]?.sealed)
    const next = await newKey(told)
    const kept = () => [current().state, boxesInUse(current(), story.now)]
    await story.rotating('carol', grant)
    expect(kept()).toEqual(['granted', sealed])
    const deleted = await story.rotated('carol', grant, next)
    expect(kept()).toEqual(['granted', sealed])
    await story.revoked('bob', grant)
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    expect(kept()).toEqual(['ended', sealed])
    story.now = grant.payload.expires + 5 * MINUTE - 1
    expect(kept()).toEqual(['ended', sealed])
    story.pass(1)
    expect(kept()).toEqual(['ended', []])
    story.statements.splice(story.statements.indexOf(deleted), 1)
    expect(kept()).toEqual(['ended', sealed])
  })

  it('the boxes of each session are kept until that one is over', async () => {
    const told = await granted()
    const { story, grant, current } = told
    const surplus = await issuedTwice(told, 60)
    await story.care('bob', grant, { revoker: ['carol'], rotator: ['carol'] })
    const { payload } = await story.care('carol', surplus, { revoker: ['dave'], rotator: ['alice'] })
    await story.rotating('carol', grant)
    await story.rotated('carol', grant, await newKey(told))
    const kept = () => boxesInUse(current(), story.now)
    expect(kept()).toHaveLength(4)
    story.now = grant.payload.expires + 5 * MINUTE
    expect(kept()).toEqual([payload.revoker, payload.rotator].map((one) => one?.boxes[0]?.sealed))
    story.now = surplus.payload.expires + 5 * MINUTE
    expect(kept()).toEqual([])
  })
})
