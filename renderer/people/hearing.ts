import { useState } from 'react'
import type { RosterDraftView } from '../../shared/views/people-views.ts'

/** Words that one window hides: of three rows of four, one column. */
const COLUMNS = 4

/** What its owner has heard of the words that this window hides. */
export interface Hearing {
  /** Places of the words that are hidden, from 0 on; none once they were heard, or there is nobody to hear them from. */
  readonly hidden: readonly number[]
  /** What was typed, by place. */
  readonly typed: ReadonlyMap<number, string>
  /** Whether something else was typed for a place than what stands there. */
  readonly isWrong: (place: number) => boolean
  readonly isHeard: boolean
  readonly type: (place: number, word: string) => void
  /** Hides others, where nobody present can read these. */
  readonly change: () => void
}

/**
 * Makes its owner listen: some of the 12 words are not shown before they were typed, and only another person's screen shows
 * them. Which ones goes by the place in the list of people, so that whoever stands next to each other hides others.
 */
export function useHearing({ words, people, before, after }: RosterDraftView): Hearing {
  const [turn, setTurn] = useState(0)
  const [typed, setTyped] = useState<ReadonlyMap<number, string>>(new Map())
  const isOver = people.length < 2 || before.mine || after.mine
  const own = Math.max(
    0,
    people.findIndex(({ me }) => me),
  )
  const asked = isOver || words === null ? [] : placesOf(own + turn, words.length)
  const isRight = (place: number) => tidy(typed.get(place) ?? '') === words?.[place]
  const isHeard = words !== null && asked.every(isRight)
  return {
    hidden: isHeard ? [] : asked,
    typed,
    isWrong: (place) => tidy(typed.get(place) ?? '') !== '' && !isRight(place),
    isHeard,
    type: (place, word) => setTyped(new Map(typed).set(place, word)),
    change: () => {
      setTurn(turn + 1)
      setTyped(new Map())
    },
  }
}

function placesOf(column: number, count: number): readonly number[] {
  return Array.from({ length: count / COLUMNS }, (_, row) => row * COLUMNS + (column % COLUMNS))
}

const tidy = (word: string): string => word.trim().toLowerCase()
