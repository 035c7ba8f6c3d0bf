import { describe, expect, it } from 'vitest'
import { person } from '../testing/keys.ts'
import { standings } from '../testing/setup.ts'
import { Story } from '../testing/story.ts'
import { hasEndorsedBeside, isOvertaken } from './siblings.ts'

const people = standings(['alice', 'bob', 'carol', 'dave', 'erin'])
const without = (name: string) => Object.fromEntries(Object.entries(people).filter(([each]) => each !== name))
const idOf = (name: string) => person(name).member

/** An organization with two drafts that follow its list; Bob endorsed the first. */
async function twoDrafts() {
  const story = new Story()
  await story.found(people)
  const predecessor = story.organization
  const first = await story.draftRoster('alice', without('dave'), { predecessor })
  const second = await story.draftRoster('carol', without('erin'), { predecessor })
  await story.endorse('bob', first)
  return { story, predecessor, first, second }
}

describe('drafts that follow the same list', () => {
  it('tell of each other whoever endorsed one of them, and nobody else', async () => {
    const { story, predecessor, first, second } = await twoDrafts()
    const beside = (of: typeof first, name: string) =>
      hasEndorsedBeside(story.org(), { id: of.id, predecessor }, idOf(name))
    expect([beside(second, 'bob'), beside(first, 'bob'), beside(second, 'alice')]).toEqual([true, false, false])
  })

  it('are overtaken by the one that comes into force, and not before', async () => {
    const { story, predecessor, first } = await twoDrafts()
    expect(isOvertaken(story.org(), { predecessor })).toBe(false)
    await story.endorse('alice', first)
    expect(story.org().head.id).toBe(first.id)
    expect(isOvertaken(story.org(), { predecessor })).toBe(true)
  })

  it('are overtaken all, and so is whatever follows, where two came into force', async () => {
    const { story, predecessor, first, second } = await twoDrafts()
    for (const name of ['bob', 'carol']) await story.endorse(name, second)
    await story.endorse('alice', first)
    const org = story.org()
    expect(org.splits).toHaveLength(1)
    for (const of of [predecessor, org.head.id]) expect(isOvertaken(org, { predecessor: of })).toBe(true)
  })
})
