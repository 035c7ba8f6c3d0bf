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
  if (/^[\p{Lu}“].*[.!?]$/su.test(message)) {
    // More than one sentence says itself what to do.
    const next = /[.!?] /.test(message) ? '' : todo
    return <Note level="danger" what={message} means={means} todo={next} {...dismiss} />
  }
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

function isOurs(error: unknown): error is LockboxError {
  return error instanceof LockboxError
}
