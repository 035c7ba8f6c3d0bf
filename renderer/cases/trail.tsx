import { ListTree } from 'lucide-react'
import { useState } from 'react'
import type { CaseView } from '../../shared/views/case-views.ts'
import { together } from '../../shared/views/lists.ts'
import type { TrailCalls, TrailView } from '../../shared/views/trail-views.ts'
import { verdictOf } from '../../shared/views/trail-words.ts'
import { useApp } from '../store/app.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { OnDemand } from '../ui/on-demand.tsx'
import { Section } from '../ui/page.tsx'
import { Clock } from '../ui/time.tsx'
import { fullUtc } from '../ui/time-words.ts'
import { AskTrail } from './ask-trail.tsx'
import { Attach } from './attach-trail.tsx'
import { points } from './words.ts'

type Attached = TrailView['attached'][number]

/** What AWS recorded about a case, as members attached it: what agrees, and, loudly, what does not. */
export function Trail({ one, utc = false }: { readonly one: CaseView; readonly utc?: boolean }) {
  const { trail } = one
  const [asking, setAsking] = useState(false)
  if (trail === null) return null
  return (
    <Section title="What AWS recorded" aside={utc ? undefined : <Attach one={one} onAsk={() => setAsking(true)} />}>
      <TrailGist trail={trail} />
      {asking && <AskTrail one={one} onDone={() => setAsking(false)} />}
      {trail.attached.map((each) => (
        <Evidence key={each.id} evidence={each} utc={utc} />
      ))}
    </Section>
  )
}

/** That there is no evidence of some session, where access was granted; else nothing. */
export function TrailGist({ trail }: { readonly trail: TrailView | null }) {
  if (trail === null || !trail.isMissing) return null
  if (trail.attached.length > 0)
    return (
      <Note
        level="attention"
        what="The evidence does not reach over all of this case."
        means="Nothing that was attached shows every session being issued and reaches over it to the end, so what was done with the access, or whether somebody else used the key, is not known for all of it. Attach files, or ask CloudTrail, from before the request until a quarter of an hour after the end."
      />
    )
  return (
    <Note
      level="attention"
      what="No evidence attached."
      means="Nobody has compared this case with what AWS CloudTrail recorded, so nothing here shows what was done with the access, or that nobody else used the key."
    />
  )
}

/** In a line for each: whether it differs, and who says so. For whoever answers questions about the case. */
export function TrailLines({ trail }: { readonly trail: TrailView | null }) {
  if (trail === null) return null
  return (
    <div className="stack-8">
      <TrailGist trail={trail} />
      {trail.attached.map((each) => (
        <p key={each.id}>
          AWS’s record, attached by <Exact>{each.person.name}</Exact>: {sayingOf(each)}
        </p>
      ))}
    </div>
  )
}

function regions(count: number): string {
  return count === 1 ? 'one region' : `${count} regions`
}

function accounts(unasked: readonly string[]): string {
  return `${unasked.length === 1 ? 'account' : 'accounts'} ${together(unasked)}`
}

function countOf({ differs, more }: Attached): number {
  return differs.length + more
}

function sayingOf(evidence: Attached): string {
  const { events, grants, seen, unreached, unasked } = evidence
  const unseen = grants - seen
  const differences = countOf(evidence)
  return {
    differs: `it differs from this case in ${points(differences)}.`,
    nothing: 'it holds nothing about this case, so it shows nothing.',
    'in-part':
      unseen > 0
        ? `it does not reach over ${unseen === 1 ? 'a grant' : `${unseen} grants`} of this case.`
        : unreached > 0
          ? `it does not reach over all of this case in ${regions(unreached)}.`
          : unasked.length > 0
            ? `it does not say what was done on the way to the session in ${accounts(unasked)}.`
            : 'no grant is here to compare it with.',
    agrees: 'it differs in nothing from this case, as far as it reaches.',
  }[verdictOf({ events, grants, seen, unreached, unasked, differences })]
}

function Evidence({ evidence, utc }: { readonly evidence: Attached; readonly utc: boolean }) {
  const { client } = useApp()
  const { person, at, tookPart, source, reach, events, calls, refused, grants, seen, differs, more } = evidence
  const { unreached, unasked } = evidence
  const when = (time: number) => (utc ? <time>{fullUtc(time)}</time> : <Clock at={time} />)
  const count = countOf(evidence)
  const verdict = verdictOf({ events, grants, seen, unreached, unasked, differences: count })
  return (
    <article className="card stack" aria-label={`Evidence by ${person.name}`}>
      <p>
        Attached by <Exact>{person.name}</Exact>
        {tookPart && ', who took part in this case'}, {when(at)}: {source}, {reach}.
      </p>
      {count > 0 && (
        <Note level="danger" what={`AWS’s record differs from this case in ${points(count)}.`}>
          <ul className="bullets stack-8">
            {differs.map((each) => (
              <li key={`${each.says} ${each.event ?? each.at}`}>
                {when(each.at)} {each.says}
                {each.event !== null && (
                  <span className="muted small">
                    {' '}
                    Event <code>{each.event}</code>
                  </span>
                )}
              </li>
            ))}
            {more > 0 && <li>{more} more.</li>}
          </ul>
        </Note>
      )}
      {verdict === 'nothing' && <p>It holds nothing about this case, so it shows nothing.</p>}
      {verdict === 'agrees' && <p>It differs in nothing from this case, as far as it reaches.</p>}
      <p>
        It shows {seen} of {grants} {grants === 1 ? 'session' : 'sessions'} being issued, and {calls}{' '}
        {calls === 1 ? 'call' : 'calls'} made with {grants === 1 ? 'it' : 'them'}, of which AWS refused {refused};{' '}
        {events} {events === 1 ? 'event' : 'events'} in all.
        {evidence.notCovered > 0 &&
          ` It does not reach over ${evidence.notCovered === 1 ? 'one session' : `${evidence.notCovered} sessions`}: attach files from before until a quarter of an hour after.`}
        {unreached > 0 &&
          ` It does not reach over all of this case in ${regions(unreached)}: once a quarter of an hour has passed since the end, ask CloudTrail, or attach files that reach so far.`}
        {unasked.length > 0 &&
          ` CloudTrail was not asked in ${accounts(unasked)}, where the long-lived key or a role on the way to the session is: attach files of a trail there.`}
      </p>
      {!utc && (
        <OnDemand icon={ListTree} words="Show every call" load={() => client.cases.trail({ evidence: evidence.id })}>
          {(found) => <Calls found={found} />}
        </OnDemand>
      )}
    </article>
  )
}

/** Every call of it. */
function Calls({ found }: { readonly found: TrailCalls }) {
  return (
    <div className="stack-8 calls">
      {!found.agrees && (
        <Note
          level="attention"
          what="Compared anew, with what this device knows now, the result is another."
          means="Statements came since, or what its author says of these events is not what they show. The calls below are explained as this device does."
        />
      )}
      <table>
        <thead>
          <tr>
            <th scope="col">When, by AWS</th>
            <th scope="col">Call</th>
            <th scope="col">From</th>
            <th scope="col">What it was</th>
          </tr>
        </thead>
        <tbody>
          {found.calls.map((each) => (
            <tr key={each.id}>
              <td>
                <Clock at={each.at} />
              </td>
              <td>
                <Exact breaks>{each.call}</Exact> <span className="muted small">{each.region}</span>
                {each.error !== null && (
                  <>
                    {' '}
                    · refused: <Exact breaks>{each.error}</Exact>
                  </>
                )}
              </td>
              <td>
                <Exact>{each.from}</Exact>
              </td>
              <td className={each.differs === null ? undefined : 'refused'}>
                {each.role}
                {each.differs !== null && `: ${each.differs}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.untold > 0 && <p className="muted">{found.untold} more are not shown.</p>}
    </div>
  )
}
