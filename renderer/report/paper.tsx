import type { CaseReport } from '../../shared/views/report-views.ts'
import { END_WORDS } from '../../shared/views/times.ts'
import { FourFacts } from '../cases/four-facts.tsx'
import { MeasuredTable } from '../cases/measured.tsx'
import { OutcomeState } from '../cases/outcome.tsx'
import { Recordings } from '../cases/recordings.tsx'
import { Reviews } from '../cases/reviews.tsx'
import { Timeline } from '../cases/timeline.tsx'
import { Trail } from '../cases/trail.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Section } from '../ui/page.tsx'
import { fullUtc } from '../ui/time-words.ts'
import { Appendix } from './appendix.tsx'
import { usePaper } from './use-paper.ts'

/** The report itself, from what happened to the ids: all of it is text, whoever wrote it. */
export function Paper({ report }: { readonly report: CaseReport }) {
  const { case: one, made, cannotConclude } = report
  usePaper(one.id, made.at)
  return (
    <article className="paper stack-32" aria-label="Case report">
      <div className="stack-8">
        <div className="row">
          <OutcomeState outcome={one.outcome} forNobody={one.forNobody} />
          <span>{one.headline}</span>
        </div>
        <p className="muted">
          Made on <Exact>{made.deviceName}</Exact> by <Exact>{made.by.name}</Exact>, {fullUtc(made.at)}, from that
          device’s own log. All times are UTC.
        </p>
      </div>
      <Facts report={report} />
      <Section title="Measured times">
        <MeasuredTable times={one.times} />
        <p className="muted small">
          Claims of these devices’ clocks. A length between two devices is no better than their clocks agree
          {one.grant !== null && `; the issuing device measured AWS’s clock ${skewWords(one.grant.skewMs)}`}.
        </p>
      </Section>
      <Decided report={report} />
      <Attention report={report} />
      <Reviews one={one} utc />
      <Trail one={one} utc />
      <Recordings one={one} utc />
      <Section title="Timeline">
        <p className="muted small">By claimed time, the first first; each with what proves it.</p>
        <Timeline entries={one.timeline} utc />
      </Section>
      <Section title="What this report cannot show">
        <ul className="bullets stack-8">
          {cannotConclude.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      </Section>
      <Appendix report={report} />
    </article>
  )
}

function skewWords(skewMs: number): string {
  if (Math.abs(skewMs) < 100) return 'as its own, to a tenth of a second'
  return `${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} its own`
}

function Facts({ report: { case: one } }: { readonly report: CaseReport }) {
  const { grant } = one
  return (
    <Section title="What was asked">
      <div className="card">
        <FourFacts one={one} />
      </div>
      <dl className="facts">
        <dt>Plan</dt>
        <dd>
          <Exact>{one.plan.name}</Exact>
        </dd>
        <dt>Asked</dt>
        <dd>
          {fullUtc(one.askedAt)}; it could be answered until {fullUtc(one.expires)}
        </dd>
        {grant && (
          <>
            <dt>Session</dt>
            <dd>
              <code>{grant.accessKeyId}</code>, issued by <Exact>{grant.issuer.name}</Exact>’s device, until{' '}
              {fullUtc(grant.expires)} by AWS’s clock
            </dd>
            <dt>Its end</dt>
            <dd>{endWordsOf(one.times, grant.confirmed)}</dd>
          </>
        )}
      </dl>
    </Section>
  )
}

/** How a session ended: nobody says that it was over at a time which only AWS's expiration gives. */
function endWordsOf({ end }: CaseReport['case']['times'], isConfirmed: boolean): string {
  const sure = isConfirmed ? 'confirmed' : 'not confirmed'
  if (end === null) return `Nobody has said that it ended; ${sure}`
  return end.known === 'said'
    ? `Said to be over at ${fullUtc(end.at)}; ${sure}`
    : `Over at ${fullUtc(end.at)}: ${END_WORDS[end.known]}; ${sure}`
}

const SEATS: Readonly<Record<CaseReport['case']['seats'][number]['state'], string>> = {
  asked: 'nothing heard',
  alerted: 'nothing heard',
  unreachable: 'nothing heard',
  approved: 'approved',
  denied: 'denied',
  released: 'approved, share released',
  'own-request': 'asked for this, and so does not decide',
}

/** Who decides, and what each said: of somebody who approved and denied both, each with what proves it. */
function Decided({ report: { case: one, decisions } }: { readonly report: CaseReport }) {
  const { quorum } = one
  return (
    <Section title="Who decided">
      {quorum && (
        <p>
          {quorum.have} of {quorum.need} approvals
          {quorum.met && quorum.still === '' ? ': enough' : `; still needed: ${quorum.still}`}.
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col">Custodian</th>
            <th scope="col">What they did</th>
            <th scope="col">When</th>
            <th scope="col">Proof</th>
          </tr>
        </thead>
        <tbody>
          {one.seats.map((seat) => (
            <Seat
              key={seat.person.member}
              seat={seat}
              said={decisions.filter(({ member }) => member === seat.person.member)}
              hasReleased={one.timeline.some(
                ({ kind, refused, person }) =>
                  kind === 'release' && refused === null && person.member === seat.person.member,
              )}
            />
          ))}
        </tbody>
      </table>
    </Section>
  )
}

type Decision = CaseReport['decisions'][number]

function Seat({
  seat: { person, groups, state },
  said,
  hasReleased,
}: {
  readonly seat: CaseReport['case']['seats'][number]
  readonly said: readonly Decision[]
  readonly hasReleased: boolean
}) {
  const rows = said.length === 0 ? [null] : said
  return rows.map((one, at) => (
    <tr key={one?.id ?? person.member}>
      {at === 0 && (
        <th scope="row" rowSpan={rows.length}>
          <Exact>{person.name}</Exact>
          {groups.length > 0 && <span className="muted small"> {groups.join(', ')}</span>}
        </th>
      )}
      <td>
        {one === null || said.length === 1 ? SEATS[state] : VERDICTS[one.verdict]}
        {one !== null && said.length > 1 && one.verdict === 'approve' && hasReleased && ', share released'}
        {one !== null && one.reason !== '' && (
          <>
            : “<Exact>{one.reason}</Exact>”
          </>
        )}
        {one !== null && one.weight !== '' && <span className="muted small"> ({one.weight})</span>}
      </td>
      <td className="when">{one === null ? '' : fullUtc(one.at)}</td>
      <td>
        <Exact>{one?.proof ?? ''}</Exact>
      </td>
    </tr>
  ))
}

const VERDICTS = { approve: 'approved', deny: 'denied' } as const

function Attention({ report: { case: one, made } }: { readonly report: CaseReport }) {
  const { findings, obligations, refused } = one
  if (findings.length + obligations.length + refused === 0)
    return (
      <Section title="Findings and what is owed">
        <p>No finding, and nothing is owed.</p>
      </Section>
    )
  return (
    <Section title="Findings and what is owed">
      {findings.map((finding) => (
        <Note key={finding} level="attention" what={finding} />
      ))}
      {obligations.length > 0 && (
        <ul className="bullets stack-8">
          {obligations.map(({ code, says, since, due, by }) => (
            <li key={code}>
              {says}: owed since {fullUtc(since)}, {due < made.at ? 'overdue since' : 'due'} {fullUtc(due)}
              {by.length > 0 && (
                <>
                  , by anyone of: <Exact>{by.map(({ name }) => name).join(', ')}</Exact>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {refused > 0 && (
        <p>
          {refused === 1 ? '1 statement does' : `${refused} statements do`} not count; the timeline says which, and why.
        </p>
      )}
    </Section>
  )
}
