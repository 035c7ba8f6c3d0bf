import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { grantedCase } from '../testing/setup.ts'
import { call, OTHER_KEY, twoKeys, user, withMore } from './testing/calls.ts'
import { LONG_KEY, type Scene, scene } from './testing/scene.ts'
import { MINUTE } from './testing/ways.ts'

// What explains a call, and a little less than that, which does not.

describe('a key that is put in the place of another', () => {
  /** Alice's device replaces the key that an earlier case used by the one that the scene's case uses, five hours after that. */
  async function replaced() {
    const told = await scene()
    const { story, deposit } = told
    const first = story.statements.find(
      (one): one is VerifiedOf<'deposit'> => one.kind === 'deposit' && one.id !== deposit.id,
    )
    if (first === undefined) throw new TypeError('no first deposit')
    const { grant } = await grantedCase({ ...told, deposit: first }, 'alice', ['bob', 'carol'], 'bob')
    story.now = told.start + 5 * 60 * MINUTE
    await story.rotating('alice', grant)
    story.pass(30)
    return { ...told, told, earlier: grant, from: 5 * 60, until: 5 * 60 + 30 }
  }
  const tried = (told: Scene, minutes: number, name = 'GetCallerIdentity', key: string = LONG_KEY) =>
    call(told, minutes, name, 'sts', { userIdentity: user(key) })

  it('is tried from when that began until it was done, and then only asked whose it is', async () => {
    const { told, story, earlier, deposit, from, until } = await replaced()
    expect(withMore(told, tried(told, from))).toEqual(['key-unexplained'])
    await story.rotated('alice', earlier, deposit)
    const of = (minutes: number) => withMore(told, tried(told, minutes))
    expect([of(from - 10), of(until + 10)]).toEqual([[], []])
    expect([of(from - 11), of(until + 11)]).toEqual([['key-unexplained'], ['key-unexplained']])
    expect(withMore(told, tried(told, from, 'GetSessionToken'))).toEqual(['key-unexplained'])
    const another = { ...tried(told, from), eventSource: 'another.amazonaws.com' }
    expect(withMore(told, another)).toEqual(['key-unexplained'])
    expect(twoKeys(told, tried(told, from, 'GetCallerIdentity', OTHER_KEY))).toEqual(['key-unexplained'])
  })

  it('until the last that is said of it was done, whenever that is said', async () => {
    const { told, story, earlier, deposit, start, from } = await replaced()
    story.pass(60)
    await story.rotated('alice', earlier, deposit, { step: 'deactivated', at: start + (from + 20) * MINUTE })
    await story.rotated('alice', earlier, deposit, { at: start + (from + 50) * MINUTE })
    expect(withMore(told, tried(told, from + 60))).toEqual([])
    expect(withMore(told, tried(told, from + 61))).toEqual(['key-unexplained'])
  })

  it('each in its own time, where the device put another there after it', async () => {
    const { told, story, earlier, deposit, plan, request, start, from } = await replaced()
    const next = await story.deposit('alice', plan, { generation: 3, accessKeyId: OTHER_KEY })
    await story.issuing('bob', await story.ready('bob', request, next, { attempt: 2 }))
    const rotated = (which: typeof next, minutes: number) =>
      story.rotated('alice', earlier, which, { at: start + (from + minutes) * MINUTE })
    await rotated(deposit, 20)
    await rotated(next, 50)
    const of = (key: string, minutes: number) => withMore(told, tried(told, from + minutes, 'GetCallerIdentity', key))
    expect([of(LONG_KEY, 30), of(OTHER_KEY, 60)]).toEqual([[], []])
    expect([of(LONG_KEY, 31), of(OTHER_KEY, 61)]).toEqual([['key-unexplained'], ['key-unexplained']])
  })

  it('by the device that began it, for the grant that it began it for', async () => {
    const { told, story, earlier, grant, deposit, from } = await replaced()
    await story.rotated('bob', earlier, deposit)
    await story.rotated('alice', grant, deposit)
    expect(withMore(told, tried(told, from))).toEqual(['key-unexplained'])
  })

  it('by somebody who stood in the organization', async () => {
    const { told, story, earlier, deposit, people, from } = await replaced()
    const strange = await story.draftRoster('alice', { ...people, 'mallory!': { roles: ['admin'], groups: [] } })
    await story.rotating('mallory!', earlier, {}, { roster: strange })
    await story.rotated('mallory!', earlier, deposit, {}, { roster: strange })
    expect(withMore(told, tried(told, from))).toEqual(['key-unexplained'])
  })
})
