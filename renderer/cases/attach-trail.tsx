import { Cloud, FileUp } from 'lucide-react'
import { useRef } from 'react'
import { MOST_TRAIL_FILES } from '../../shared/ipc-values.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useApp, useConfirm } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { readFile } from '../ui/files.tsx'
import { attachedWords } from './words.ts'

/** Lets a person ask CloudTrail, or choose files of a trail. */
export function Attach({ one, onAsk }: { readonly one: CaseView; readonly onAsk: () => void }) {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const input = useRef<HTMLInputElement>(null)
  const attach = (files: readonly File[]) =>
    action.run(async () => {
      const read = await Promise.all(files.slice(0, MOST_TRAIL_FILES).map(readFile))
      confirm(attachedWords(await client.cases.attach({ request: one.id, files: read })))
    })
  return (
    <span className="stack-8">
      <input
        ref={input}
        type="file"
        multiple
        className="hidden-label"
        tabIndex={-1}
        aria-label="Files of a CloudTrail trail"
        accept=".gz,.json"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])]
          event.target.value = ''
          if (files.length > 0) attach(files)
        }}
      />
      <span className="row">
        <Button icon={Cloud} onClick={onAsk}>
          Ask CloudTrail…
        </Button>
        <Button icon={FileUp} busy={action.busy} onClick={() => input.current?.click()}>
          Attach files of a trail
        </Button>
      </span>
      {action.trouble}
    </span>
  )
}
