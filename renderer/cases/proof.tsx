import { useState } from 'react'
import type { ProofDetails } from '../../shared/views/proof-views.ts'
import { useApp } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Clock } from '../ui/time.tsx'

/** Everything that proves a statement, asked for when somebody wants to see it: ids, keys, place, and who vouches. */
export function Proof({ id }: { readonly id: string }) {
  const { client } = useApp()
  const action = useAction()
  const [details, setDetails] = useState<ProofDetails | null>(null)
  const load = (isOpen: boolean) => {
    // Anew each time: meanwhile more devices may have cosigned.
    if (isOpen) action.run(async () => setDetails(await client.log.proof({ id })))
  }
  return (
    <details className="proof" onToggle={(event) => load(event.currentTarget.open)}>
      <summary>Show proof</summary>
      {action.busy && details === null && <p role="status">Looking it up…</p>}
      {action.trouble}
      {details && <Details of={details} />}
    </details>
  )
}

function Details({ of: { signed, place, vouchers, stands, payload } }: { readonly of: ProofDetails }) {
  return (
    <div className="card tight stack">
      <h3>Signed by</h3>
      <Rows rows={signed} />
      <h3>Where it stands</h3>
      <Rows rows={place} />
      <h3>Who vouches for its place</h3>
      <p>It stands {stands}.</p>
      {vouchers.length > 0 && (
        <ul className="stack-8">
          {vouchers.map(({ person, at, size }) => (
            <li key={`${person.member}${size}`}>
              <Exact>{person.name}</Exact>’s device cosigned the first {size} entries, by its clock <Clock at={at} />
            </li>
          ))}
        </ul>
      )}
      <h3>What was signed, whole</h3>
      <pre className="report" tabIndex={0} aria-label="What was signed">
        <Exact>{payload}</Exact>
      </pre>
    </div>
  )
}

function Rows({ rows }: { readonly rows: ProofDetails['signed'] }) {
  return (
    <dl className="facts">
      {rows.map(({ label, value }) => (
        <div key={label} className="contents">
          <dt>{label}</dt>
          <dd>
            <Exact>{value}</Exact>
          </dd>
        </div>
      ))}
    </dl>
  )
}
