import type { TimelineEntry } from '../../shared/views/case-views.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Clock } from '../ui/time.tsx'
import { fullUtc } from '../ui/time-words.ts'
import { Proof } from './proof.tsx'

interface TimelineProps {
  readonly entries: readonly TimelineEntry[]
  /** Full UTC instead of the local clock: for what is printed. */
  readonly utc?: boolean
}

/** What was said and done: when, who, what, and what proves it; everything behind the proof on demand. */
export function Timeline({ entries, utc = false }: TimelineProps) {
  return (
    <ol className="list timeline">
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} utc={utc} />
      ))}
    </ol>
  )
}

function Entry({ entry, utc }: { readonly entry: TimelineEntry; readonly utc: boolean }) {
  return (
    <li>
      <span className="muted">{utc ? <time>{fullUtc(entry.at)}</time> : <Clock at={entry.at} />}</span>
      <div className="stack-8">
        <Said entry={entry} />
        <p className="muted small">
          <Exact>{entry.proof}</Exact>
        </p>
        {entry.came !== null && (
          <p className="muted small">
            Came <Exact>{entry.came.how}</Exact>,{' '}
            {utc ? <time>{fullUtc(entry.came.at)}</time> : <Clock at={entry.came.at} />}
          </p>
        )}
        <Proof id={entry.id} />
      </div>
    </li>
  )
}

/** Who said what, and why it does not count if it does not. */
export function Said({ entry: { person, says, refused } }: { readonly entry: TimelineEntry }) {
  return (
    <>
      <p>
        <strong>
          <Exact>{person.name}</Exact>
        </strong>{' '}
        <Exact>{says}</Exact>
      </p>
      {refused !== null && (
        <p className="refused">
          Does not count: <Exact>{refused}</Exact>
        </p>
      )}
    </>
  )
}
