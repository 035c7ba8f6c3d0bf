import { Exact } from '../ui/exact-text.tsx'

/** Lines of a report, as a list. */
export function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <ul className="stack-8">
      {lines.map((line, at) => (
        // Lines of one report never move.
        <li key={`${at} ${line.slice(0, 16)}`}>
          <Exact line>{line}</Exact>
        </li>
      ))}
    </ul>
  )
}
