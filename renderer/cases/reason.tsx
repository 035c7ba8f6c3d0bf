import { type ReactNode, useState } from 'react'
import { Text } from '../ui/fields.tsx'
import { tidyText, wrongText } from '../ui/tidy.ts'

/** Longest reason, UTF-16 units, as the contract has it. */
const MOST = 1000

/** A reason that is being typed: its text, whether it can be sent, and its field. */
export function useReason(): { readonly reason: string; readonly fits: boolean; readonly field: ReactNode } {
  const [typed, setTyped] = useState('')
  const reason = tidyText(typed)
  const wrong = wrongText(reason, MOST)
  const field = (
    <Text
      label="Reason"
      hint="Everybody in the case sees it. May stay empty."
      value={typed}
      onValue={setTyped}
      wrong={wrong}
      maxLength={MOST}
    />
  )
  return { reason, fits: wrong === undefined, field }
}
