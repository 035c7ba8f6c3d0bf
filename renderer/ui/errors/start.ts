import { OWN_FAULT, START, say } from './say.ts'

/** Words for the start, the shell, and the calls between window and main. */
export const START_AND_WIRE = {
  'no-browser': START,
  'browser-too-old': START,
  'root-refused': START,
  'not-private': START,
  'profile-in-use': START,
  'path-too-long': START,
  'no-bundle': START,
  'not-open': OWN_FAULT,
  closed: say(
    'Lockbox is shutting down or starting again.',
    'What you asked for did not happen.',
    'Wait a moment, then try again.',
  ),
  'foreign-sender': OWN_FAULT,
  'unknown-channel': OWN_FAULT,
  internal: OWN_FAULT,
}
