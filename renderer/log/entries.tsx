import { useEffect, useState } from 'react'
import type { LogEntry } from '../../shared/ipc.ts'
import type { Refreshed } from '../storage/log-rows.ts'
import { useApp, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Line } from '../ui/fields.tsx'
import { Note } from '../ui/note.tsx'
import { Section } from '../ui/page.tsx'
import { Select } from '../ui/select.tsx'
import { type Filter, filterRequest, NO_FILTER } from './filter.ts'
import { LogTable } from './log-table.tsx'

const PAGE = 50
/** How long a search waits for the next letter. */
const TYPING_MS = 150

/** Every statement of the log, the newest first, narrowed to what is looked for. */
export function Entries() {
  const { cases } = useSnapshot()
  const action = useAction()
  const [filter, setFilter] = useState<Filter>(NO_FILTER)
  const [most, setMost] = useState(PAGE)
  const { found, rebuilt, dismiss } = useEntries(filter, most, action.fail)
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
      <Filters filter={filter} onFilter={setFilter} />
      {action.trouble}
      {found === null ? (
        <p role="status">Opening the log…</p>
      ) : (
        <LogTable entries={found.entries} cases={cases} filtered={filter !== NO_FILTER} />
      )}
      {found?.more && (
        <div className="row">
          <Button onClick={() => setMost(most + PAGE)}>Show {PAGE} more</Button>
        </div>
      )}
    </Section>
  )
}

/** Opened entries: null until the first are there. */
interface Found {
  readonly found: { readonly entries: readonly LogEntry[]; readonly more: boolean } | null
  /** What was wrong with the window's copy of the log, until somebody has read it. */
  readonly rebuilt: Refreshed | null
  readonly dismiss: () => void
}

/** Looks anew when the filter, the page or the log itself changes; the newest look is the one that shows. */
function useEntries(filter: Filter, most: number, fail: (error: unknown) => void): Found {
  const { client, rows } = useApp()
  const size = useSnapshot().log.entries
  const [found, setFound] = useState<Found['found']>(null)
  const [rebuilt, setRebuilt] = useState<Refreshed | null>(null)
  useEffect(() => {
    let stale = false
    const load = async () => {
      const refreshed = await rows.refresh()
      if (refreshed.rebuilt) setRebuilt(refreshed)
      const positions = await client.log.find(filterRequest(filter, Math.min(most + 1, size)))
      const opened = await rows.open(positions.slice(0, most))
      if (opened.refreshed !== null) setRebuilt(opened.refreshed)
      if (!stale) setFound({ entries: opened.entries, more: positions.length > most })
    }
    const timer = setTimeout(() => {
      load().catch((error: unknown) => stale || fail(error))
    }, TYPING_MS)
    return () => {
      stale = true
      clearTimeout(timer)
    }
  }, [client, rows, filter, most, fail, size])
  return { found, rebuilt, dismiss: () => setRebuilt(null) }
}

function Filters({ filter, onFilter }: { readonly filter: Filter; readonly onFilter: (filter: Filter) => void }) {
  const { cases, people } = useSnapshot()
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
        options={[['', 'Everybody'], ...people.map(({ member, name }) => [member, name] as const)]}
      />
      <Select
        label="Case"
        value={filter.case ?? ''}
        onValue={(id) => onFilter({ ...filter, case: id === '' ? null : id })}
        options={[
          ['', 'All cases'],
          ...cases.map(
            (one) => [one.id, `${one.credential}, ${one.requester.name}: ${one.what}`.slice(0, 60)] as const,
          ),
        ]}
      />
    </div>
  )
}
