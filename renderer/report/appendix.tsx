import type { CaseReport } from '../../shared/views/report-views.ts'
import { Words } from '../people/words.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Section } from '../ui/page.tsx'
import { fullUtc } from '../ui/time-words.ts'

/** By what the report is checked against an export of the log: organization, log, ids. */
export function Appendix({
  report: { case: one, organization, ledger, made, statements },
}: {
  readonly report: CaseReport
}) {
  return (
    <>
      <Section title="Organization">
        <p>
          <Exact>{organization.name}</Exact>, version {organization.version} of its list of people. Its 12 words:
        </p>
        <Words words={organization.words} />
      </Section>
      <Section title="The log this was made from">
        <p>
          {ledger.size} entries
          {ledger.removed > 0 &&
            `, of which ${ledger.removed} old ${ledger.removed === 1 ? 'one was' : 'ones were'} removed from this device`}
          .{' '}
          {ledger.cosigners.length === 0 &&
            'No other device has cosigned it yet: it stands on this device’s word alone.'}
        </p>
        {ledger.cosigners.length > 0 && (
          <ul className="bullets">
            {ledger.cosigners.map(({ person, size, at }) => (
              <li key={person.member}>
                <Exact>{person.name}</Exact>’s device cosigned the first {size} entries, {fullUtc(at)} by its clock
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Appendix: ids">
        <dl className="facts ids">
          <dt>Case</dt>
          <dd className="mono exact">{one.id}</dd>
          <dt>Plan version</dt>
          <dd className="mono exact">{one.plan.id}</dd>
          {one.grant && (
            <>
              <dt>Key used (deposit)</dt>
              <dd className="mono exact">{one.grant.deposit}</dd>
            </>
          )}
          <dt>Organization</dt>
          <dd className="mono exact">{organization.id}</dd>
          <dt>List of people</dt>
          <dd className="mono exact">{organization.roster}</dd>
          <dt>Log</dt>
          <dd className="mono exact">{ledger.origin}</dd>
          <dt>Root of its {ledger.size} entries</dt>
          <dd className="mono exact">{ledger.root}</dd>
          <dt>Made by device</dt>
          <dd className="mono exact">{made.device}</dd>
        </dl>
        <table>
          <thead>
            <tr>
              <th scope="col">Entry, from 0</th>
              <th scope="col">Statement</th>
              <th scope="col">Id (SHA-256) and author’s device</th>
            </tr>
          </thead>
          <tbody>
            {statements.map(({ id, kind, person, device, entry }) => (
              <tr key={id}>
                <td className="figures">{entry}</td>
                <td>
                  {kind}, <Exact>{person.name}</Exact>
                </td>
                <td className="mono exact">
                  {id}
                  <br />
                  <span className="muted">{device}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
    </>
  )
}
