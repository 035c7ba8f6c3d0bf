import { CircleCheck, CircleDashed, type LucideIcon, OctagonX, TriangleAlert } from 'lucide-react'
import type { VerifyFinding } from '../../shared/verify/findings.ts'
import { lookAtLines, placeWords } from '../../shared/verify/format-text.ts'
import type { BundleReport } from '../../shared/verify/report.ts'
import { Exact } from '../ui/exact-text.tsx'
import { State, type Tone } from '../ui/state.tsx'

const RESULTS: Record<VerifyFinding['result'], { tone: Tone; icon: LucideIcon; words: string }> = {
  refuted: { tone: 'red', icon: OctagonX, words: 'Wrong' },
  incomplete: { tone: 'amber', icon: CircleDashed, words: 'Incomplete' },
  attention: { tone: 'amber', icon: TriangleAlert, words: 'Look at' },
  holds: { tone: 'green', icon: CircleCheck, words: 'Holds' },
}

/** The first thing that is wrong, or incomplete where nothing is wrong; else how much there is to look at. */
export function First({ report: { first, findings, verdict, files } }: { readonly report: BundleReport }) {
  if (first === null) return lookAtLines(findings).map((line) => <p key={line}>{line}</p>)
  return (
    <section className={`card stack-8 ${verdict === 'refuted' ? 'red' : 'amber'}`} aria-label="First finding">
      <h3>{verdict === 'refuted' ? 'First wrong' : 'First incomplete'}</h3>
      <Finding finding={first} several={files.length > 1} />
    </section>
  )
}

/** One finding: its result in words, where, what, by which rule, and what it means. */
export function Finding({ finding, several }: { readonly finding: VerifyFinding; readonly several: boolean }) {
  const { tone, icon, words } = RESULTS[finding.result]
  return (
    <div className="stack-8">
      <p className="row">
        <State tone={tone} icon={icon}>
          {words}
        </State>
        <span className="small muted">rule: {finding.code}</span>
      </p>
      <p>
        <Exact line>{placeWords(finding, several) + finding.says}</Exact>
      </p>
      {finding.result !== 'holds' && <p className="muted">{finding.means}</p>}
    </div>
  )
}
