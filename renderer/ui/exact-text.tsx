import type { ReactNode } from 'react'
import { pieces } from './odd-characters.ts'

interface ExactProps {
  readonly children: string
  /** Whether it is a sentence of ours with texts in it: then a text in another direction does not turn the sentence. */
  readonly line?: boolean
  /** Whether a name of several words, as `GetCallerIdentity`, may go on in the next line with one of them. */
  readonly breaks?: boolean
}

/** A text from somebody, as text and whole; characters that could deceive are marked with what they are. */
export function Exact({ children, line = false, breaks = false }: ExactProps) {
  return (
    <bdi className="exact" dir={line ? 'ltr' : undefined}>
      {pieces(children).map((piece, at) =>
        piece.kind === 'plain' ? (
          breaks ? (
            withBreaks(piece.text)
          ) : (
            piece.text
          )
        ) : (
          // The pieces of one text never move, so their place is their name.
          <mark className="odd" key={`${at}${piece.name}`} title={TITLES[piece.kind](piece.name)}>
            {piece.kind === 'hidden' ? piece.name : `${piece.text} ${piece.name}`}
          </mark>
        ),
      )}
    </bdi>
  )
}

const BETWEEN_WORDS = /(?<=[a-z\d.])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/

// Nothing that is copied along with the name, as a hyphen or a space would be.
function withBreaks(text: string): ReactNode[] {
  return text.split(BETWEEN_WORDS).flatMap((word, at) => (at === 0 ? [word] : [<wbr key={`${at}${word}`} />, word]))
}

const TITLES = {
  hidden: (name: string) => `A character that does not show: ${name}`,
  mixed: (name: string) => `A letter of another alphabet in a Latin word: ${name}`,
}
