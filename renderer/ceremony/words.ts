import type { AskStep, RefusalCode } from '../../shared/ceremony.ts'

/** The title of the panel: "Touch … to …". */
export function touchTitle(step: AskStep, doing: string): string {
  const key = step.key === null ? 'your key' : `“${step.key}”`
  return `Touch ${key} to ${step.task === 'set-up' ? SET_UP[step.purpose] : doing}`
}

/** What this touch is good for, below the title. */
export function touchReason(step: AskStep): string {
  if (step.task !== 'set-up')
    return step.key === null ? 'Any of your enrolled keys will do.' : 'This key is asked for by name.'
  return REASON[step.purpose]
}

const SET_UP: Readonly<Record<AskStep['purpose'], string>> = {
  unlock: 'enrol it for unlocking',
  sign: 'enrol it for approving',
  'same-key': 'show that it is one and the same key',
  prove: 'prove that it opens the vault',
}

const REASON: Readonly<Record<AskStep['purpose'], string>> = {
  unlock: 'Insert this key and leave your other key out.',
  sign: 'A second credential on the same key, so that unlocking can never count as an approval.',
  'same-key': 'The key should answer that it is already enrolled. Nothing is added to it.',
  prove: 'The vault was locked again. It counts as made only when this key opens it.',
}

/** The title of a refusal. Only where the key itself is at fault does it say so: people would throw away a good one. */
export function refusalTitle(code: RefusalCode): string {
  return REFUSED[code]
}

const THE_KEY = 'The key was not accepted'
const LOCKBOX = 'Lockbox could not do this'

const REFUSED: Readonly<Record<RefusalCode, string>> = {
  'no-prf': THE_KEY,
  'no-algorithm': THE_KEY,
  'no-secret': THE_KEY,
  'secret-changed': THE_KEY,
  'no-verification': THE_KEY,
  synced: THE_KEY,
  'same-key': THE_KEY,
  'another-key': THE_KEY,
  'unknown-key': THE_KEY,
  'wrong-site': THE_KEY,
  'not-verified': THE_KEY,
  'unexpected-answer': THE_KEY,
  'no-answer': 'The key did not answer',
  'cannot-ask-pin': 'The key’s PIN cannot be asked for here',
  'slot-altered': 'The vault’s files were altered',
  'vault-altered': 'The vault’s files were altered',
  'disk-full': LOCKBOX,
  'read-only': LOCKBOX,
  'disk-failed': LOCKBOX,
  'not-alone': LOCKBOX,
  'newer-version': LOCKBOX,
  'older-version': LOCKBOX,
  'chain-moved': LOCKBOX,
  'out-of-date': LOCKBOX,
  failed: LOCKBOX,
  cancelled: 'Cancelled',
}
