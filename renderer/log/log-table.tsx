import type { LogEntry } from '../../shared/ipc-values.ts'
import { outcomeWords } from '../../shared/views/case-log.ts'
import type { CaseView, TimelineEntry } from '../../shared/views/case-views.ts'
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
          <RunTitle id={run.case} about={run.about} cases={cases} />
          <Timeline entries={run.entries} />
        </div>
      ))}
    </div>
  )
}

interface Run {
  readonly case: string | null
  readonly about: LogEntry['about']
  readonly entries: TimelineEntry[]
}

function runsOf(entries: readonly LogEntry[]): Run[] {
  const runs: Run[] = []
  for (const { entry, case: id, about } of entries) {
    if (entry === null) continue
    const last = runs.at(-1)
    if (last && last.case === id) last.entries.push(entry)
    else runs.push({ case: id, about, entries: [entry] })
  }
  return runs
}

function RunTitle({
  id,
  about,
  cases,
}: Pick<Run, 'about'> & { readonly id: string | null } & Pick<LogTableProps, 'cases'>) {
  const go = useGo()
  if (id === null) return <h3>People, plans, credentials and the log itself</h3>
  if (about === null) return <h3>A case that is not on this device</h3>
  // The window holds the newest cases alone; of any other its report says all.
  const shown = cases.find((each) => each.id === id)
  return (
    <div className="row-between">
      <h3>
        <Exact>{about.credential}</Exact> for <Exact>{about.requester.name}</Exact>:{' '}
        {shown?.headline ?? outcomeWords(about)}
      </h3>
      {shown === undefined ? (
        <Button kind="quiet" onClick={() => go({ screen: 'report', id })}>
          Open its report
        </Button>
      ) : (
        <Button kind="quiet" onClick={() => go({ screen: 'case', id })}>
          Open the case
        </Button>
      )}
    </div>
  )
}
