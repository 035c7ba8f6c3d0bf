import { LockboxError } from '../../shared/errors.ts'
import { errorWords } from './error-words.ts'
import { Exact } from './exact-text.tsx'
import { Note } from './note.tsx'

/**
 * A failure as what happened, what it means, what to do. Where main wrote its message for people, as sentences, that
 * message comes first: it knows who and what. Other messages are details, shown below the words of the code.
 */
export function ErrorNote({ error, onDismiss }: { readonly error: unknown; readonly onDismiss?: () => void }) {
  const { what, means, todo } = errorWords(isOurs(error) ? error.code : 'internal')
  const message = isOurs(error) ? error.message : ''
  const dismiss = onDismiss ? { onDismiss } : {}
  if (/^[\p{Lu}“].*[.!?]$/su.test(message)) return <Told message={message} means={means} todo={todo} {...dismiss} />
  return (
    <Note level="danger" what={what} means={means} todo={todo} {...dismiss}>
      {message !== '' && (
        <p className="small muted">
          In detail: <Exact>{message}</Exact>
        </p>
      )}
    </Note>
  )
}

interface ToldProps {
  readonly message: string
  readonly means: string
  /** What to do now, where the message itself does not say so. */
  readonly todo?: string
  readonly onDismiss?: () => void
}

/** A message that main wrote for people: its first sentence is what happened, the others are what to do now. */
export function Told({ message, means, todo = '', onDismiss }: ToldProps) {
  const [, first = message, rest = todo] = /^(.*?[.!?]) (.+)$/su.exec(message) ?? []
  return <Note level="danger" what={first} means={means} todo={rest} {...(onDismiss ? { onDismiss } : {})} />
}

function isOurs(error: unknown): error is LockboxError {
  return error instanceof LockboxError
}
