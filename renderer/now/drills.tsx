import { KeyRound, Play } from 'lucide-react'
import { DrillLine } from '../credentials/drill-line.tsx'
import { useGo, useSnapshot } from '../store/app.ts'
import { drillsDue } from '../store/needs.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Section } from '../ui/page.tsx'

/** Drills that are due, for those who start or arrange them. Never in the way of an emergency. */
export function Drills() {
  const snapshot = useSnapshot()
  const go = useGo()
  const due = drillsDue(snapshot)
  if (due.length === 0) return null
  return (
    <Section title="Drills">
      <ul className="list">
        {due.map(({ id, name, drill, mayAsk, requesters }) => (
          <li key={id} className="row-between">
            <span className="stack-8">
              <strong>
                <Exact>{name}</Exact>
              </strong>
              <DrillLine drill={drill} />
              {!mayAsk && (
                <span className="muted small">
                  To be asked for by <Exact>{requesters.map((person) => person.name).join(' or ')}</Exact>
                </span>
              )}
            </span>
            {mayAsk ? (
              <Button icon={Play} onClick={() => go({ screen: 'ask', plan: id, drill: true })}>
                Start a drill
              </Button>
            ) : (
              <Button kind="quiet" icon={KeyRound} onClick={() => go({ screen: 'credentials' })}>
                Open Credentials
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}
