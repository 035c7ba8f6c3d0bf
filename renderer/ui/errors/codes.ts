import { say } from './say.ts'

const KEPT = 'What was read from other codes is still there.'

/** Words for what a camera reads. */
export const CODES = {
  'foreign-code': say(
    'This code is nothing of Lockbox.',
    KEPT,
    'Point the camera at the code that the other person’s Lockbox shows.',
  ),
  'bad-checksum': say(
    'A code was damaged, or not read well.',
    KEPT,
    'Hold still and closer, with no glare on the screen; the code comes round again.',
  ),
  mixed: say(
    'A code contradicts those before it.',
    KEPT,
    'Go on; if it happens again, ask for the code to be shown anew.',
  ),
  'too-many': say('More codes were read than one scan takes.', KEPT, 'Close the scan and begin it again.'),
}
