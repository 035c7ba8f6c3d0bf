import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import type { Member } from '../statements/member.ts'
import { granted, idOf, issuedTwice, MINUTE, newKey, TO } from '../testing/aftercare.ts'
import { digestOf, person } from '../testing/keys.ts'
import { isToBeDenied, whyNoRevoke, whyNoRotating } from './aftercare-duties.ts'
import { blobsOf, boxesInUse, MOST_AFTERCARE } from './blobs.ts'

const meOf = (name: string) => ({ member: idOf(name), device: person(name).device })

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
