/** The 12 words of a roster, in three rows of four. */
export function Words({ words }: { readonly words: readonly string[] | null }) {
  if (words === null) return <p role="status">Working out the 12 words…</p>
  return (
    <ol className="words" aria-label="The 12 words">
      {words.map((word, at) => (
        <li key={`${at}${word}`}>{word}</li>
      ))}
    </ol>
  )
}
