import { say } from './say.ts'

/** Words for recorded terminals. */
export const TERMINAL = {
  'no-terminal': say(
    'A shell could not be started in this window.',
    'The session is as before.',
    'Use the environment lines or the profile for the AWS CLI in a terminal of your own.',
  ),
  'no-shell': say('The shell has ended.', 'What was recorded is attached to the case.', 'Open another one.'),
  'too-many-recordings': say(
    'As many terminals are recorded as everybody keeps.',
    'The session is as before.',
    'Use the environment lines or the profile for the AWS CLI in a terminal of your own.',
  ),
  'not-recorded': say(
    'The disk did not take the recording.',
    'What is not recorded does not go on: there is no shell. The session is as before.',
    'Make room on the disk and open another one, or use the session in a terminal of your own.',
  ),
} as const
