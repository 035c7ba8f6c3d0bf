import type { RefObject } from 'react'
import { utf8 } from '../../shared/bytes.ts'
import { Field } from './fields.tsx'

/** The element in which a secret is typed. */
export type SecretElement = HTMLInputElement | HTMLTextAreaElement

interface SecretProps<Element> {
  readonly label: string
  readonly hint: string
  readonly wrong?: string | undefined
  readonly field: RefObject<Element | null>
  readonly maxLength: number
}

// Uncontrolled on purpose: a controlled field would put every letter of it into React's state.
const KEPT_QUIET = { className: 'input code', autoComplete: 'off', spellCheck: false }

/** One line that is typed in secret, and only read by {@link typedIn} or {@link withTyped}. */
export function SecretLine({ label, hint, wrong, field, maxLength }: SecretProps<HTMLInputElement>) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(ids) => <input {...ids} {...KEPT_QUIET} ref={field} type="password" maxLength={maxLength} />}
    </Field>
  )
}

/** The same of several lines, which can be read while they are there. */
export function SecretText({ label, hint, wrong, field, maxLength }: SecretProps<HTMLTextAreaElement>) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(ids) => <textarea {...ids} {...KEPT_QUIET} ref={field} rows={4} maxLength={maxLength} />}
    </Field>
  )
}

/**
 * Gives the typed secret to one call, as a text; the field is empty from then on, however it ends. The browser's own
 * strings of it cannot be wiped; the window's process is replaced on the next lock.
 */
export function typedIn<Result>(
  field: SecretElement | null,
  act: (secret: string) => Promise<Result>,
): Promise<Result> {
  const secret = field?.value ?? ''
  if (field) field.value = ''
  return act(secret)
}

/** The same as bytes, without what stands around it, which are zeroed when the call is over. */
export function withTyped<Result>(
  field: SecretElement | null,
  act: (secret: Uint8Array) => Promise<Result>,
): Promise<Result> {
  return typedIn(field, (secret) => asBytes(secret, act))
}

/** As {@link withTyped}, but the field keeps what was typed: it is to be given to another call as well. */
export function withLent<Result>(
  field: SecretElement | null,
  act: (secret: Uint8Array) => Promise<Result>,
): Promise<Result> {
  return asBytes(field?.value ?? '', act)
}

async function asBytes<Result>(text: string, act: (secret: Uint8Array) => Promise<Result>): Promise<Result> {
  const secret = utf8(text.trim())
  try {
    return await act(secret)
  } finally {
    secret.fill(0)
  }
}
