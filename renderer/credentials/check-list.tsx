import { CircleCheck, TriangleAlert } from 'lucide-react'
import type { PlanCheck } from '../../shared/views/plan-checks.ts'
import { useSnapshot } from '../store/app.ts'
import { Exact } from '../ui/exact-text.tsx'
import { State } from '../ui/state.tsx'
import { editChecks } from './edit-checks.ts'
import type { PlanEdit } from './plan-model.ts'

const LEVELS = {
  good: ['green', CircleCheck, 'Holds'],
  attention: ['amber', TriangleAlert, 'Look'],
  wrong: ['red', TriangleAlert, 'Mend this'],
} as const

/** Checks as sentences, what needs people first. */
export function CheckList({ checks }: { readonly checks: readonly PlanCheck[] }) {
  const order = ['wrong', 'attention', 'good'] as const
  return (
    <ul className="list checks">
      {order
        .flatMap((level) => checks.filter((check) => check.level === level))
        .map(({ level, says }) => {
          const [tone, icon, words] = LEVELS[level]
          return (
            <li key={says}>
              <State tone={tone} icon={icon}>
                {words}
              </State>
              <span>
                <Exact>{says}</Exact>
              </span>
            </li>
          )
        })}
    </ul>
  )
}

/** Whether the plan could be met at 3 a.m., while it is being filled in. */
export function EditChecks({ edit }: { readonly edit: PlanEdit }) {
  const checks = editChecks(edit, useSnapshot())
  return (
    <section className="card stack" aria-label="At 3 a.m.">
      <h2>Can it be met at 3 a.m.?</h2>
      <p role="status">{summary(checks)}</p>
      <CheckList checks={checks} />
    </section>
  )
}

function summary(checks: readonly PlanCheck[]): string {
  const count = (level: PlanCheck['level']) => checks.filter((check) => check.level === level).length
  const [wrong, look] = [count('wrong'), count('attention')]
  if (wrong > 0) return `Not like this: ${wrong} ${wrong === 1 ? 'thing has' : 'things have'} to be mended.`
  return look > 0 ? `Yes, with ${look} ${look === 1 ? 'thing' : 'things'} to look at.` : 'Yes.'
}
