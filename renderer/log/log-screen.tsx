import { Download, FileCheck2, FileUp, Share } from 'lucide-react'
import { useState } from 'react'
import type { EvidenceView } from '../../shared/views/device-views.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { ScanCodes } from '../codes/scan-codes.tsx'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { type NamedBytes, PickFile } from '../ui/files.tsx'
import { Note } from '../ui/note.tsx'
import { Page, Section } from '../ui/page.tsx'
import { Parts } from '../ui/parts.tsx'
import { receiptWords } from '../ui/receipt-words.ts'
import { useSave } from '../ui/save.ts'
import { Clock, Since } from '../ui/time.tsx'
import { CaseLog } from './case-log.tsx'
import { Entries } from './entries.tsx'
import { Report, type ReportOn } from './report.tsx'

/** The record: what this device accepted, with the proof of each line; for export and checking. */
export function LogScreen() {
  const { log } = useSnapshot()
  return (
    <Page headline={headlineOf(log)}>
      <p>
        {log.cosignedBy.length === 0
          ? 'No other device has confirmed it yet.'
          : `Confirmed by the devices of ${log.cosignedBy.map(({ name }) => name).join(', ')}`}
        {log.lastCosigned !== null && (
          <>
            , last <Since at={log.lastCosigned} />
          </>
        )}
        {log.refused > 0 && ` · ${log.refused} refused at the door`}
      </p>
      {log.removed > 0 && (
        <p>
          {log.removed === 1 ? '1 old entry was' : `${log.removed} old entries were`} removed from this device by its
          owner. When, and with which key, is said under Entries; other devices may still have them.
        </p>
      )}
      {log.losses.length > 0 && <Losses of={log.losses} />}
      {log.refusals.length > 0 && <Refused of={log.refusals} />}
      {log.evidence.length > 0 && <Evidence of={log.evidence} />}
      <Files />
      <Parts
        label="What is listed"
        parts={[
          { name: 'Cases', content: <CaseLog /> },
          { name: 'Entries', content: <Entries /> },
        ]}
      />
    </Page>
  )
}

function headlineOf({ entries, removed }: Snapshot['log']): string {
  const all = `${entries} ${entries === 1 ? 'entry' : 'entries'}`
  return removed === 0 ? `${all} in this device’s log` : `${entries - removed} of ${all} are in this device’s log`
}

/** What the journal lost while Lockbox was off, and its owner accepted: whoever reads the log has to know. */
function Losses({ of }: { readonly of: readonly string[] }) {
  return (
    <Note
      level="attention"
      what={`This device’s log has lost something: ${of.join('; ')}.`}
      means="Its owner was told and went on. What other devices had of it came back from them, and stands where it came in."
      todo="Compare with the log of another device before you rely on what is not here."
    />
  )
}

/** What came and was not let in: by which way, from whom, and why. Whoever waits for a statement has to know. */
function Refused({ of }: { readonly of: Snapshot['log']['refusals'] }) {
  return (
    <details className="refused-list">
      <summary>What was refused at the door since unlocking</summary>
      <ul className="stack-8">
        {of.map(({ at, how, why }, number) => (
          <li key={`${at} ${number}`}>
            <Clock at={at} />: it came <Exact>{how}</Exact>, and was not let in: <Exact>{why}</Exact>. It changed
            nothing.
          </li>
        ))}
      </ul>
    </details>
  )
}

/** What speaks against other devices' logs: whoever reads the record has to know, and it goes into every export. */
function Evidence({ of }: { readonly of: readonly EvidenceView[] }) {
  return (
    <Section title="What speaks against a device">
      <div className="stack">
        {of.map(({ about, device, what, means, todo, at }) => (
          <Note
            key={`${about} ${device}`}
            level={about === 'fork' || about === 'equivocation' ? 'danger' : 'attention'}
            what={what}
            means={means}
            todo={todo}
          >
            {at !== null && (
              <p className="muted">
                Found <Since at={at} />
              </p>
            )}
          </Note>
        ))}
      </div>
    </Section>
  )
}

function Files() {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const saving = useSave()
  const [report, setReport] = useState<ReportOn | null>(null)
  const verify = (file: NamedBytes) =>
    action.run(async () => setReport({ name: file.name, ...(await client.log.verify(file)) }))
  const take = (file: NamedBytes) =>
    action.run(async () => {
      confirm(receiptWords(await client.exchange.readFile(file)))
    })
  return (
    <div className="stack">
      <div className="row">
        <Button
          icon={Download}
          busy={saving.busy}
          onClick={() => saving.save(() => client.log.export({ scope: 'all' }))}
        >
          Export the log
        </Button>
        <Button
          icon={Share}
          busy={saving.busy}
          onClick={() => saving.save(() => client.exchange.writeFile({ request: null }))}
        >
          Hand over everything as a file
        </Button>
        <PickFile label="Verify a file" icon={FileCheck2} busy={action.busy} onFile={verify} onWrong={action.fail} />
        <PickFile
          label="Take in statements from a file"
          icon={FileUp}
          busy={action.busy}
          onFile={take}
          onWrong={action.fail}
        />
        <ScanCodes />
      </div>
      {(action.busy || saving.busy) && <p role="status">Working on it…</p>}
      {saving.trouble}
      {action.trouble}
      {report && <Report {...report} onClose={() => setReport(null)} />}
    </div>
  )
}
