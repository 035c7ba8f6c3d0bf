import { Exact } from './exact-text.tsx'

/**
 * A plan's runbook, whole and as it was endorsed: parts divided by empty lines, the first line of each as its title where it
 * is one.
 *
 * @param lead - how many parts are open at once; the others unfold. All of them by default.
 */
export function Runbook({ text, lead }: { readonly text: string; readonly lead?: number }) {
  const parts = text.split(/\n{2,}/)
  const open = lead === undefined || parts.length <= lead ? parts : parts.slice(0, lead)
  const rest = parts.slice(open.length)
  return (
    <div className="runbook stack">
      <Parts parts={open} />
      {rest.length > 0 && (
        <details>
          <summary>{rest.map(titleOf).join(' · ')}</summary>
          <div className="stack">
            <Parts parts={rest} />
          </div>
        </details>
      )}
    </div>
  )
}

function Parts({ parts }: { readonly parts: readonly string[] }) {
  return parts.map((part, at) => {
    const [first = '', ...lines] = part.split('\n')
    const title = isTitle(first) && lines.length > 0
    return (
      // A part's place is what it is: texts may repeat.
      <div key={at} className="stack-8">
        {title && (
          <p>
            <strong>
              <Exact>{first}</Exact>
            </strong>
          </p>
        )}
        {(title ? lines : [first, ...lines]).map((line, index) => (
          <p key={index}>
            <Exact>{line}</Exact>
          </p>
        ))}
      </div>
    )
  })
}

const isTitle = (line: string) => line.length <= 60 && !/[.:;,]$/.test(line)

function titleOf(part: string): string {
  const [first = ''] = part.split('\n')
  return isTitle(first) ? first : 'More'
}
