import { ArrowLeft, Download, FileDown, FolderOpen } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { CaseReport } from '../../shared/views/report-views.ts'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { useSave } from '../ui/save.ts'
import { Paper } from './paper.tsx'

/** One case as an auditor reads it, and as it is printed: the same page, so that what is read is what is filed. */
export function ReportScreen({ id }: { readonly id: string }) {
  const { client } = useApp()
  const { log, organization } = useSnapshot()
  const { fail, trouble } = useAction()
  const [found, setFound] = useState<{ readonly asOf: string; readonly report: CaseReport } | null>(null)
  // A report says how the log stands, and the 12 words, which take a moment to work out.
  const asOf = `${log.entries} ${organization?.words?.length ?? 0}`
  useEffect(() => {
    let stale = false
    client.log.caseReport({ case: id }).then(
      (report) => stale || setFound({ asOf, report }),
      (error: unknown) => stale || fail(error),
    )
    return () => {
      stale = true
    }
  }, [client, id, fail, asOf])
  const report = found?.report ?? null
  if (report === null)
    return (
      <Page headline="Case report">
        {trouble ?? <p role="status">Opening the log…</p>}
        <Tools id={id} ready={false} />
      </Page>
    )
  const { credential, requester, purpose } = report.case
  const kind = purpose === 'access' ? '' : `a ${purpose} of `
  return (
    <Page
      headline={`Case report: ${kind}${credential}${purpose === 'rotation' ? ', asked by' : ' for'} ${requester.name}`}
    >
      {trouble}
      <Tools id={id} ready={report.organization.words !== null} />
      <Paper report={report} />
    </Page>
  )
}

function Tools({ id, ready }: { readonly id: string; readonly ready: boolean }) {
  const { client } = useApp()
  const { cases } = useSnapshot()
  const confirm = useConfirm()
  const go = useGo()
  const action = useAction()
  const exporting = useSave()
  const save = () =>
    action.run(async () => {
      if (await client.log.savePdf({ case: id })) confirm('Saved the report as a PDF.')
    })
  return (
    <div className="stack-8 tools">
      <div className="row">
        <Button kind="primary" icon={FileDown} busy={action.busy} off={!ready} onClick={save}>
          Save this report as a PDF
        </Button>
        <Button
          icon={Download}
          busy={exporting.busy}
          onClick={() => exporting.save(() => client.log.export({ scope: { case: id } }))}
        >
          Export this case
        </Button>
        {cases.some((one) => one.id === id) && (
          <Button icon={FolderOpen} onClick={() => go({ screen: 'case', id })}>
            Open the case
          </Button>
        )}
        <Button kind="quiet" icon={ArrowLeft} onClick={() => go({ screen: 'log' })}>
          All cases in the log
        </Button>
      </div>
      {action.trouble}
      {exporting.trouble}
    </div>
  )
}
