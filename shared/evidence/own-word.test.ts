import { describe, expect, it } from 'vitest'
import { called, found, type Record, type Scene, scene } from './testing/scene.ts'
import { codes, issueOf, issueOfOther, longKey, OTHERS_SESSION, stepped } from './testing/ways.ts'

describe('no member explains their own use of the key:', () => {
  /** A use of the key under the name of an attempt, half an hour after the case was over: a step of the plan's, and one that AWS refused. */
  const uses = (told: Scene, sessionName: string): Record[] => [
    {
      ...called(told.story.now, 'GetSessionToken', 'sts.amazonaws.com', 21),
      userIdentity: longKey(told),
      responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
    },
    {
      ...issueOf(told),
      ...called(told.story.now, 'AssumeRole', 'sts.amazonaws.com', 22),
      requestParameters: { ...issueOf(told).requestParameters, roleSessionName: sessionName },
      errorCode: 'AccessDenied',
      responseElements: null,
    },
  ]

  it('which takes a device that may issue, a plan that was in effect, and who may ask under it', async () => {
    const told = await stepped()
    const { story, plan, deposit } = told
    story.pass(30)
    const request = await story.ask('alice', plan, { reference: 'INC-8' })
    const ready = await story.ready('bob', request, deposit)
    const said = { request: request.id, ready: ready.id, attempt: 1, sessionName: 'lb-other-1' }
    await story.sign('issuing', 'bob', said)
    expect(found(told, [...told.records, ...uses(told, 'lb-other-1')]).differs).toEqual([])
  })

  const inventions: [string, (told: Scene) => Promise<unknown>][] = [
    [
      'by a device that may not issue',
      async ({ story, plan, deposit }) => {
        const request = await story.ask('alice', plan)
        const ready = await story.ready('erin', request, deposit)
        return story.sign('issuing', 'erin', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
    [
      'about the ready of another device',
      async ({ story, plan, deposit }) => {
        const request = await story.ask('alice', plan)
        const ready = await story.ready('bob', request, deposit)
        return story.sign('issuing', 'carol', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
    [
      'for what somebody asked who may not ask',
      async ({ story, plan, deposit }) => {
        const request = await story.ask('erin', plan)
        const ready = await story.ready('bob', request, deposit)
        return story.sign('issuing', 'bob', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
    [
      'under a plan that was never in effect',
      async ({ story, plan, deposit }) => {
        const draft = await story.draftPlan('bob', { ...plan.payload, whyTight: 'Another.' })
        const request = await story.ask('alice', draft)
        const ready = await story.ready('bob', request, deposit)
        return story.sign('issuing', 'bob', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
    [
      'for what somebody asked with keys that they got when the plan was in effect no more',
      async ({ story, plan, deposit, people }) => {
        const { alice = { roles: [], groups: [] }, erin: _, ...rest } = people
        await story.changeRoster('alice', { 'alice/new laptop': alice, ...rest }, ['alice', 'bob', 'carol'])
        const request = await story.ask('alice/new laptop', plan)
        const ready = await story.ready('bob', request, deposit)
        return story.sign('issuing', 'bob', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
    [
      'in the case itself, by a device that may not issue',
      async ({ story, request, deposit }) => {
        const ready = await story.ready('erin', request, deposit, { attempt: 2 })
        return story.sign('issuing', 'erin', { ...about(request, ready), sessionName: 'lb-other-1' })
      },
    ],
  ]
  const about = (request: { readonly id: string }, ready: { readonly id: string }) => ({
    request: request.id,
    ready: ready.id,
    attempt: 1,
  })
  it.each(inventions)('not an issuing %s', async (_, invent) => {
    const told = await stepped()
    told.story.pass(30)
    await invent(told)
    expect(codes(told, [...told.records, ...uses(told, 'lb-other-1')])).toEqual(['key-unexplained', 'key-unexplained'])
  })

  it('not a grant of another case that its basis does not carry', async () => {
    const told = await scene()
    const { story, plan, deposit } = told
    const request = await story.ask('alice', plan)
    const decisions = [await story.decide('bob', request)]
    const ready = await story.ready('bob', request, deposit)
    const releases = [await story.release('bob', ready), await story.release('carol', ready)]
    const issuing = await story.sign('issuing', 'bob', { ...about(request, ready), sessionName: 'lb-other-1' })
    const basis = { request, plan, ready, issuing, decisions, releases }
    await story.grant('bob', basis, { accessKeyId: OTHERS_SESSION })
    const issue = issueOfOther(told)
    expect(codes(told, [...told.records, issue])).toEqual(['session-unknown'])
  })
})
