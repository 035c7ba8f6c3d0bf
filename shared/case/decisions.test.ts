import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { person } from '../testing/keys.ts'
import { grantedCase, type Setup, setup } from '../testing/setup.ts'
import { weighedDecisions } from './decisions.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']

/** Who said what of a request, and what it does; oldest first. */
const weights = ({ story }: Setup, request: VerifiedOf<'request'>) =>
  weighedDecisions(story.case(request)).map(({ decision: { payload }, weight }) => [
    names.find((name) => person(name).member === payload.member),
    payload.verdict,
    weight,
  ])

describe('decisions', () => {
  it('of one member who approved and denied are both there, and before a grant the approval does not count', async () => {
    const told = await setup(...names)
    const request = await told.story.ask('alice', told.plan)
    for (const verdict of ['approve', 'deny', 'approve'] as const) {
      told.story.pass(1)
      await told.story.decide('bob', request, verdict)
    }
    await told.story.decide('carol', request)
    const found = weights(told, request)
    expect(found.filter(([name]) => name === 'bob')).toEqual([
      ['bob', 'approve', 'denied'],
      ['bob', 'deny', 'counts'],
      ['bob', 'approve', 'denied'],
    ])
    expect(found.filter(([name]) => name !== 'bob')).toEqual([['carol', 'approve', 'counts']])
  })

  it('count once for each member, the first of them', async () => {
    const told = await setup(...names)
    const request = await told.story.ask('alice', told.plan)
    for (let time = 0; time < 3; time++) {
      told.story.pass(1)
      await told.story.decide('bob', request)
    }
    expect(weights(told, request)).toEqual([
      ['bob', 'approve', 'counts'],
      ['bob', 'approve', 'again'],
      ['bob', 'approve', 'again'],
    ])
  })

  it('are what the grant stands on, once there is one: a denial undoes no approval of it, and no later approval joins it', async () => {
    const told = await setup(...names)
    const { request } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    told.story.pass(1)
    await told.story.decide('bob', request, 'deny')
    told.story.pass(1)
    await told.story.decide('dave', request)
    expect(weights(told, request)).toEqual(
      expect.arrayContaining([
        ['bob', 'approve', 'counts'],
        ['carol', 'approve', 'counts'],
        ['bob', 'deny', 'without'],
        ['dave', 'approve', 'without'],
      ]),
    )
    expect(weights(told, request)).toHaveLength(4)
  })

  it('of whoever asked are refused, and stand here no more than those of strangers', async () => {
    const told = await setup(...names)
    const request = await told.story.ask('bob', told.plan)
    await told.story.decide('bob', request)
    expect(weights(told, request)).toEqual([])
  })
})
