import { useEffect, useState } from 'react'
import type { LogEntry } from '../../shared/ipc-values.ts'
import type { CaseRow } from '../../shared/views/case-log.ts'
import type { Refreshed } from '../storage/log-rows.ts'
import { useApp, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Line } from '../ui/fields.tsx'
import { Note } from '../ui/note.tsx'
import { Section } from '../ui/page.tsx'
import { Select } from '../ui/select.tsx'
import { CasePicker } from './case-picker.tsx'
import { personOptions, useChoices } from './choices.ts'
import { type Filter, filterRequest, NO_FILTER, TYPING_MS } from './filter.ts'
import { LogTable } from './log-table.tsx'

const PAGE = 50

/** Every statement of the log, the newest first, narrowed to what is looked for. */
export function Entries() {
  const { cases } = useSnapshot()
  const action = useAction()
  const [{ filter, skip }, look] = useState<{ filter: Filter; skip: number }>({ filter: NO_FILTER, skip: 0 })
  const [picked, setPicked] = useState<CaseRow | null>(null)
  const pick = (row: CaseRow | null) => {
    setPicked(row)
    look({ filter: { ...filter, case: row?.id ?? null }, skip: 0 })
  }
  const { found, rebuilt, dismiss } = useEntries(filter, skip, action.fail)
  return (
    <Section title="Entries">
      {rebuilt && (
        <Note
          level="info"
          what={rebuilt.why}
          means={`${rebuilt.rows} sealed rows. Nothing of the record itself was lost; the journal is what counts.`}
          onDismiss={dismiss}
        />
      )}
      <Filters filter={filter} onFilter={(narrowed) => look({ filter: narrowed, skip: 0 })} />
      <CasePicker picked={picked} onPick={pick} fail={action.fail} />
      {action.trouble}
      {found === null ? (
        <p role="status">Opening the log…</p>
      ) : (
        <LogTable
          entries={found.entries}
          cases={cases}
          filtered={filter.text.trim() !== '' || filter.member !== null || filter.case !== null}
        />
      )}
      {found !== null && <Turn found={found} onSkip={(to) => look({ filter, skip: to })} />}
    </Section>
  )
}

interface TurnProps {
  readonly found: Page
  readonly onSkip: (skip: number) => void
}

/** What of all that fits is listed, and the way to the rest; nothing where that is all. */
function Turn({ found: { skip, entries, more }, onSkip }: TurnProps) {
  if (skip === 0 && !more) return null
  return (
    <div className="row-between">
      <p className="muted figures" role="status">
        {`${skip + 1} to ${skip + entries.length}, the newest first`}
      </p>
      <span className="row">
        <Button off={skip === 0} onClick={() => onSkip(Math.max(0, skip - PAGE))}>
          Newer
        </Button>
        <Button off={!more} onClick={() => onSkip(skip + PAGE)}>
          Older
        </Button>
      </span>
    </div>
  )
}

/** The entries of a page, how many newer ones fit, and whether older ones do. */
interface Page {
  /** How many entries the log had. */
  readonly asOf: number
  readonly skip: number
  readonly entries: readonly LogEntry[]
  readonly more: boolean
}

/** Opened entries: null until the first are there. */
interface Found {
  readonly found: Page | null
  /** What was wrong with the window's copy of the log, until somebody has read it. */
  readonly rebuilt: Refreshed | null
  readonly dismiss: () => void
}

/** Looks anew when the filter, the page or the log itself changes; the newest look is the one that shows. */
function useEntries(filter: Filter, skip: number, fail: (error: unknown) => void): Found {
  const { client, rows } = useApp()
  const size = useSnapshot().log.entries
  const [found, setFound] = useState<Found['found']>(null)
  const [rebuilt, setRebuilt] = useState<Refreshed | null>(null)
  useEffect(() => {
    let stale = false
    const load = async () => {
      const refreshed = await rows.refresh()
      if (refreshed.rebuilt) setRebuilt(refreshed)
      const positions = await client.log.find(filterRequest(filter, skip, PAGE + 1))
      const opened = await rows.open(positions.slice(0, PAGE))
      if (opened.refreshed !== null) setRebuilt(opened.refreshed)
      if (!stale) setFound({ asOf: size, skip, entries: opened.entries, more: positions.length > PAGE })
    }
    const timer = setTimeout(() => {
      load().catch((error: unknown) => stale || fail(error))
    }, TYPING_MS)
    return () => {
      stale = true
      clearTimeout(timer)
    }
  }, [client, rows, filter, skip, fail, size])
  return { found, rebuilt, dismiss: () => setRebuilt(null) }
}

interface FiltersProps {
  readonly filter: Filter
  readonly onFilter: (filter: Filter) => void
}

function Filters({ filter, onFilter }: FiltersProps) {
  const { people } = useChoices()
  return (
    <div className="filters">
      <Line
        label="Search"
        value={filter.text}
        onValue={(text) => onFilter({ ...filter, text })}
        maxLength={128}
        type="search"
      />
      <Select
        label="Person"
        value={filter.member ?? ''}
        onValue={(member) => onFilter({ ...filter, member: member === '' ? null : member })}
        options={[['', 'Everybody'], ...personOptions(people)]}
      />
    </div>
  )
}
