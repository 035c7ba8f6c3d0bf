import { useState } from 'react'
import { caseLines, shortCaseLine } from '../../shared/verify/format-cases.ts'
import type { CaseReport } from '../../shared/verify/report.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Lines } from './lines.tsx'

/** A case in a line; opened, in full with its timeline. @param isChosen - whether it is open from the beginning. */
export function Case({ report, isChosen }: { readonly report: CaseReport; readonly isChosen: boolean }) {
  const [isOpen, setOpen] = useState(isChosen)
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Exact line>{shortCaseLine(report)}</Exact>
      </summary>
      {isOpen && <Lines lines={caseLines(report)} />}
    </details>
  )
}
