import { Lock } from 'lucide-react'
import type { CaseView } from '../../shared/views/case-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { CaseState } from '../cases/case-state.tsx'
import { CaseSummary, CaseTitle } from '../cases/case-words.tsx'
import { Said } from '../cases/timeline.tsx'
import { useApp, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Alone } from '../ui/alone.tsx'
import { Button } from '../ui/button.tsx'
import { DiskNotes } from '../ui/disk-notes.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Page, Section } from '../ui/page.tsx'
import { Clock } from '../ui/time.tsx'

/** An unlocked app with a long log: the newest cases, to be looked at, while the rest is read. Nothing can be done here yet. */
export function ReadingScreen() {
  const { client } = useApp()
  const { cases, organization, vault, reading } = useSnapshot()
  const { busy, run } = useAction()
  return (
    <Alone wide>
      <Page headline="The newest cases; older entries are still being read">
        <p className="large">
          <Exact>{organization?.name ?? ''}</Exact> · <Exact>{vault.personName}</Exact>, on{' '}
          <Exact>{vault.deviceName}</Exact>.
        </p>
        {organization !== null && organization.split !== null && (
          <Note level="danger" what="The organization has split in two." means={organization.split} todo="" />
        )}
        <DiskNotes />
        {vault.notices.map(({ code, message }) => (
          <Note key={`${code}${message}`} level={code === 'journal' ? 'danger' : 'attention'} what={message} />
        ))}
        <Progress reading={reading} />
        <div className="row">
          <Button icon={Lock} busy={busy} onClick={() => run(() => client.vault.lock())}>
            Lock
          </Button>
        </div>
        <Section title="Newest cases">
          <ul className="list">
            {cases.map((one) => (
              <EarlyCase key={one.id} one={one} />
            ))}
          </ul>
        </Section>
      </Page>
    </Alone>
  )
}

function Progress({ reading }: { readonly reading: Snapshot['reading'] }) {
  if (reading === null) return null
  const { doing, read, of } = reading
  const what = doing === 'comparing' ? 'Comparing the log with what was kept of it' : 'Reading the log'
  return (
    <div className="stack-8">
      <p id="reading">
        {what}: {read.toLocaleString('en')} of {of.toLocaleString('en')} entries. There may be more cases than stand
        here. This device is not on the network yet, and neither decides, signs, releases nor issues before everything
        is read; then it opens by itself.
      </p>
      <progress max={Math.max(of, 1)} value={read} aria-labelledby="reading" />
    </div>
  )
}

/** A case with all that was said in it; what may be done in it is told once everything was read. */
function EarlyCase({ one }: { readonly one: CaseView }) {
  return (
    <li className="stack-8">
      <div className="row-between">
        <CaseTitle one={one} />
        <CaseState one={one} />
      </div>
      <CaseSummary one={one} />
      <details>
        <summary>What was said</summary>
        <ol className="list timeline">
          {one.timeline.map((entry) => (
            <li key={entry.id}>
              <span className="muted">
                <Clock at={entry.at} />
              </span>
              <div className="stack-8">
                <Said entry={entry} />
              </div>
            </li>
          ))}
        </ol>
      </details>
    </li>
  )
}
