import { Play } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { readCast } from '../../shared/terminal/asciicast.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { RecordingView } from '../../shared/views/trail-views.ts'
import { useApp } from '../store/app.ts'
import { Exact } from '../ui/exact-text.tsx'
import { OnDemand } from '../ui/on-demand.tsx'
import { Section } from '../ui/page.tsx'
import { Clock } from '../ui/time.tsx'
import { fullUtc } from '../ui/time-words.ts'

// What draws a terminal is loaded when a recording is played.
const Playback = lazy(() => import('../terminal/playback.tsx'))

/** The recorded terminals of a case, to be played. In a report also by the SHA-256 of what was recorded, which is all that paper holds. */
export function Recordings({ one, utc = false }: { readonly one: CaseView; readonly utc?: boolean }) {
  if (one.recordings.length === 0) return null
  return (
    <Section title="Recorded terminals">
      {one.recordings.map((recording) => (
        <Recording key={recording.id} recording={recording} utc={utc} />
      ))}
    </Section>
  )
}

function Recording({ recording, utc }: { readonly recording: RecordingView; readonly utc: boolean }) {
  const { person, at, events, parts } = recording
  return (
    <article className="card stack" aria-label={`Recorded terminal of ${person.name}`}>
      <p>
        What a shell with the session showed, recorded by <Exact>{person.name}</Exact>’s device and attached{' '}
        {utc ? <time>{fullUtc(at)}</time> : <Clock at={at} />}: {events} {events === 1 ? 'event' : 'events'}.
      </p>
      {utc && <Parts parts={parts} />}
      {utc && (
        <p className="only-paper">
          What it shows is not on this paper: it is played in the report on a member’s device, and is what was recorded
          if its parts have these SHA-256.
        </p>
      )}
      <div className="not-paper">
        <Player id={recording.id} />
      </div>
    </article>
  )
}

function Parts({ parts }: { readonly parts: readonly string[] }) {
  return (
    <dl className="facts ids">
      {parts.map((part, at) => (
        <div key={part}>
          <dt>
            SHA-256 of part {at + 1} of {parts.length}
          </dt>
          <dd className="mono exact">{part}</dd>
        </div>
      ))}
    </dl>
  )
}

function Player({ id }: { readonly id: string }) {
  const { client } = useApp()
  const load = async () => readCast((await client.terminals.recording({ evidence: id })).text)
  return (
    <OnDemand icon={Play} words="Show the recording" load={load}>
      {(cast) => (
        <Suspense fallback={<p role="status">Opening the recording…</p>}>
          <Playback cast={cast} />
        </Suspense>
      )}
    </OnDemand>
  )
}
