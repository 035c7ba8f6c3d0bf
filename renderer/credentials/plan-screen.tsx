import { KeyRound } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { TemplateView } from '../../shared/ipc-values.ts'
import type { PlanView } from '../../shared/views/plan-views.ts'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Choice, Group } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { EditChanges } from './change-list.tsx'
import { EditChecks } from './check-list.tsx'
import { AccessPart } from './plan-access.tsx'
import { formOf, fromPlan, fromTemplate, type PlanEdit } from './plan-model.ts'
import { PeoplePart, QuorumPart } from './plan-people.tsx'
import { formProblems } from './plan-problems.ts'

/** Drafts a plan: from a template, or as the next version of one that exists. */
export function PlanScreen({ replaces }: { readonly replaces: string | null }) {
  const { plans, people } = useSnapshot()
  const old = plans.find(({ id }) => id === replaces)
  const [edit, setEdit] = useState<PlanEdit | null>(() => (old === undefined ? null : fromPlan(old, people)))
  const [template, setTemplate] = useState<TemplateView | null>(null)
  const pick = (picked: TemplateView) => {
    setTemplate(picked)
    setEdit(fromTemplate(picked, people))
  }
  return (
    <Page headline={old === undefined ? 'Draft a plan' : `Draft a new version of ${old.name}`}>
      <p>It takes effect when more than half of the admins have endorsed it. Custodians accept it with a touch.</p>
      {replaces === null && <Templates picked={template} onPick={pick} />}
      {edit !== null && <PlanFields edit={edit} setEdit={setEdit} template={template} old={old ?? null} />}
    </Page>
  )
}

interface TemplatesProps {
  readonly picked: TemplateView | null
  readonly onPick: (template: TemplateView) => void
}

function Templates({ picked, onPick }: TemplatesProps) {
  const { client } = useApp()
  const action = useAction()
  const [templates, setTemplates] = useState<readonly TemplateView[]>([])
  const { fail } = action
  useEffect(() => {
    client.plans.templates().then(setTemplates, fail)
  }, [client, fail])
  return (
    <>
      <Group
        legend="Template"
        hint={
          picked === null
            ? 'What kind of emergency is it for? Each brings a runbook and defaults; all of it can be changed.'
            : 'Choosing another one starts again.'
        }
      >
        {templates.map((template) => (
          <Choice
            key={template.emergency}
            type="radio"
            name="template"
            label={template.name}
            hint={template.says}
            checked={picked?.emergency === template.emergency}
            onChoose={() => onPick(template)}
          />
        ))}
      </Group>
      {action.trouble}
    </>
  )
}

interface PlanFieldsProps {
  readonly edit: PlanEdit
  readonly setEdit: (edit: PlanEdit) => void
  readonly template: TemplateView | null
  readonly old: PlanView | null
}

function PlanFields({ edit, setEdit, template, old }: PlanFieldsProps) {
  const { client, desk } = useApp()
  const go = useGo()
  const confirm = useConfirm()
  const action = useAction()
  const [tried, setTried] = useState(false)
  const form = formOf(edit)
  const problems = formProblems(form)
  const draft = () => {
    setTried(true)
    if (problems.length > 0) return
    action.run(async () => {
      const made = await client.plans.draft(form)
      const what = `the plan ${form.name}`
      if ((await desk.review(made, `Draft ${what}`, `draft ${what}`)) !== 'done') return
      confirm(`The draft of ${what} is sent to the other admins.`)
      go({ screen: 'credentials' })
    })
  }
  const parts = { edit, template, set: (change: Partial<PlanEdit>) => setEdit({ ...edit, ...change }) }
  return (
    <Form onSubmit={draft}>
      <AccessPart {...parts} />
      <PeoplePart {...parts} />
      <QuorumPart {...parts} />
      <EditChecks edit={edit} />
      {old !== null && <EditChanges edit={edit} old={old} />}
      {tried && problems.length > 0 && (
        <Note level="attention" what="This is not a plan yet.">
          <ul className="stack-8">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Note>
      )}
      {action.trouble}
      <div className="row">
        <Button type="submit" kind="primary" big icon={KeyRound} busy={action.busy}>
          Review and draft with my key
        </Button>
        <Button big onClick={() => go({ screen: 'credentials' })}>
          Go back
        </Button>
      </div>
    </Form>
  )
}
