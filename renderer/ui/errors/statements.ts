import { FILE, NOTHING_CHANGED, say } from './say.ts'

const FOREIGN = say(
  'A statement does not fit this organization.',
  'It was not taken in.',
  'Ask its author which organization they are in, and compare the words of the roster.',
)
const BAD_PROOF = say(
  'A statement is not proved to come from its author.',
  'It was not taken in, and counts for nothing.',
  'Ask its author to hand it over again. If it happens twice, tell your admins.',
)
const TOO_LARGE = say(
  'That is larger than Lockbox takes at once.',
  NOTHING_CHANGED,
  'Use a smaller file, or check large exports with “lockbox verify” on the command line.',
)

/** Words for statements, cards and files that do not pass, and for what this device itself writes. */
export const STATEMENTS = {
  malformed: FILE,
  'too-large': TOO_LARGE,
  'no-file': say('This file cannot be read.', NOTHING_CHANGED, 'Check its name, and whether you may read it.'),
  'frame-too-large': TOO_LARGE,
  'not-canonical': FILE,
  'too-deep': FILE,
  'not-an-integer': FILE,
  'unknown-kind': FILE,
  schema: FILE,
  truncated: FILE,
  unsupported: say(
    'This file was written by a newer Lockbox.',
    'It cannot be judged here.',
    'Update Lockbox, or check it on another device.',
  ),
  'out-of-range': FILE,
  signature: BAD_PROOF,
  'not-a-genesis': FILE,
  'too-many-rosters': say(
    'This draft has more lists of people than Lockbox takes from an organization that it does not know yet.',
    'Nothing of it was kept.',
    'Ask whoever gave it to you. An organization that changed its people more than 255 times has to be founded anew before anybody can join.',
  ),
  'wrong-organization': FOREIGN,
  'not-in-roster': FOREIGN,
  'not-a-member': say(
    'You are not a member with this device.',
    'This device can read, and cannot ask or decide.',
    'Ask an admin to add your card to the roster.',
  ),
  'device-signature': BAD_PROOF,
  'hardware-missing': BAD_PROOF,
  'hardware-unexpected': BAD_PROOF,
  'hardware-unknown-key': BAD_PROOF,
  'hardware-client-data': BAD_PROOF,
  'hardware-wrong-statement': BAD_PROOF,
  'hardware-wrong-origin': BAD_PROOF,
  'hardware-wrong-site': BAD_PROOF,
  'hardware-no-touch': BAD_PROOF,
  'hardware-no-verification': BAD_PROOF,
  'hardware-synced': BAD_PROOF,
  'hardware-flags': BAD_PROOF,
  'hardware-signature': BAD_PROOF,
  'refused-by-own-door': say(
    'Lockbox refused its own statement.',
    'It was not recorded or sent.',
    'Check what you entered. If it looks right, tell your admins.',
  ),
  'chain-moved': say(
    'Something else was recorded while the key was waited for.',
    'Your statement was not sent.',
    'Do it once more.',
  ),
  forgotten: say(
    'This draft is no longer there; drafts are kept for 10 minutes.',
    'Nothing was signed.',
    'Go back and start again.',
  ),
}
