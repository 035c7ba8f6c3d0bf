import { useEffect, useRef, useState } from 'react'
import { ANY_CASE, type CasePage, type CaseRow } from '../../shared/views/case-log.ts'
import { useApp, useSnapshot } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Line } from '../ui/fields.tsx'
import { Clock } from '../ui/time.tsx'
import { CaseRows } from './case-rows.tsx'
import { TYPING_MS } from './filter.ts'

/** How many cases are offered at once: as many as can be read over before it is quicker to type another word. */
const OFFERED = 6

interface CasePickerProps {
  readonly picked: CaseRow | null
  readonly onPick: (row: CaseRow | null) => void
  readonly fail: (error: unknown) => void
}

/** Any case that this device keeps, however old, by words that are typed; the entries are then those of that case. */
export function CasePicker({ picked, onPick, fail }: CasePickerProps) {
  const [typed, setTyped] = useState('')
  const page = useCasesWith(typed, fail)
  const place = useRef<HTMLDivElement>(null)
  // What had the focus is gone: whoever picks goes on from what they picked, whoever lets go from where they type.
  const isFirst = useRef(true)
  useEffect(() => {
    if (!isFirst.current) place.current?.querySelector<HTMLElement>(picked === null ? 'input' : 'button')?.focus()
    isFirst.current = false
  }, [picked])
  if (picked !== null)
    return (
      <div ref={place} className="row-between card">
        <p>
          Entries of one case: <Exact>{picked.credential}</Exact> for <Exact>{picked.requester.name}</Exact>
          {picked.reference !== '' && (
            <>
              , <Exact>{picked.reference}</Exact>
            </>
          )}
          , asked <Clock at={picked.times.asked.at} />
        </p>
        <Button onClick={() => onPick(null)}>Entries of all cases</Button>
      </div>
    )
  return (
    <div ref={place} className="stack-8">
      <Line
        label="Entries of one case"
        hint="Type a reference, a word of what happened, who asked, the plan or the id. Cases of any age are found."
        value={typed}
        onValue={setTyped}
        maxLength={128}
        type="search"
      />
      <p role="status" className={page === null ? undefined : 'muted'}>
        {page === null ? '' : offerWords(page)}
      </p>
      {page !== null && page.total > 0 && (
        <CaseRows
          rows={page.rows}
          label="Cases that fit"
          onOpen={(row) => {
            setTyped('')
            onPick(row)
          }}
        />
      )}
    </div>
  )
}

function offerWords({ rows, total }: CasePage): string {
  if (total === 0) return 'No case that this device keeps has all these words.'
  if (total > rows.length) return `The newest ${rows.length} of ${total} cases that fit. Another word makes them fewer.`
  return total === 1
    ? '1 case fits. Choose it to see its entries.'
    : `${total} cases fit. Choose one to see its entries.`
}

/** The newest cases in which all typed words are; null while nothing is typed, or before main has answered. */
function useCasesWith(typed: string, fail: (error: unknown) => void): CasePage | null {
  const { client } = useApp()
  const { entries } = useSnapshot().log
  const [found, setFound] = useState<{ readonly of: string; readonly page: CasePage } | null>(null)
  const of = typed.trim()
  const asOf = `${entries} ${of}`
  useEffect(() => {
    if (of === '') return undefined
    let stale = false
    const timer = setTimeout(() => {
      client.log.cases({ ...ANY_CASE, text: of, skip: 0, most: OFFERED, atHand: false }).then(
        (page) => stale || setFound({ of: asOf, page }),
        (error: unknown) => stale || fail(error),
      )
    }, TYPING_MS)
    return () => {
      stale = true
      clearTimeout(timer)
    }
  }, [client, of, asOf, fail])
  // What fitted the words before is shown until the next answer: a list that comes and goes with each letter cannot be read.
  return of === '' ? null : (found?.page ?? null)
}
