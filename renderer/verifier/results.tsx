import { Download } from 'lucide-react'
import { headlineOf } from '../../shared/verify/format-text.ts'
import type { Verdict } from '../../shared/verify/report.ts'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Page, Section } from '../ui/page.tsx'
import { BundleSections } from './bundle-sections.tsx'
import type { Asking } from './cases.tsx'
import { First } from './findings.tsx'
import type { Result, Shown } from './messages.ts'

const LEVELS = { verified: 'good', refuted: 'danger', unreadable: 'danger', incomplete: 'attention' } as const

/** What to do next, by verdict. */
const NEXT: Record<Verdict, string> = {
  verified: 'Compare the 12 words with people of the organization, and read what the file cannot show.',
  refuted: 'Keep the file as it is, read the first wrong entry below, and ask other devices for their bundles.',
  unreadable: 'Get the file again, or from another device.',
  incomplete: 'Read below what is missing, and ask other devices for their bundles; several are verified together.',
}

interface ResultsProps extends Asking {
  readonly result: Result
  readonly onAgain: () => void
}

/** What came of all files: the verdicts first, then what they stand on. */
export function Results({ result, asked, onCase, onAgain }: ResultsProps) {
  const { shown, json, text, by } = result
  const [only] = shown
  const isOne = shown.length === 1 && only !== undefined
  return (
    <Page headline={isOne ? `Report on ${only.files}` : `${shown.length} reports`}>
      <div role="status" className="stack">
        {shown.map(({ files, report }) => (
          <Note
            key={files}
            level={LEVELS[report.verdict]}
            what={(isOne ? '' : `${files}: `) + headlineOf(report)}
            todo={NEXT[report.verdict]}
          />
        ))}
      </div>
      <div className="row">
        <Button icon={Download} onClick={() => save(text, 'lockbox-report.txt')}>
          Save as text
        </Button>
        <Button icon={Download} onClick={() => save(json, 'lockbox-report.json')}>
          Save as JSON
        </Button>
        <Button onClick={onAgain}>Verify other files</Button>
      </div>
      {shown.map(({ files, report }) => (
        <Section key={files} title={isOne ? 'What was checked' : `Report on ${files}`}>
          <Grounds report={report} asked={asked} onCase={onCase} />
        </Section>
      ))}
      <p className="muted small">
        Times are UTC. Ed25519 was checked by {by === 'browser' ? 'the browser’s library' : 'this page itself'}, under
        the one rule of the format.
      </p>
    </Page>
  )
}

function Grounds({ report, ...asking }: Pick<Shown, 'report'> & Asking) {
  if (report.verdict !== 'unreadable')
    return (
      <>
        <First report={report} />
        <BundleSections report={report} {...asking} />
      </>
    )
  return (
    <>
      <p>
        <Exact>{report.first.says}</Exact>
      </p>
      <p className="muted">{report.first.means}</p>
    </>
  )
}

/** Lets the browser save bytes; nothing leaves the machine. */
function save(bytes: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(bytes)
  link.download = name
  link.click()
  // The browser takes them up after this turn, and needs the name no more once it has.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
