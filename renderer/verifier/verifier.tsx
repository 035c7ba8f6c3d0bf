import { FileSearch, X } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Digest } from '../../shared/bytes.ts'
import { MOST_FILES } from '../../shared/verify/rows.ts'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import type { Result } from './messages.ts'
import { Results } from './results.tsx'
import { startVerifying } from './start.ts'

/** The version of the app with which this page was built. */
declare const VERIFIER_VERSION: string

type Stage =
  | { readonly at: 'start'; readonly wrong: string }
  | { readonly at: 'running'; readonly names: readonly string[]; readonly done: number; readonly of: number }
  | { readonly at: 'done'; readonly result: Result; readonly files: readonly File[]; readonly cases: readonly Digest[] }
  | { readonly at: 'failed'; readonly why: string }

const START: Stage = { at: 'start', wrong: '' }

/** The whole page: choosing files, verifying, the reports. */
export function Verifier() {
  const [stage, setStage] = useState<Stage>(START)
  const stop = useRef<() => void>(() => undefined)
  const verify = (files: readonly File[], cases: readonly Digest[] = []) => {
    if (files.length === 0) return
    stop.current()
    if (files.length > MOST_FILES)
      return setStage({ at: 'start', wrong: `These are ${files.length} files; at most ${MOST_FILES} go at once.` })
    setStage({ at: 'running', names: files.map(({ name }) => name), done: 0, of: 0 })
    stop.current = startVerifying(files, cases, {
      onProgress: (done, of) => setStage((now) => (now.at === 'running' ? { ...now, done, of } : now)),
      onDone: (result) => setStage({ at: 'done', result, files, cases }),
      onFailed: (why) => setStage({ at: 'failed', why }),
    })
  }
  const isOver = useDropped(verify)
  const again = () => {
    stop.current()
    setStage(START)
  }
  return (
    <main className="content verifier">
      <p className="wordmark">Lockbox verifier {VERIFIER_VERSION}</p>
      <Shown stage={stage} isOver={isOver} onFiles={verify} onAgain={again} />
    </main>
  )
}

interface ShownProps {
  readonly stage: Stage
  readonly isOver: boolean
  readonly onFiles: (files: readonly File[], cases?: readonly Digest[]) => void
  readonly onAgain: () => void
}

function Shown({ stage, isOver, onFiles, onAgain }: ShownProps): ReactNode {
  switch (stage.at) {
    case 'start':
      return <Start wrong={stage.wrong} isOver={isOver} onFiles={onFiles} />
    case 'running':
      return <Running {...stage} onCancel={onAgain} />
    case 'done':
      return (
        <Results
          result={stage.result}
          asked={stage.cases}
          onCase={(id) => onFiles(stage.files, [...stage.cases, id])}
          onAgain={onAgain}
        />
      )
    case 'failed':
      return (
        <Page headline="Could not finish, so nothing is concluded">
          <Note
            level="danger"
            what={stage.why}
            means="This says nothing about the files."
            todo="Try again in another browser, or with “lockbox verify”."
          />
          <div className="row">
            <Button kind="primary" onClick={onAgain}>
              Choose files
            </Button>
          </div>
        </Page>
      )
  }
}

function Start({ wrong, isOver, onFiles }: Pick<ShownProps, 'isOver' | 'onFiles'> & { readonly wrong: string }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <Page headline="Check what a Lockbox exported">
      {wrong !== '' && <Note level="danger" what={wrong} todo="Choose fewer." />}
      <div className={`drop ${isOver ? 'over' : ''}`}>
        <FileSearch size={44} aria-hidden="true" />
        <p className="large">Drop bundles here or choose files</p>
        <input
          ref={input}
          type="file"
          multiple
          className="hidden-label"
          tabIndex={-1}
          aria-label="Bundles"
          onChange={(event) => onFiles([...(event.target.files ?? [])])}
        />
        <Button kind="primary" big onClick={() => input.current?.click()}>
          Choose files
        </Button>
      </div>
      <p className="muted">
        Everything is checked on this machine: this page has no way to the network, and needs none. Several files of one
        organization, of whatever devices, are verified together.
      </p>
    </Page>
  )
}

interface RunningProps {
  readonly names: readonly string[]
  readonly done: number
  readonly of: number
  readonly onCancel: () => void
}

function Running({ names, done, of, onCancel }: RunningProps) {
  const percent = of === 0 ? 0 : Math.min(100, Math.floor((done / of) * 100))
  return (
    <Page headline={names.length === 1 ? `Verifying ${names[0]}` : `Verifying ${names.length} files`}>
      <div className="card stack">
        <progress aria-label="Entries checked" max={100} {...(of === 0 ? {} : { value: percent })} />
        <p className="figures">{of === 0 ? 'Reading…' : `${done} of ${of} entries checked`}</p>
        {/* Spoken in steps of a tenth, so that listeners are not talked over. */}
        <p role="status" className="hidden-label">
          {of === 0 ? 'Verifying' : `${Math.floor(percent / 10) * 10} % checked`}
        </p>
        <div className="row">
          <Button icon={X} onClick={onCancel}>
            Cancel
          </Button>
        </div>
      </div>
    </Page>
  )
}

/** Takes files that are dropped anywhere on the page; otherwise the browser would open them in its place. */
function useDropped(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault()
      setOver(true)
    }
    const leave = () => setOver(false)
    const drop = (event: DragEvent) => {
      event.preventDefault()
      setOver(false)
      onFiles([...(event.dataTransfer?.files ?? [])])
    }
    document.addEventListener('dragover', over)
    document.addEventListener('dragleave', leave)
    document.addEventListener('drop', drop)
    return () => {
      document.removeEventListener('dragover', over)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('drop', drop)
    }
  }, [onFiles])
  return isOver
}
