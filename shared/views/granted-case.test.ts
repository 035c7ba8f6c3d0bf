import { describe, expect, it } from 'vitest'
import { names, view } from '../testing/case-window.ts'
import { digestOf, person } from '../testing/keys.ts'
import { grantedCase, setup, setupWith } from '../testing/setup.ts'
import { carefulAccess, usualPlan } from '../testing/usual-plan.ts'
import { NOBODY_DENIES } from './aftercare-words.ts'

describe('a granted case in the window', () => {
  it('says of a session that was ordered to end that it may still live, and when it dies by itself', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.revoke('dave', grant)
    expect(view(told, request)).toMatchObject({
      headline: 'The session is ending; not yet confirmed. It dies by itself in 15 min',
      next: expect.stringMatching(/^Until AWS denies it, it may still be used\./) as string,
    })
    const sole = await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(view(told, request)).toMatchObject({
      headline: 'The session has ended, as alice says; not yet confirmed. It dies by itself in 15 min',
      next: expect.stringContaining('it may still be used, and a custodian can order its end') as string,
      endings: [{ says: 'It has ended, as alice says. Nobody else bears it out: it may still be used.' }],
      grant: { confirmed: false },
    })
    story.statements.splice(story.statements.indexOf(sole), 1)
    await story.revoked('bob', grant)
    expect(view(told, request).next).toMatch(/^AWS has the deny, but was not yet seen to refuse a call\./)
    await story.end('alice', grant, { how: 'revoked', confirmation: 'aws-refused' })
    expect(view(told, request).headline).toBe('The session has ended')
  })

  it.each([
    ['names a role that may', carefulAccess, 0, true],
    ['names a role that may, of a session that lasts for another moment', carefulAccess, 1, true],
    ['names a role that may, of a session that is over', carefulAccess, -1, false],
    ['names none', usualPlan.access, 0, false],
  ])('says whether AWS can be told to deny a session whose plan %s', async (_, access, left, deniable) => {
    const told = await setupWith(names, { plan: { access } })
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const boxes = [{ device: person('carol').device, sealed: digestOf('box') }]
    const expires = told.story.now + grant.payload.skewMs + left
    const revoker = { userId: 'AROAEXAMPLEEXAMPLE00:lb-case-1', expires, boxes }
    if (left !== 0) await told.story.care('bob', grant, { revoker: [], rotator: ['carol'] }, { revoker })
    expect(view(told, request, 'dave').mine.mayRevoke).toEqual([{ grant: grant.id, deniable, confirmed: false }])
    await told.story.revoke('dave', grant)
    expect(view(told, request).endings).toMatchObject([{ says: deniable ? null : NOBODY_DENIES }])
    expect(view(told, request).next).toMatch(
      deniable ? /^Until AWS denies it, it may still be used\./ : /^It may still be used until then, since nobody can/,
    )
    await told.story.end('alice', grant, { confirmation: 'aws-refused' })
    expect(view(told, request).next).toContain(
      deniable ? 'used, and a custodian can order its end.' : 'used, and nobody can have AWS deny it.',
    )
  })

  it('says neither that AWS has the deny nor that it lacks it, where a device says so that nobody asked', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.end('bob', grant)
    expect(view(told, request).endings).toMatchObject([{ denied: false, claimed: false }])
    await story.revoked('carol', grant)
    expect(view(told, request).endings).toMatchObject([{ denied: false, claimed: true }])
    await story.end('alice', grant)
    expect(view(told, request).endings).toMatchObject([{ denied: true, claimed: false }])
  })

  it('never says that whoever asked has a session that was not handed over yet', async () => {
    const told = await setup(...names)
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    expect(view(told, request)).toMatchObject({
      headline: 'Access is granted and not handed over yet, 15 min left',
      next: 'The session has not come to alice yet: keep alice’s and bob’s apps open and unlocked.',
    })
    await told.story.handOver('bob', grant)
    expect(view(told, request)).toMatchObject({
      headline: 'Access is granted, 15 min left',
      next: 'alice has the session. It ends by itself.',
    })
  })

  it('says of a second session that it lives when the first has ended', async () => {
    const told = await setup(...names)
    const { story } = told
    const { request, grant, ...basis } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const surplus = await story.grant('bob', { request, ...basis }, { expires: story.now + 60 * 60_000 })
    const [first, second] = story.case(request).grant?.id === grant.id ? [grant, surplus] : [surplus, grant]
    await story.handOver('bob', first)
    expect(view(told, request).headline).toMatch(/^Access is granted, /)
    await story.revoked('carol', first)
    await story.end('alice', first, { confirmation: 'aws-refused' })
    expect(view(told, request)).toMatchObject({
      state: 'granted',
      headline: expect.stringMatching(/^A second session lives, /) as string,
      next: expect.stringMatching(/wiped where it is held before; nobody can have AWS deny it\.$/) as string,
      grant: { id: first.id, confirmed: true },
    })
    await story.revoke('dave', second)
    expect(view(told, request).headline).toMatch(
      /^A second session is ending; not yet confirmed\. It dies by itself in /,
    )
  })

  it('lets a custodian order the end of a session until its time is over, whatever others say of it', async () => {
    const told = await setup(...names)
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const may = (name: string) => view(told, request, name).mine.mayRevoke.map(({ grant }) => grant)
    const isConfirmed = () => view(told, request, 'dave').mine.mayRevoke.map(({ confirmed }) => confirmed)
    await story.end('alice', grant, { confirmation: 'aws-refused' })
    await story.revoke('carol', grant)
    expect(isConfirmed()).toEqual([false])
    await story.revoked('bob', grant)
    expect(isConfirmed()).toEqual([true])
    expect([view(told, request).state, may('carol'), may('dave')]).toEqual(['ended', [grant.id], [grant.id]])
    await story.revoked('carol', grant)
    expect([may('carol'), may('dave')]).toEqual([[], [grant.id]])
    story.now = grant.payload.expires + 5 * 60_000
    expect(may('dave')).toEqual([])
  })

  it('says of a key that is to be deleted who was given what may do it', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const owed = () => view(told, request).obligations.find(({ code }) => code === 'retire')
    expect(owed()).toMatchObject({ by: [], says: expect.stringContaining('may still work') as string })
    await told.story.care('bob', grant, { revoker: ['dave'], rotator: ['carol'] })
    expect(owed()?.by.map(({ name }) => name)).toEqual(['carol'])
  })

  it('says of a grant which key was used', async () => {
    const told = await setup(...names)
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    expect(view(told, request).grant?.deposit).toBe(told.deposit.id)
  })
})
