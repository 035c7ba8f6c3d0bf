import { LifeBuoy } from 'lucide-react'
import { isOpen } from '../../shared/case/types.ts'
import { useGo, useSnapshot } from '../store/app.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/note.tsx'
import { Page, Section } from '../ui/page.tsx'
import { CaseList } from './case-list.tsx'

/** All cases this device knows, those that move first. */
export function CasesScreen() {
  const { cases } = useSnapshot()
  const go = useGo()
  const newest = [...cases].sort((a, b) => b.askedAt - a.askedAt)
  const open = newest.filter(isOpen)
  const closed = newest.filter((one) => !isOpen(one))
  return (
    <Page
      headline={
        open.length === 0 ? 'No case is under way' : `${open.length} ${open.length === 1 ? 'case' : 'cases'} under way`
      }
    >
      {cases.length === 0 && (
        <Empty>
          <p>
            A case begins when somebody asks for emergency access, or for a drill. It keeps who asked, who approved,
            what was issued and how it ended.
          </p>
          <div className="row">
            <Button icon={LifeBuoy} onClick={() => go({ screen: 'ask', plan: null, drill: true })}>
              Start with a drill
            </Button>
          </div>
        </Empty>
      )}
      {open.length > 0 && (
        <Section title="Under way">
          <CaseList cases={open} />
        </Section>
      )}
      {closed.length > 0 && (
        <Section title="Over">
          <CaseList cases={closed} />
        </Section>
      )}
    </Page>
  )
}
