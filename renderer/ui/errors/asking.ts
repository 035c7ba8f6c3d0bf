import { FILE, NOTHING_CHANGED, START, say } from './say.ts'

/** Words for what people ask for and cannot have now. */
export const ASKING = {
  'no-organization': say('You are not in an organization yet.', NOTHING_CHANGED, 'Found or join one under People.'),
  'already-founded': say(
    'This device belongs to an organization already.',
    NOTHING_CHANGED,
    'Use another profile to found one.',
  ),
  'nothing-old': say(
    'Nothing on this device is old enough to remove.',
    NOTHING_CHANGED,
    'Keep it, or choose a shorter time.',
  ),
  'nothing-said': say(
    'This device has said nothing in this case yet.',
    NOTHING_CHANGED,
    'Show the whole case instead, or decide first.',
  ),
  'not-found': say('That is not on this device any more.', NOTHING_CHANGED, 'Look at the list again.'),
  'not-allowed': say('That is not possible now.', NOTHING_CHANGED, 'Correct what is named, then try again.'),
  'not-compared': say(
    'The 12 words have not been compared yet.',
    'Nothing was endorsed.',
    'Compare them aloud with everyone, tick the box, and endorse then.',
  ),
  'own-keys-differ': say(
    'Your own device and keys do not stand in it as they are.',
    'Nothing was endorsed.',
    'Give its author a new card.',
  ),
  'draft-refused': say(
    'A list of people in this draft was not taken in.',
    'Nothing was endorsed.',
    'Ask for the draft anew, open it, and endorse it then.',
  ),
  overtaken: say(
    'Another list of people follows the same one already.',
    'Nothing was signed. With both the organization would split, and nobody could change people any more.',
    'Look at the people of now. If the change is still wanted, draft it anew.',
  ),
  'blob-missing': say(
    'A sealed part that belongs to it is not here yet.',
    NOTHING_CHANGED,
    'Let this device meet the others, or take in their file.',
  ),
  'key-file': say(
    'The key could not be read from that file.',
    'Nothing was deposited, and the file was not changed.',
    'Check the path and what is in the file.',
  ),
  'clock-differs': say(
    'Clocks differ by more than 10 minutes.',
    NOTHING_CHANGED,
    'Compare clocks, set the wrong one, and try again.',
  ),
  'no-session': say(
    'There is no session of this case on this device.',
    'Nothing was copied or ended.',
    'Open the case; it says where the session is.',
  ),
  'several-sessions': say(
    'Several sessions are live on this device.',
    'None was handed out.',
    'Name the case: the profile on the session’s screen does.',
  ),
  'bad-share': say('A share does not fit the others.', 'It was not used.', 'Tell the admin who deposited it.'),
  'file-malformed': FILE,
  'not-a-file': FILE,
  'unknown-type': FILE,
  over: say('The session is over.', 'AWS refuses what is left of it.', 'Ask again if you still need access.'),
  'not-the-grant': say(
    'This session is not the one that was granted.',
    'It was not handed over.',
    'Look at the case, and tell your admins.',
  ),
  usage: START,
}
