import { Settings } from 'lucide-react'
import { useGo, useSnapshot } from '../store/app.ts'
import { useNow } from '../store/clock.ts'
import { stuckOutlets, unsentCount } from '../store/needs.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Section } from '../ui/page.tsx'
import { clockOf } from '../ui/time-words.ts'

/** Other systems that the log does not get through to: whoever relies on them is not told by them. */
export function StuckOutlets() {
  const snapshot = useSnapshot()
  const go = useGo()
  const now = useNow(10_000)
  const stuck = stuckOutlets(snapshot, now)
  if (stuck.length === 0) return null
  return (
    <Section title="The log does not get out">
      <ul className="list">
        {stuck.map((outlet) => (
          <li key={outlet.id} className="row-between">
            <span className="stack-8">
              <strong>
                <Exact>{outlet.name}</Exact>
              </strong>
              <span className="muted small">
                Nothing gets through since {clockOf(outlet.since ?? now, now)}: {outlet.trouble ?? 'it is tried again'}.{' '}
                {waitingWords(unsentCount(outlet))}
              </span>
            </span>
            <Button kind="quiet" icon={Settings} onClick={() => go({ screen: 'settings' })}>
              Open Settings
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function waitingWords(count: number): string {
  const many = count === 1 ? '1 entry waits' : `${count} entries wait`
  return `${count === 0 ? 'Nothing waits' : many}; Lockbox tries again by itself.`
}
