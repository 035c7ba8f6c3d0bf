import { FileUp, ScanQrCode } from 'lucide-react'
import { type DragEvent, useCallback, useMemo, useRef, useState } from 'react'
import { isOfPack } from '../../shared/carriers/pack-error.ts'
import { createScan, type Scan } from '../../shared/carriers/scan.ts'
import type { FileReceipt } from '../../shared/ipc-values.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { useApp, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { errorWords } from '../ui/error-words.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Text } from '../ui/fields.tsx'
import { type NamedBytes, PickFile, readFile } from '../ui/files.tsx'
import { Note } from '../ui/note.tsx'
import { asSentence, countWords, gotWords } from '../ui/receipt-words.ts'
import { Select } from '../ui/select.tsx'
import { CodesButton, CodesDialog } from './codes-dialog.tsx'
import { useFilming } from './filming.ts'

/** Takes in what other people's screens show, or what came as a file or a text where there is no camera. */
export function ScanCodes({ label = 'Scan codes', onTaken }: ScanCodesProps) {
  const dialog = (onClose: () => void) => <ScanDialog onClose={onClose} {...(onTaken ? { onTaken } : {})} />
  return <CodesButton icon={ScanQrCode} label={label} renderDialog={dialog} />
}

interface ScanCodesProps {
  readonly label?: string
  /** Told whenever something was taken in. */
  readonly onTaken?: () => void
}

/** What the scan says of itself; changes with each code that says something new. */
interface Seen {
  readonly begun: Scan['begun']
  readonly trouble: string | null
}

function ScanDialog({ onClose, onTaken }: Pick<ScanCodesProps, 'onTaken'> & { readonly onClose: () => void }) {
  const { client } = useApp()
  const { cases } = useSnapshot()
  const { trouble, fail } = useAction()
  const [taken, setTaken] = useState<readonly FileReceipt[]>([])
  const [seen, setSeen] = useState<Seen>({ begun: [], trouble: null })
  const scan = useMemo(() => createScan(), [])
  const { refuse, isRefused, readAgain } = useRefused(scan)
  const waiting = useRef(Promise.resolve())
  /** One after the other, in the order in which they were read. */
  const take = useCallback(
    (come: () => Promise<FileReceipt>) => {
      waiting.current = waiting.current.then(async () => {
        try {
          const came = await come()
          setTaken((before) => [...before, came])
          // It may be what something else waited for.
          readAgain()
          onTaken?.()
        } catch (error) {
          fail(error)
        }
      })
    },
    [fail, onTaken, readAgain],
  )
  const readText = useCallback(
    (text: string, by: { pasted?: true } = {}) => {
      if (by.pasted) readAgain()
      const read = scan.take(text)
      if (read.is === 'complete')
        take(async () => {
          try {
            return await client.exchange.readCode({ pack: read.message, ...by })
          } catch (error) {
            // Nothing can come of what is no pack.
            if (!isOfPack(error)) refuse(read.message)
            throw error
          }
        })
      if (read.is !== 'known') setSeen({ begun: scan.begun, trouble: read.is === 'refused' ? read.error.code : null })
    },
    [client, scan, take, refuse, readAgain],
  )
  const readBytes = useCallback(
    (file: NamedBytes & { pasted?: true }) => take(() => client.exchange.readFile(file)),
    [client, take],
  )
  const open = cases.filter(({ state }) => state === 'asked' || state === 'approved')
  return (
    <CodesDialog title="Scan codes" onClose={onClose}>
      <p>Point the camera at the code on the other person’s screen; several people’s, one after the other, are fine.</p>
      <CameraView onText={readText} />
      <Progress seen={seen} />
      <div role="status">{taken.length > 0 && <Received taken={taken} cases={cases} />}</div>
      {open.length > 0 && (
        <section className="stack-8" aria-label="All open cases">
          <p className="muted">All open cases as they stand now, whether or not these codes are of them:</p>
          {open.map(({ id, headline }) => (
            <p key={id}>
              <Exact>{headline}</Exact>
            </p>
          ))}
        </section>
      )}
      {trouble}
      {isRefused && (
        <div className="row">
          <Button onClick={readAgain}>Read it again</Button>
        </div>
      )}
      <WithoutCamera onText={readText} onFile={readBytes} onWrong={fail} />
    </CodesDialog>
  )
}

/**
 * What main refused, or could not keep. A camera sees the same code many times a second, so it is not read again before
 * something else was taken in, or its owner says so.
 */
function useRefused(scan: Scan) {
  const [refused, setRefused] = useState<readonly Uint8Array[]>([])
  const latest = useRef(refused)
  const change = useCallback((messages: readonly Uint8Array[]) => {
    latest.current = messages
    setRefused(messages)
  }, [])
  const refuse = useCallback((message: Uint8Array) => change([...latest.current, message]), [change])
  const readAgain = useCallback(() => {
    latest.current.forEach(scan.forget)
    change([])
  }, [scan, change])
  return { refuse, isRefused: refused.length > 0, readAgain }
}

function CameraView({ onText }: { readonly onText: (text: string) => void }) {
  const [wanted, setWanted] = useState<string | null>(null)
  const [tries, setTries] = useState(0)
  const again = () => setTries(tries + 1)
  return <Film key={tries} wanted={wanted} onWanted={setWanted} onText={onText} onAgain={again} />
}

interface FilmProps {
  readonly wanted: string | null
  readonly onWanted: (camera: string) => void
  readonly onText: (text: string) => void
  /** Asked to begin anew. */
  readonly onAgain: () => void
}

function Film({ wanted, onWanted, onText, onAgain }: FilmProps) {
  const { video, camera, choices, trouble } = useFilming(wanted, onText)
  return (
    <div className="stack-8">
      {/* Always there: the next camera that is chosen films into it. */}
      <video
        className="camera-view"
        ref={video}
        hidden={trouble !== null}
        muted
        playsInline
        aria-label="What the camera sees"
      />
      {trouble !== null && (
        <Note level="attention" what={trouble} means="Codes cannot be read here." todo="Use a file or a text, below.">
          <div className="row">
            <Button onClick={onAgain}>Try the camera again</Button>
          </div>
        </Note>
      )}
      {choices.length > 1 && (
        <Select
          label="Camera"
          value={camera?.id ?? wanted ?? ''}
          onValue={onWanted}
          options={choices.map(({ id, name }) => [id, name])}
        />
      )}
    </div>
  )
}

function Progress({ seen: { begun, trouble } }: { readonly seen: Seen }) {
  const [now] = begun
  const words = trouble === null ? null : errorWords(trouble)
  return (
    <>
      {now && (
        <p className="figures">
          <progress className="scan-progress" max={now.need} value={now.have} aria-label="Codes read" /> {now.have} of{' '}
          {now.need}
        </p>
      )}
      {words && <Note level="attention" {...words} />}
    </>
  )
}

interface ReceivedProps {
  readonly taken: readonly FileReceipt[]
  readonly cases: readonly CaseView[]
}

/** Whose codes came so far, how many are still to come, and the sums. */
function Received({ taken, cases }: ReceivedProps) {
  const sum = (what: 'added' | 'known' | 'refused' | 'waiting') => taken.reduce((total, one) => total + one[what], 0)
  const got = [...new Set(taken.flatMap(gotWords))]
  const toGo = [...new Set(taken.map((one) => one.case))].flatMap((id) => {
    const left = leftOf(cases.find((one) => one.id === id))
    return left === null ? [] : [left]
  })
  return (
    <Note
      level={sum('refused') > 0 ? 'attention' : 'good'}
      what={asSentence([...got, ...toGo]) ?? 'Read.'}
      means={`Got ${taken.length}: ${countWords({ added: sum('added'), known: sum('known'), refused: sum('refused'), waiting: sum('waiting') })}`}
    />
  )
}

/** How many a case still waits for; null where it waits for nobody's code. */
function leftOf(one: CaseView | undefined): string | null {
  if (one === undefined || one.quorum === null) return null
  const { have, need, met } = one.quorum
  if (one.state === 'asked' && !met) return `${Math.max(1, need - have)} to go`
  if (one.state !== 'approved') return null
  const shares = need - (one.attempt?.released ?? 0)
  return one.attempt === null || shares <= 0 ? 'enough have approved' : `enough have approved, ${shares} shares to go`
}

interface WithoutCameraProps {
  readonly onText: (text: string, by: { pasted: true }) => void
  readonly onFile: (file: NamedBytes & { pasted?: true }) => void
  readonly onWrong: (error: unknown) => void
}

/** The plain way: a file, dropped or picked, or a pasted text, of either kind. */
function WithoutCamera({ onText, onFile, onWrong }: WithoutCameraProps) {
  const [text, setText] = useState('')
  const drop = (event: DragEvent) => {
    event.preventDefault()
    for (const file of event.dataTransfer.files) readFile(file).then(onFile, onWrong)
  }
  const paste = () => {
    const codes = text.split(/\s+/).filter((line) => /^ur:/i.test(line))
    if (codes.length > 0) for (const code of codes) onText(code, { pasted: true })
    else onFile({ name: 'pasted text', bytes: new TextEncoder().encode(text), pasted: true })
    setText('')
  }
  return (
    <section
      className="card stack"
      aria-label="Without a camera"
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <p className="muted">Without a camera: drop a file here, pick one, or paste a text.</p>
      <Text label="Pasted text" rows={2} code value={text} onValue={setText} />
      <div className="row">
        <Button off={text.trim() === ''} onClick={paste}>
          Take in the text
        </Button>
        <PickFile label="Pick a file" icon={FileUp} onFile={onFile} onWrong={onWrong} />
      </div>
    </section>
  )
}
