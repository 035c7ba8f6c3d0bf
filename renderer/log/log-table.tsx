import type { LogEntry } from '../../shared/ipc.ts'
import type { CaseView, TimelineEntry } from '../../shared/views/views.ts'
import { Timeline } from '../cases/timeline.tsx'
import { useGo } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Empty } from '../ui/note.tsx'

interface LogTableProps {
  readonly entries: readonly LogEntry[]
  readonly cases: readonly CaseView[]
  readonly filtered: boolean
}

/** Entries newest first, those of one case in a row together under its name. */
export function LogTable({ entries, cases, filtered }: LogTableProps) {
  const runs = runsOf(entries)
  if (runs.length === 0)
    return (
      <Empty>
        <p>
          {filtered
            ? 'Nothing fits this filter. Widen it, or search for another word.'
            : 'Nothing is recorded yet. Everything that people sign will be listed here, with its proof.'}
        </p>
      </Empty>
    )
  return (
    <div className="stack">
      {runs.map((run) => (
        <div key={run.entries[0]?.id} className="stack-8">
          <RunTitle id={run.case} cases={cases} />
          <Timeline entries={run.entries} />
        </div>
      ))}
    </div>
  )
}

interface Run {
  readonly case: string | null
  readonly entries: TimelineEntry[]
}

function runsOf(entries: readonly LogEntry[]): Run[] {
  const runs: Run[] = []
  for (const { entry, case: id } of entries) {
    if (entry === null) continue
    const last = runs.at(-1)
    if (last && last.case === id) last.entries.push(entry)
    else runs.push({ case: id, entries: [entry] })
  }
  return runs
}

function RunTitle({ id, cases }: { readonly id: string | null; readonly cases: readonly CaseView[] }) {
  const go = useGo()
  if (id === null) return <h3>People, plans and credentials</h3>
  const one = cases.find((each) => each.id === id)
  if (one === undefined) return <h3>A case that is not on this device</h3>
  return (
    <div className="row-between">
      <h3>
        <Exact>{one.credential}</Exact> for <Exact>{one.requester.name}</Exact>: {one.headline}
      </h3>
      <Button kind="quiet" onClick={() => go({ screen: 'case', id })}>
        Open the case
      </Button>
    </div>
  )
}
