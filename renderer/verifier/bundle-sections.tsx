import type { ReactNode } from 'react'
import { credentialLines, fileLines, logOf, planLines, rosterWords } from '../../shared/verify/format-text.ts'
import type { BundleReport } from '../../shared/verify/report.ts'
import { Exact } from '../ui/exact-text.tsx'
import { type Asking, Cases } from './cases.tsx'
import { Finding } from './findings.tsx'
import { Lines } from './lines.tsx'
import { Paged } from './paged.tsx'
import { Person } from './person.tsx'

/** What a bundle shows, part after part; nothing is said of parts that are empty. */
export function BundleSections({ report, ...asking }: { readonly report: BundleReport } & Asking) {
  const { files, findings, people, plans, credentials, cases, log, counts, cannotConclude } = report
  const several = files.length > 1
  const older = counts.cases - cases.length
  return (
    <>
      <Organization report={report} />
      <Part title="What was found" count={findings.length}>
        <Paged
          label="findings"
          items={findings}
          render={(one) => <Finding finding={one} several={several} />}
          keyOf={(one, at) => `${at} ${one.code}`}
        />
      </Part>
      <Part title="People and their hardware keys" count={people.length}>
        <Paged label="people" items={people} render={(one) => <Person person={one} />} keyOf={({ member }) => member} />
      </Part>
      <Part title="Cases" count={1}>
        {counts.cases === 0 ? <p>None is in what was verified.</p> : <Cases cases={cases} older={older} {...asking} />}
      </Part>
      <Part title="Plans and credentials" count={plans.length + credentials.length}>
        <Lines lines={[...plans.flatMap(planLines), ...credentials.flatMap(credentialLines)]} />
      </Part>
      {LOG.map(([about, title]) => (
        <Log key={about} title={title(several)} lines={logOf(report, about)} />
      ))}
      {counts.log > log.length && (
        <p>{counts.log - log.length} more statements outside cases are not listed; they were checked all the same.</p>
      )}
      <Part title={`What ${several ? 'these files' : 'this file'} cannot show`} count={cannotConclude.length}>
        <Lines lines={cannotConclude} />
      </Part>
    </>
  )
}

const LOG = [
  ['case', (several: boolean) => `About requests that are not in ${several ? 'these files' : 'this file'}`],
  ['ground', () => 'Founding, people, plans and custody'],
  ['log', () => 'Who read, exported and removed what'],
] as const

function Log({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <Part title={title} count={lines.length}>
      <Paged
        label="statements"
        items={lines}
        render={(line) => <Exact line>{line}</Exact>}
        keyOf={(line, at) => `${at} ${line.slice(0, 32)}`}
      />
    </Part>
  )
}

function Organization({ report: { organization, claims, files } }: { readonly report: BundleReport }) {
  return (
    <Part title={files.length === 1 ? 'What this file is' : 'What these files are'} count={1}>
      <div className="card stack">
        {organization === null ? (
          <p>
            Organization <Exact>{claims.organization}</Exact>, by the header alone: it was not recomputed.
          </p>
        ) : (
          <>
            <p>
              Organization{' '}
              <strong>
                <Exact>{organization.name}</Exact>
              </strong>
              , id <Exact>{organization.id}</Exact>; {rosterWords(organization.rosters)}
            </p>
            <p>
              Compare these 12 words with people of the organization, in a call or face to face. Anybody can found one
              of the same name; only this one has these words.
            </p>
            <ol className="compare" aria-label="The 12 words">
              {organization.words.map((word, at) => (
                // A word may stand there twice; its place is its name.
                <li key={`${at} ${word}`}>{word}</li>
              ))}
            </ol>
          </>
        )}
        {files.map((file, at) => (
          // The files of one run never move.
          <Lines
            key={`${at} ${file.exporter.device}`}
            lines={[...(files.length === 1 ? [] : [`File ${at + 1}:`]), ...fileLines(file)]}
          />
        ))}
      </div>
    </Part>
  )
}

interface PartProps {
  readonly title: string
  readonly count: number
  readonly children: ReactNode
}

function Part({ title, count, children }: PartProps) {
  if (count === 0) return null
  return (
    <section className="stack" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  )
}
