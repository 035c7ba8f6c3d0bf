import type { PlanView } from '../../shared/views/plan-views.ts'
import { useSnapshot } from '../store/app.ts'
import { isDecidable } from '../store/needs.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import type { Change } from './line-diff.ts'
import { type PlanChange, planChanges } from './plan-changes.ts'
import { type PlanEdit, saidBy } from './plan-model.ts'

/** What a new version says that the one before did not, and the other way round. */
export function EditChanges({ edit, old }: { readonly edit: PlanEdit; readonly old: PlanView }) {
  const { people } = useSnapshot()
  const changes = planChanges(old, saidBy(edit, people, old))
  return (
    <section className="card stack" aria-label="What it changes">
      <h2>What it changes</h2>
      <Changes changes={changes} />
      <TakesPlace of={old} />
    </section>
  )
}

/** What a drafted version changes, before anybody endorses or accepts it; nothing for a first version. */
export function VersionChanges({ plan }: { readonly plan: PlanView }) {
  const { plans } = useSnapshot()
  const before = plans.find(({ id }) => id === plan.replaces)
  const beside = plans.filter(
    (one) => one.state === 'effective' && one.plan === plan.plan && one.id !== plan.id && one.id !== plan.replaces,
  )
  return (
    <>
      {plan.replaces !== null && (
        <section className="stack" aria-label={`What ${plan.name} changes`}>
          <h4>What it changes</h4>
          {before === undefined ? (
            <Note
              level="attention"
              what="The version that it replaces is not on this device."
              means="What changes cannot be shown."
              todo="Let this device meet the others, or read all of it below."
            />
          ) : (
            <Changes changes={planChanges(before, plan)} />
          )}
          {before !== undefined && before.plan !== plan.plan && (
            <Note
              level="attention"
              what={`It names “${before.name}” as the version before, but is another plan.`}
              means="That one stays in effect beside it."
            />
          )}
          {before !== undefined && plan.state === 'draft' && <TakesPlace of={before} />}
        </section>
      )}
      {plan.state === 'draft' && beside.length > 0 && (
        <Note
          level="attention"
          what={`Another version of this plan is in effect, and this one does not replace it.`}
          means="Both would stand side by side, and each custodian’s app follows the one accepted last."
          todo="Ask who drafted it whether that is meant."
        />
      )}
    </>
  )
}

/** What happens to requests under the version that is replaced. */
function TakesPlace({ of }: { readonly of: PlanView }) {
  const { cases } = useSnapshot()
  const open = cases.filter((one) => one.plan.id === of.id && isDecidable(one))
  if (open.length === 0)
    return <p className="muted">Once in effect it takes the place of the version before. Nothing is open under that.</p>
  return (
    <Note
      level="attention"
      what={`${open.length === 1 ? 'A request is' : `${open.length} requests are`} open under the version before.`}
      means="Once this is in effect, those can no longer be answered. A session that was issued stays as it is."
      todo={`Let ${open.map(({ requester }) => requester.name).join(', ')} finish first, or ask anew afterwards.`}
    />
  )
}

function Changes({ changes }: { readonly changes: readonly PlanChange[] }) {
  if (changes.length === 0) return <p>Nothing yet: it says the same as the version before.</p>
  return (
    <dl className="changes">
      {changes.map(({ label, lines }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <ul>
              {folded(lines).map((line, at) => (
                // The lines of one comparison never move, so their place is their name.
                <ChangedLine key={at} line={line} />
              ))}
            </ul>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function ChangedLine({ line }: { readonly line: Change | number }) {
  if (typeof line === 'number')
    return <li className="muted small">{line === 1 ? '1 line' : `${line} lines`} as before</li>
  if (line.is === 'same')
    return (
      <li className="muted">
        <Exact>{line.text}</Exact>
      </li>
    )
  const added = line.is === 'added'
  const Element = added ? 'ins' : 'del'
  return (
    <li className={line.is}>
      <span aria-hidden="true">{added ? '+' : '−'}</span>
      <span className="hidden-label">{added ? 'added: ' : 'removed: '}</span>
      <Element>
        <Exact>{line.text}</Exact>
      </Element>
    </li>
  )
}

/** The lines with long stretches of unchanged ones counted instead: one on each side of a change stays. */
function folded(lines: readonly Change[]): (Change | number)[] {
  const isNear = (at: number) => [at - 1, at, at + 1].some((near) => (lines[near]?.is ?? 'same') !== 'same')
  const shown: (Change | number)[] = []
  for (const [at, line] of lines.entries()) {
    const last = shown.at(-1)
    if (isNear(at)) shown.push(line)
    else if (typeof last === 'number') shown[shown.length - 1] = last + 1
    else shown.push(1)
  }
  return shown
}
