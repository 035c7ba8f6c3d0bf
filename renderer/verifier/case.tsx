import { useState } from 'react'
import { caseLines, shortCaseLine } from '../../shared/verify/format-cases.ts'
import type { CaseReport } from '../../shared/verify/report.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Lines } from './lines.tsx'

/** A case in a line; opened, in full with its timeline. */
export function Case({ report }: { readonly report: CaseReport }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Exact>{shortCaseLine(report)}</Exact>
      </summary>
      {isOpen && <Lines lines={caseLines(report)} />}
    </details>
  )
}
