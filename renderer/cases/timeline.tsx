import type { TimelineEntry } from '../../shared/views/views.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Clock } from '../ui/time.tsx'
import { fullUtc } from '../ui/time-words.ts'

/** What was said and done, newest first; who, what, and the proof on demand. */
export function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  return (
    <ol className="list timeline">
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} />
      ))}
    </ol>
  )
}

function Entry({ entry }: { readonly entry: TimelineEntry }) {
  return (
    <li>
      <span className="muted">
        <Clock at={entry.at} />
      </span>
      <div className="stack-8">
        <p>
          <strong>
            <Exact>{entry.person.name}</Exact>
          </strong>{' '}
          <Exact>{entry.says}</Exact>
        </p>
        {entry.refused !== null && (
          <p className="refused">
            Does not count: <Exact>{entry.refused}</Exact>
          </p>
        )}
        <details>
          <summary>Proof</summary>
          <dl className="facts">
            <dt>How</dt>
            <dd>
              <Exact>{entry.proof}</Exact>
            </dd>
            <dt>Claimed time</dt>
            <dd>{fullUtc(entry.at)}</dd>
            <dt>Statement</dt>
            <dd className="mono exact">
              {entry.kind} {entry.id}
            </dd>
          </dl>
        </details>
      </div>
    </li>
  )
}
