import { act } from 'react'
import { describe, expect, it } from 'vitest'
import type { RosterDraftView } from '../../shared/views/people-views.ts'
import { button, field, fill, freshPages, open, press, tick } from '../testing/page.tsx'
import { aloneSnapshot, founding, WORDS } from '../testing/snapshots.ts'

freshPages()

const shown = () => [...document.querySelectorAll('.words li')].map(({ textContent }) => textContent)
const hiddenPlaces = () => shown().flatMap((word, at) => (word === 'hidden' ? [at] : []))
const endorse = () => button('Endorse the founding of Northwind Trading')

async function draft(changes: Partial<RosterDraftView> = {}) {
  const drafts = [founding('raj', changes)]
  return open(aloneSnapshot({ stage: 'founding', drafts }), { screen: 'people' })
}

async function hear(word: (right: string) => string): Promise<void> {
  for (const place of hiddenPlaces()) {
    await fill(`Word ${place + 1}`, word(WORDS[place] as string))
    await act(async () => field(`Word ${place + 1}`)?.dispatchEvent(new FocusEvent('focusout', { bubbles: true })))
  }
}

describe('the 12 words of a draft', () => {
  it('are not all shown before three were typed that only other screens show, and cannot be endorsed before', async () => {
    await draft()
    const places = hiddenPlaces()
    expect(places).toHaveLength(3)
    expect(document.body.textContent).not.toContain(WORDS[places[0] as number])
    await tick('I compared these aloud with everyone')
    expect(endorse()?.getAttribute('aria-disabled')).toBe('true')
    await hear((right) => ` ${right.toUpperCase()} `)
    expect(shown()).toEqual(WORDS)
    expect(endorse()?.getAttribute('aria-disabled')).toBeNull()
  })

  it('do not open it for words that stand elsewhere, and say what another word means', async () => {
    await draft()
    const places = hiddenPlaces()
    await tick('I compared these aloud with everyone')
    await hear(() => WORDS[(places[0] as number) + 1] as string)
    expect(endorse()?.getAttribute('aria-disabled')).toBe('true')
    expect(hiddenPlaces()).toEqual(places)
    expect(document.body.textContent).toContain('On this screen another word stands at those places.')
    expect(document.body.textContent).toContain('do not endorse, and tell everybody aloud')
  })

  it('are hidden elsewhere where nobody present can read these', async () => {
    await draft()
    const before = hiddenPlaces()
    await press('Nobody here sees these words: hide others')
    expect(hiddenPlaces()).toHaveLength(3)
    expect(hiddenPlaces().filter((place) => before.includes(place))).toEqual([])
  })

  it('are all there for others once their owner has endorsed, and for somebody who is alone', async () => {
    const [first] = founding('raj').people
    const { after } = founding('raj')
    await draft({ after: { ...after, mine: true } })
    expect(shown()).toEqual(WORDS)
    await draft({ people: first === undefined ? [] : [first] })
    expect(shown()).toEqual(WORDS)
  })
})
