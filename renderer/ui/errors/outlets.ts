import { NOTHING_CHANGED, say } from './say.ts'

/** Words for the ways out of the log to other systems. */
export const OUTLETS = {
  'bad-url': say(
    'This is not an address that events may go to.',
    NOTHING_CHANGED,
    'Write it as https://…, without user name, password or #. Plain http is for 127.0.0.1 alone.',
  ),
  'bad-certificate': say(
    'This is not the certificate of a CA.',
    NOTHING_CHANGED,
    'Paste it as PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
  ),
  'not-carried': say('This format does not travel that way.', NOTHING_CHANGED, 'Choose one of the formats offered.'),
  'too-many-outlets': say(
    'This device has as many outlets as it may.',
    NOTHING_CHANGED,
    'Remove one that is not needed any more.',
  ),
}
