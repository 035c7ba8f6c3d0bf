import type { SessionView } from '../../shared/views/session-views.ts'
import { Clock } from '../ui/time.tsx'

/** How the AWS CLI and other programs get the session, and how often they did. */
export function ForPrograms({ session: { profile, handedOut } }: { readonly session: SessionView }) {
  return (
    <section className="card stack-8" aria-labelledby="for-programs">
      <h2 id="for-programs">For the AWS CLI and programs</h2>
      {profile === null ? (
        <p>No program can be given this session here. Use the environment lines.</p>
      ) : (
        <>
          <p>
            Put this into <code>~/.aws/config</code>, then use <code>--profile {profile.name}</code>. It holds no
            secret: each program asks this app, and is answered while Lockbox is unlocked and the session lives.
          </p>
          <pre className="exact mono small">{profile.text}</pre>
        </>
      )}
      <p className={handedOut.times === 0 ? 'muted' : undefined} role="status">
        <HandedOut {...handedOut} />
      </p>
    </section>
  )
}

/** The count is kept in memory alone: of before a restart nothing is known. */
function HandedOut({ times, last }: SessionView['handedOut']) {
  if (times === 0 || last === null) return 'Not given to any program since Lockbox started.'
  return (
    <>
      Given to programs {times === 1 ? 'once' : <span className="figures">{times} times</span>} since Lockbox started,
      last at <Clock at={last} />.
    </>
  )
}
