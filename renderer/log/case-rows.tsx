import { TriangleAlert } from 'lucide-react'
import type { CaseRow } from '../../shared/views/case-log.ts'
import { Measured } from '../cases/measured.tsx'
import { OutcomeState } from '../cases/outcome.tsx'
import { PURPOSES } from '../cases/words.ts'
import { useGo } from '../store/app.ts'
import { Exact } from '../ui/exact-text.tsx'

interface CaseRowsProps {
  readonly rows: readonly CaseRow[]
  readonly label?: string
  /** What choosing one does; it opens its report, unless something else is said. */
  readonly onOpen?: (row: CaseRow) => void
}

/** Cases as rows that can be chosen. */
export function CaseRows({ rows, label = 'Cases', onOpen }: CaseRowsProps) {
  const go = useGo()
  const open = onOpen ?? (({ id }: CaseRow) => go({ screen: 'report', id }))
  return (
    <ul className="list" aria-label={label}>
      {rows.map((row) => (
        <li key={row.id} className="flush">
          <button type="button" className="open-row" onClick={() => open(row)}>
            <Row row={row} />
          </button>
        </li>
      ))}
    </ul>
  )
}

function Row({ row }: { readonly row: CaseRow }) {
  const flags = flagsOf(row)
  return (
    <>
      <span className="stack-8">
        <span>
          <strong>
            <Exact>{row.credential}</Exact>
          </strong>
          {row.purpose === 'rotation' ? ', asked by ' : ' for '}
          <Exact>{row.requester.name}</Exact>
          {row.purpose === 'access' ? '' : ` · ${PURPOSES[row.purpose]}`}
          <span className="muted">
            {' '}
            · <Exact>{row.plan}</Exact>
            {row.reference !== '' && (
              <>
                {' '}
                · <Exact>{row.reference}</Exact>
              </>
            )}
          </span>
        </span>
        <span className="small">
          <Measured times={row.times} />
        </span>
        {flags.length > 0 && (
          <span className="flags small">
            <TriangleAlert size={16} aria-hidden="true" /> {flags.join(' · ')}
          </span>
        )}
      </span>
      <OutcomeState outcome={row.outcome} forNobody={row.forNobody} />
    </>
  )
}

/** What an auditor would look at, as counts with words. */
function flagsOf({ findings, owed, overdue, refused }: Pick<CaseRow, 'findings' | 'owed' | 'overdue' | 'refused'>) {
  const flags: string[] = []
  if (findings > 0) flags.push(findings === 1 ? '1 finding' : `${findings} findings`)
  if (owed > 0)
    flags.push(`${owed === 1 ? '1 thing' : `${owed} things`} still owed${overdue > 0 ? `, ${overdue} overdue` : ''}`)
  if (refused > 0) flags.push(refused === 1 ? '1 statement does not count' : `${refused} statements do not count`)
  return flags
}
