import { pieces } from './odd-characters.ts'

/** A text from somebody, as text and whole; characters that could deceive are marked with what they are. */
export function Exact({ children }: { readonly children: string }) {
  return (
    <bdi className="exact">
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
