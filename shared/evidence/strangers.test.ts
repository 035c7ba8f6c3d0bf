import { describe, expect, it } from 'vitest'
import { subjectOf } from './subject.ts'
import { OTHER_KEY } from './testing/calls.ts'
import { LONG_KEY, type Scene, scene } from './testing/scene.ts'

describe('what a stranger says', () => {
  const stranger = async (told: Scene) =>
    told.story.draftRoster('alice', { ...told.people, 'mallory!': { roles: ['admin'], groups: [] } })

  it('of when a key was deposited counts for nothing', async () => {
    const told = await scene()
    const { story, plan } = told
    const before = subjectOf(story.org(), story.case(told.request)).keys
    const roster = await stranger(told)
    await story.deposit('mallory!', plan, { generation: 2, accessKeyId: LONG_KEY }, { roster, time: 0 })
    expect(subjectOf(story.org(), story.case(told.request)).keys).toEqual(before)
  })

  it('makes no key one that somebody deposited, nor does a deposit of another credential', async () => {
    const told = await scene()
    const { story, plan } = told
    const deposited = () => subjectOf(story.org(), story.case(told.request)).deposited.has(OTHER_KEY)
    const roster = await stranger(told)
    await story.deposit('mallory!', plan, { generation: 3, accessKeyId: OTHER_KEY }, { roster })
    expect(deposited()).toBe(false)
    const another = plan.payload.plan
    await story.deposit('alice', plan, { generation: 3, accessKeyId: OTHER_KEY, credential: another })
    expect(deposited()).toBe(false)
    await story.deposit('alice', plan, { generation: 3, accessKeyId: OTHER_KEY })
    expect(deposited()).toBe(true)
  })

  it('begins no replacing that explains what is done with a key, nor does a grant that its basis does not carry', async () => {
    const told = await scene()
    const { story, plan, request, ready, releases, decisions } = told
    const begun = () => subjectOf(story.org(), story.case(request)).begun.length
    const roster = await stranger(told)
    await story.rotating('mallory!', told.grant, {}, { roster })
    const issuing = await story.issuing('bob', ready)
    const basis = { request, plan, ready, issuing, releases, decisions: decisions.slice(1) }
    await story.rotating('alice', await story.grant('bob', basis))
    expect(begun()).toBe(0)
    await story.rotating('alice', told.grant)
    expect(begun()).toBe(1)
  })

  it('of an attempt in the name of a device that may issue counts for nothing, nor does one for another request', async () => {
    const told = await scene()
    const { story, plan, deposit } = told
    story.pass(30)
    const other = await story.ask('alice', plan, { reference: 'INC-8' })
    const ready = await story.ready('bob', other, deposit)
    const count = () => subjectOf(story.org(), story.case(told.request)).attempts.length
    const said = { ready: ready.id, attempt: 1, sessionName: 'lb-other-1' }
    await story.sign('issuing', 'bob', { ...said, request: told.request.id })
    expect(count()).toBe(1)
    await story.sign('issuing', 'bob', { ...said, request: other.id })
    expect(count()).toBe(2)
  })
})
