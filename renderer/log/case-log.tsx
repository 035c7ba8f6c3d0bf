import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { OUTCOMES } from '../../shared/case/outcome.ts'
import { ANY_CASE, type CaseFilter, type CasePage, isAny, OUTCOME_WORDS } from '../../shared/views/case-log.ts'
import { PURPOSES } from '../cases/words.ts'
import { useApp, useSnapshot } from '../store/app.ts'
import { useNow } from '../store/clock.ts'
import { listCases } from '../store/view-store.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Line } from '../ui/fields.tsx'
import { Empty } from '../ui/note.tsx'
import { Section } from '../ui/page.tsx'
import { useSave } from '../ui/save.ts'
import { Select } from '../ui/select.tsx'
import { CaseRows } from './case-rows.tsx'
import { personOptions, useChoices } from './choices.ts'
import { beginningOf, dayOf } from './filter.ts'

const PAGE = 25
const PURPOSES_IN_ORDER = ['access', 'drill', 'rotation'] as const

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
      <Filters filter={filter} onChange={narrow} />
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

interface FiltersProps {
  readonly filter: CaseFilter
  readonly onChange: (change: Partial<CaseFilter>) => void
}

function Filters({ filter, onChange }: FiltersProps) {
  const { person, plan, outcome, purpose, from, before, text } = filter
  const { people, plans } = useChoices()
  const orNull = (value: string) => (value === '' ? null : value)
  return (
    <fieldset className="filters" aria-label="Filter">
      <Line
        label="Reference or words"
        value={text}
        onValue={(typed) => onChange({ text: typed })}
        maxLength={128}
        type="search"
      />
      <Select
        label="Person"
        value={person ?? ''}
        onValue={(value) => onChange({ person: orNull(value) })}
        options={[['', 'Everybody'], ...personOptions(people)]}
      />
      <Select
        label="Plan"
        value={plan ?? ''}
        onValue={(value) => onChange({ plan: orNull(value) })}
        options={[['', 'All plans'], ...plans.map((one) => [one.plan, one.name] as const)]}
      />
      <Select
        label="Outcome"
        value={outcome ?? ''}
        onValue={(value) => onChange({ outcome: OUTCOMES.find((one) => one === value) ?? null })}
        options={[['', 'Any'], ...OUTCOMES.map((one) => [one, OUTCOME_WORDS[one]] as const)]}
      />
      <Select
        label="Purpose"
        value={purpose ?? ''}
        onValue={(value) => onChange({ purpose: PURPOSES_IN_ORDER.find((one) => one === value) ?? null })}
        options={[['', 'Any'], ...PURPOSES_IN_ORDER.map((one) => [one, PURPOSES[one]] as const)]}
      />
      <Day label="Asked from" after={0} value={from} onValue={(at) => onChange({ from: at })} />
      <Day label="Asked until" after={1} value={before} onValue={(at) => onChange({ before: at })} />
    </fieldset>
  )
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

interface DayProps {
  readonly label: string
  /** How many days after the beginning of the day that is shown: the end of a span is the beginning of the next day. */
  readonly after: 0 | 1
  readonly value: number | null
  readonly onValue: (at: number | null) => void
}

/** A day, of which the text is kept here while it is typed. As ISO 8601 has it, since every country has its own order. */
function Day({ label, after, value, onValue }: DayProps) {
  const [typed, setTyped] = useState('')
  const text = beginningOf(typed, after) === value ? typed : value === null ? '' : dayOf(value - after)
  const type = (day: string) => {
    setTyped(day)
    onValue(beginningOf(day, after))
  }
  const wrong = typed !== '' && text === typed && beginningOf(typed, after) === null
  return (
    <Line
      label={label}
      value={text}
      onValue={type}
      placeholder="YYYY-MM-DD"
      maxLength={10}
      wrong={wrong ? 'A day is written like 2026-11-23.' : undefined}
    />
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
