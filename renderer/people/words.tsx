import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Line } from '../ui/fields.tsx'
import { Note } from '../ui/note.tsx'
import type { Hearing } from './hearing.ts'

interface WordsProps {
  readonly words: readonly string[] | null
  /** Places that are not shown. */
  readonly hidden?: readonly number[]
}

/** The 12 words of a roster, in three rows of four. */
export function Words({ words, hidden = [] }: WordsProps) {
  if (words === null) return <p role="status">Working out the 12 words…</p>
  return (
    <ol className="words" aria-label="The 12 words">
      {words.map((word, at) => (
        <li key={`${at}${word}`} className={hidden.includes(at) ? 'hidden-word' : ''}>
          {hidden.includes(at) ? 'hidden' : word}
        </li>
      ))}
    </ol>
  )
}

/** Where the words that this window hides are typed, as somebody else reads them from their own screen. */
export function Hear({ hearing }: { readonly hearing: Hearing }) {
  const { hidden, typed, isWrong, type, change } = hearing
  const [left, setLeft] = useState<readonly number[]>([])
  const wrong = hidden.filter((place) => left.includes(place) && isWrong(place))
  if (hidden.length === 0) return null
  return (
    <div role="group" aria-label="Words to hear" className="stack">
      <p>
        <strong>Have all 12 words read aloud from another person’s screen.</strong> {hidden.length} of them are hidden
        here: type them as you hear them. Other screens hide others.
      </p>
      <div className="hear-words">
        {hidden.map((place) => (
          <Line
            key={place}
            label={`Word ${place + 1}`}
            value={typed.get(place) ?? ''}
            onValue={(word) => type(place, word)}
            onBlur={() => setLeft([...left, place])}
            wrong={wrong.includes(place) ? 'Another word stands here.' : undefined}
            maxLength={32}
          />
        ))}
      </div>
      {wrong.length > 0 && (
        <Note
          level="danger"
          what={`On this screen another word stands at ${wrong.length === 1 ? 'that place' : 'those places'}.`}
          means="It was misheard, or the two screens show different lists of people."
          todo="Have it read once more. If it is the same word again, do not endorse, and tell everybody aloud."
        />
      )}
      <div className="row">
        <Button kind="quiet" onClick={change}>
          Nobody here sees these words: hide others
        </Button>
      </div>
    </div>
  )
}
