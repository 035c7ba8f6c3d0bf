import { UNSURE } from '../../shared/views/aftercare-words.ts'
import { useGo, useSnapshot } from '../store/app.ts'
import { useNow } from '../store/clock.ts'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/note.tsx'
import { clockOf, relative } from '../ui/time-words.ts'

/** Sessions that somebody wants ended and that may still be used: before everything else. */
export function EndingSessions() {
  const { cases } = useSnapshot()
  const go = useGo()
  const now = useNow(10_000)
  return cases.flatMap((one) =>
    one.endings
      .filter(({ expired, late }) => !expired && !late)
      .map(({ grant, dies, denied, claimed, says, here }) => (
        <Note
          key={grant}
          level="danger"
          what={`${one.requester.name}’s session for ${one.credential} is ending, and may still be used`}
          means={`${says ?? (denied ? 'AWS has the deny, and was not yet seen to refuse a call.' : claimed ? `It is ${UNSURE}.` : 'AWS does not deny it yet.')} It dies by itself at ${clockOf(dies, now)} (${relative(dies, now)}).`}
          todo={here ?? ''}
        >
          <div className="row">
            <Button onClick={() => go({ screen: 'case', id: one.id })}>Open the case</Button>
          </div>
        </Note>
      )),
  )
}
