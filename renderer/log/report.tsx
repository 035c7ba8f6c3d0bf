import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Section } from '../ui/page.tsx'

const VERDICTS = {
  verified: ['good', 'Every entry of this file was checked and holds.', 'Read what the report cannot conclude.'],
  refuted: ['danger', 'This file does not hold.', 'Read the first bad entry below, and keep the file.'],
  unreadable: ['danger', 'This is not an export of a Lockbox log.', 'Check that you picked the right file.'],
  incomplete: ['attention', 'What is in this file holds, and something is missing.', 'Read below what is missing.'],
} as const

/** What checking a file came to. */
export interface ReportOn {
  readonly name: string
  readonly verdict: keyof typeof VERDICTS
  readonly text: string
}

/** What checking a file found: the verdict in words, and the report whole. */
export function Report({ name, verdict, text, onClose }: ReportOn & { readonly onClose: () => void }) {
  const [level, what, todo] = VERDICTS[verdict]
  return (
    <Section title={`Report on ${name}`} aside={<Button onClick={onClose}>Close the report</Button>}>
      <div role="status">
        <Note level={level} what={what} todo={todo} />
      </div>
      {/* Focusable, so that a long report can be scrolled by keyboard. */}
      <pre className="card report" tabIndex={0} aria-label="Report">
        <Exact>{text}</Exact>
      </pre>
    </Section>
  )
}
