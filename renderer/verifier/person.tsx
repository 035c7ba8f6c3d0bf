import { keyWords } from '../../shared/verify/format-text.ts'
import type { PersonReport } from '../../shared/verify/report.ts'
import { quotedText } from '../../shared/verify/words.ts'
import { Exact } from '../ui/exact-text.tsx'

/** A person with devices and hardware keys. */
export function Person({
  person: { name, member, roles, groups, active, devices, keys },
}: {
  readonly person: PersonReport
}) {
  const groupsWords = groups.length === 0 ? '' : `; in ${groups.join(', ')}`
  return (
    <div className="stack-8">
      <p>
        <strong>
          <Exact>{name}</Exact>
        </strong>
        : {roles.join(', ')}
        <Exact>{groupsWords}</Exact>
        {gone(active)}
      </p>
      <dl className="facts">
        <Fact term="Member" is="" id={member} />
        {keys.map((key) => (
          <Fact
            key={key.key}
            term="Key"
            is={`${quotedText(key.name)}: ${keyWords(key)}${gone(key.active)}`}
            id={key.key}
          />
        ))}
        {devices.map((device) => (
          <Fact
            key={device.device}
            term="Device"
            is={`${quotedText(device.name)}${gone(device.active)}`}
            id={device.device}
          />
        ))}
      </dl>
    </div>
  )
}

const gone = (here: boolean) => (here ? '' : ' (no longer in the roster)')

function Fact({ term, is, id }: { readonly term: string; readonly is: string; readonly id: string }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>
        {is !== '' && <Exact line>{is}</Exact>} <span className="mono small exact">{id}</span>
      </dd>
    </>
  )
}
