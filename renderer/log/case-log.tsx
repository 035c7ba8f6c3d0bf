import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { ANY_CASE, type CaseFilter, type CasePage, isAny } from '../../shared/views/case-log.ts'
import { useApp, useSnapshot } from '../store/app.ts'
import { useNow } from '../store/clock.ts'
import { listCases } from '../store/view-store.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/note.tsx'
import { Section } from '../ui/page.tsx'
import { useSave } from '../ui/save.ts'
import { CaseFilters } from './case-filters.tsx'
import { CaseRows } from './case-rows.tsx'

const PAGE = 25

/** All cases ever, newest first. Main filters: it alone can read them, and the window holds one page. */
export function CaseLog() {
  const { view } = useApp()
  const { filter, skip, older } = useStore(view, (state) => state.caseList)
  // Whoever names a first day, or types what a case is known by, wants what there is of it, however long ago.
  const atHand = !older && filter.from === null && filter.text.trim() === ''
  const action = useAction()
  const page = useCasePage(filter, skip, atHand, action.fail)
  const isPast = page !== null && page.rows.length === 0 && page.total > 0
  useEffect(() => {
    // Cases were removed, or a filter came to fit fewer, since this page was turned to.
    if (isPast && skip > 0) listCases(view, { filter, skip: 0, older })
  }, [isPast, view, filter, skip, older])
  const narrow = (change: Partial<CaseFilter>) => listCases(view, { filter: { ...filter, ...change }, skip: 0, older })
  return (
    <Section title="Cases">
      <CaseFilters filter={filter} onChange={narrow} />
      <ExportDays filter={filter} />
      {action.trouble}
      {page === null ? (
        action.trouble === null && <p role="status">Opening the log…</p>
      ) : page.total === 0 ? (
        <Nothing filter={filter} older={page.older} onClear={() => narrow(ANY_CASE)} />
      ) : (
        <>
          <CaseRows rows={page.rows} />
          <Pager
            skip={skip}
            shown={page.rows.length}
            total={page.total}
            onSkip={(to) => listCases(view, { filter, skip: to, older })}
          />
        </>
      )}
      {page !== null && (
        <AtHand
          atHand={atHand}
          older={page.older}
          isNarrowed={!isAny(filter)}
          isChosen={older}
          onOlder={(all) => listCases(view, { filter, skip: 0, older: all })}
        />
      )}
    </Section>
  )
}

/** The page of cases that is looked at; loaded anew when something is recorded, and as time passes. */
function useCasePage(
  filter: CaseFilter,
  skip: number,
  atHand: boolean,
  fail: (error: unknown) => void,
): CasePage | null {
  const { client } = useApp()
  const { log } = useSnapshot()
  const minute = Math.floor(useNow(10_000) / 60_000)
  const asOf = `${log.entries} ${minute}`
  const [found, setFound] = useState<{ readonly asOf: string; readonly page: CasePage } | null>(null)
  useEffect(() => {
    let stale = false
    client.log.cases({ ...filter, skip, most: PAGE, atHand }).then(
      (page) => stale || setFound({ asOf, page }),
      (error: unknown) => stale || fail(error),
    )
    return () => {
      stale = true
    }
  }, [client, filter, skip, atHand, fail, asOf])
  return found?.page ?? null
}

interface AtHandProps {
  readonly atHand: boolean
  /** How many older ones fit the filter. */
  readonly older: number
  /** Whether a filter keeps cases out: then nothing may be said of all of them. */
  readonly isNarrowed: boolean
  /** Whether older ones were asked for. */
  readonly isChosen: boolean
  readonly onOlder: (older: boolean) => void
}

/** What of all that is kept is listed at once, and the way to the rest. */
function AtHand({ atHand, older, isNarrowed, isChosen, onOlder }: AtHandProps) {
  if (isChosen)
    return (
      <div className="row">
        <p className="muted">
          {isNarrowed
            ? 'All cases that this device keeps and that fit the filter are listed.'
            : 'All cases that this device keeps are listed.'}
        </p>
        <Button onClick={() => onOlder(false)}>List the newest three months</Button>
      </div>
    )
  if (!atHand) return null
  return (
    <div className="row">
      <p className="muted">{atHandWords(older, isNarrowed)}</p>
      {older > 0 && <Button onClick={() => onOlder(true)}>List older cases too</Button>}
    </div>
  )
}

/** Of what is narrowed nothing is said about the cases that a filter keeps out. */
function atHandWords(older: number, isNarrowed: boolean): string {
  if (isNarrowed)
    return `Those of the newest three months that fit the filter are listed. ${
      older === 0
        ? 'Of the older cases kept here none fits it.'
        : `${older === 1 ? '1 older case' : `${older} older cases`} kept here ${older === 1 ? 'fits' : 'fit'} it too.`
    }`
  return `The newest three months are listed. ${
    older === 0
      ? 'No older case is kept here.'
      : `${older === 1 ? '1 older case is' : `${older} older cases are`} kept here too.`
  }`
}

/** The log of the days that are listed, whoever asked for what in them. */
function ExportDays({ filter: { from, before } }: { readonly filter: CaseFilter }) {
  const { client } = useApp()
  const { busy, trouble, save } = useSave()
  if (from === null || before === null || before < from) return null
  return (
    <div className="stack-8">
      <div className="row">
        <Button
          icon={Download}
          busy={busy}
          onClick={() => save(() => client.log.export({ scope: { from, to: before } }))}
        >
          Export these days
        </Button>
        <p className="muted">Of everybody and every plan. It carries what proves it without the rest of the log.</p>
      </div>
      {trouble}
    </div>
  )
}

interface NothingProps {
  readonly filter: CaseFilter
  readonly older: number
  readonly onClear: () => void
}

function Nothing({ filter, older, onClear }: NothingProps) {
  const { log } = useSnapshot()
  if (isAny(filter) && older > 0)
    return (
      <Empty>
        <p>Nobody asked for access or a drill in the newest three months.</p>
      </Empty>
    )
  if (isAny(filter) && log.removed > 0)
    return (
      <Empty>
        <p>No case is kept here. Old entries were removed from this device; other devices may still have theirs.</p>
      </Empty>
    )
  if (isAny(filter))
    return (
      <Empty>
        <p>No case is recorded yet. Each request for access or for a drill will be listed here with what came of it.</p>
      </Empty>
    )
  return (
    <Empty>
      <p>{older > 0 ? 'No case of the newest three months fits this filter.' : 'No case fits this filter.'}</p>
      <div className="row">
        <Button onClick={onClear}>Show all cases</Button>
      </div>
    </Empty>
  )
}

interface PagerProps {
  readonly skip: number
  readonly shown: number
  readonly total: number
  readonly onSkip: (skip: number) => void
}

function Pager({ skip, shown, total, onSkip }: PagerProps) {
  return (
    <div className="row-between">
      <p className="muted figures" role="status">
        {total === 1
          ? '1 case'
          : shown === total
            ? `${total} cases`
            : `${skip + 1} to ${skip + shown} of ${total} cases`}
      </p>
      {total > PAGE && (
        <span className="row">
          <Button off={skip === 0} onClick={() => onSkip(Math.max(0, skip - PAGE))}>
            Newer
          </Button>
          <Button off={skip + shown >= total} onClick={() => onSkip(skip + PAGE)}>
            Older
          </Button>
        </span>
      )}
    </div>
  )
}
