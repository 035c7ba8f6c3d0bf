import { pieces } from './odd-characters.ts'

interface ExactProps {
  readonly children: string
  /** Whether it is a sentence of ours with texts in it: then a text in another direction does not turn the sentence. */
  readonly line?: boolean
}

/** A text from somebody, as text and whole; characters that could deceive are marked with what they are. */
export function Exact({ children, line = false }: ExactProps) {
  return (
    <bdi className="exact" dir={line ? 'ltr' : undefined}>
      {pieces(children).map((piece, at) =>
        piece.kind === 'plain' ? (
          piece.text
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

const TITLES = {
  hidden: (name: string) => `A character that does not show: ${name}`,
  mixed: (name: string) => `A letter of another alphabet in a Latin word: ${name}`,
}
