import type { AskStep } from '../../shared/ceremony.ts'

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
