import { useState } from 'react'
import type { Digest } from '../../shared/bytes.ts'
import { shortCaseLine } from '../../shared/verify/format-cases.ts'
import type { CaseReport } from '../../shared/verify/report.ts'
import { Button } from '../ui/button.tsx'
import { Line } from '../ui/fields.tsx'
import { Case } from './case.tsx'
import { Paged } from './paged.tsx'

/** How a case that is not listed is had: the files are verified once more. */
export interface Asking {
  /** Cases that were asked for by their id. */
  readonly asked: readonly Digest[]
  readonly onCase: (id: Digest) => void
}

interface CasesProps extends Asking {
  /** Oldest first. */
  readonly cases: readonly CaseReport[]
  /** How many are not among them. */
  readonly older: number
}

/** An id of a request: 32 bytes in base64url. */
const ID = /^[A-Za-z0-9_-]{43}$/

/** Cases, the newest first, and those that were asked for before them; narrowed by what is typed. */
export function Cases({ cases, older, asked, onCase }: CasesProps) {
  const [typed, setTyped] = useState(asked.at(-1) ?? '')
  const wanted = typed.trim().toLowerCase()
  const found = cases.toReversed().filter((one) => wordsOf(one).includes(wanted))
  const id = typed.trim()
  return (
    <>
      <Line
        label="Choose a case"
        hint="By its id, who asked, the plan, the reference, the day, such as 2026-11-23, or an entry, such as [29]."
        value={typed}
        onValue={setTyped}
        maxLength={200}
      />
      <p className="only-paper">
        A case that was not opened stands here in one line; the report that is saved as text has it whole.
      </p>
      {older > 0 && (
        <p>{older} older cases are not listed; they were judged all the same. Type the id of one to see it.</p>
      )}
      {found.length > 0 ? (
        <Paged
          // Another choice is another list, from its beginning.
          key={wanted}
          label="cases"
          items={found}
          render={(one) => <Case report={one} isChosen={wanted !== '' && found.length === 1} />}
          keyOf={({ id: one }) => one}
        />
      ) : (
        <div className="row">
          <p role="status">{nothingWords(id, asked)}</p>
          {ID.test(id) && older > 0 && !asked.includes(id) && (
            <Button kind="primary" onClick={() => onCase(id)}>
              Verify again for this case
            </Button>
          )}
        </div>
      )}
    </>
  )
}

function nothingWords(id: string, asked: readonly Digest[]): string {
  if (asked.includes(id)) return 'No case of this id is in the files.'
  return ID.test(id) ? 'This case is not among those that are listed.' : 'No case that is listed fits.'
}

function wordsOf(one: CaseReport): string {
  const entries = one.timeline.map(({ entry }) => `[${entry}]`).join(' ')
  return `${shortCaseLine(one)} ${one.reference} ${one.emergency} ${one.what} ${entries}`.toLowerCase()
}
