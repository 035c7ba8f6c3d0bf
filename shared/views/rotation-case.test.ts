import { describe, expect, it } from 'vitest'
import { casesFrom } from '../case/case-from.ts'
import { IDLE, names, view } from '../testing/case-window.ts'
import { person } from '../testing/keys.ts'
import { grantedCase, setupWith } from '../testing/setup.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import { caseRowOf, outcomeWords } from './case-log.ts'
import { namesIn } from './people.ts'
import type { RotationHere } from './rotation.ts'

describe('a rotation in the window', () => {
  it('says what was made, and never that anybody has access', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const says = () => {
      const { headline, next } = view(told, request)
      return `${headline}. ${next}`
    }
    expect(says()).toContain('bob’s device is making what may replace the key')
    expect(says()).toContain('Nobody was given access: its session was handed to nobody')
    await story.care('bob', grant, { revoker: ['bob'], rotator: ['carol'] })
    expect(says()).toMatch(/^What may replace the key is made, and good for 12 h\./)
    story.pass(60)
    expect(says()).toContain('Nobody was given access, and its session is over. The case stays open until')
    story.pass(12 * 60)
    expect(says()).toMatch(/^What may replace the key was made, and its time is over\./)
    expect(view(told, request).obligations.map(({ code, says: owed }) => [code, owed])).toContainEqual([
      'rotate',
      'Deposit a new key in the place of the one that was used: a rotation uses it as well',
    ])
  })

  it('is never said to be handed to nobody, or to be nobody’s, where its session was handed over', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const row = () => caseRowOf(story.case(request), story.org().head.roster, namesIn(story.org()), story.now)
    const kept = view(told, request)
    expect(kept.next).toContain('Nobody was given access')
    expect(kept).toMatchObject({ forNobody: true, times: { access: null }, trail: { isMissing: false } })
    expect(outcomeWords(row())).toBe('Issued, no access')
    await story.handOver('bob', grant)
    const handed = view(told, request)
    expect(`${handed.headline}. ${handed.next}`).not.toContain('obody was given access')
    expect(`${handed.headline}. ${handed.next}`).toContain('alice')
    expect(handed).toMatchObject({ forNobody: false, times: { access: { by: { name: 'bob' } } } })
    expect(handed.trail?.isMissing).toBe(true)
    expect(outcomeWords(row())).toBe('Access granted')
  })

  it('is good for no longer than AWS lets any session live, whatever the issuing device says', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story } = told
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const claimed = { expires: Date.UTC(2199, 0), boxes: [{ device: person('carol').device, sealed: grant.id }] }
    await story.care('bob', grant, { revoker: ['bob'], rotator: [] }, { rotator: claimed })
    const over = grant.payload.time + 12 * 60 * 60_000
    expect(view(told, request).headline).toBe('What may replace the key is made, and good for 12 h')
    story.now = over - 3 * 60 * 60_000
    expect(view(told, request).headline).toBe('What may replace the key is made, and good for 3 h')
    story.now = over
    expect(view(told, request).headline).toBe('What may replace the key was made, and its time is over')
  })

  it('tells whoever decides who has what it is for already, whatever the app of whoever asks said', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story, plan } = told
    const { grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const request = await story.ask('alice', plan, { purpose: 'rotation' })
    const already = () => {
      const { by, onItsWay } = view(told, request, 'carol', casesFrom(story.org(), story.now)).already
      return { by: by.map(({ name }) => name), onItsWay }
    }
    expect(already()).toEqual({ by: [], onItsWay: grant.payload.request })
    await story.care('bob', grant, { revoker: ['bob'], rotator: ['carol'] })
    expect(already()).toEqual({ by: ['carol'], onItsWay: null })
    story.now = grant.payload.time + 12 * 60 * 60_000
    expect(already()).toEqual({ by: [], onItsWay: null })
  })

  it('never says that a key still works of which another case says that it is off or deleted', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story, plan } = told
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const made = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
    await story.hold(made, ['bob', 'carol', 'dave'])
    const words = (here: Partial<RotationHere>) => {
      const { says = '', todo = '' } = view(told, request, 'carol', undefined, { ...IDLE, ...here }).rotation ?? {}
      return `${says} ${todo}`
    }
    expect(words({})).toBe('A new key is held. The key that was used still works. Touch your key to go on.')
    expect(words({ elsewhere: 'deactivated' })).toMatch(
      /is switched off, as another case says .*, and not deleted yet\./,
    )
    expect(words({ elsewhere: 'deleted' })).toMatch(
      /is deleted, as another case says .* Touch your key: this app looks/,
    )
    expect(words({ elsewhere: 'deleted', offAt: story.now })).toContain('is deleted, as another case says')
    expect(words({ elsewhere: 'deleted', mayBegin: false })).not.toContain('Touch')
  })

  it('says that nothing was made, and why', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    const lacks = 'AWS refused the role lockbox-rotator.'
    await told.story.care('bob', grant, { revoker: ['bob'], rotator: ['carol'] }, { rotator: null, lacks })
    const { headline, next } = view(told, request)
    expect(headline).toBe('What may replace the key could not be made')
    expect(next).toContain(lacks)
  })

  it('waits for custodians again where a new key that was held is left with none to spare', async () => {
    const told = await setupWith(names, { plan: { access: carefulAccess } })
    const { story, plan, people } = told
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    const next = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
    await story.hold(next, ['bob', 'carol', 'dave'])
    const at = () => view(told, request, 'alice', undefined, IDLE).rotation?.at
    expect(at()).toBe('switch')
    const { dave, ...others } = people
    await story.changeRoster('alice', { ...others, 'dave/new phone': dave as never }, ['alice', 'bob'])
    expect(story.org().generations.find(({ id }) => id === next.id)?.state).toBe('held')
    expect(at()).toBe('custody')
  })
})
