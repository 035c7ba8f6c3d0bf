import { describe, expect, it } from 'vitest'
import { granted, issuedTwice, MINUTE, newKey } from '../testing/aftercare.ts'
import { isClosed } from './types.ts'

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
