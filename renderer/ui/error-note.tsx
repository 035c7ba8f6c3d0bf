import { LockboxError } from '../../shared/errors.ts'
import { errorWords } from './error-words.ts'
import { Exact } from './exact-text.tsx'
import { Note } from './note.tsx'

/** A failure as what happened, what it means, what to do; main's own words below, where they say more. */
export function ErrorNote({ error, onDismiss }: { readonly error: unknown; readonly onDismiss?: () => void }) {
  const words = errorWords(isOurs(error) ? error.code : 'internal')
  const detail = isOurs(error) ? error.message : ''
  return (
    <Note level="danger" {...words} {...(onDismiss ? { onDismiss } : {})}>
      {detail !== '' && (
        <p className="small muted">
          In detail: <Exact>{detail}</Exact>
        </p>
      )}
    </Note>
  )
}

function isOurs(error: unknown): error is LockboxError {
  return error instanceof LockboxError
}
