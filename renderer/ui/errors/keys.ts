import { NOTHING_CHANGED, say } from './say.ts'

const AGAIN = say(
  'The key’s answer did not fit what was asked.',
  NOTHING_CHANGED,
  'Start again and touch the key once more.',
)
const OTHER_KEY = say('This is not a key that fits here.', NOTHING_CHANGED, 'Use a key that is enrolled in this vault.')

/** Words for what a key or its answer is refused for, and for ceremonies that end. */
export const KEYS = {
  'no-prf': say(
    'This key cannot store a secret.',
    'It cannot be used with Lockbox.',
    'Use a FIDO2 key with hmac-secret.',
  ),
  'no-secret': say(
    'The key answered without its secret.',
    'The vault stays closed.',
    'Update the key’s firmware, or use your other key.',
  ),
  'secret-changed': say(
    'The key gave two different secrets.',
    'A vault made with it might not open later, so it was not enrolled.',
    'Use another key.',
  ),
  'no-algorithm': say(
    'This key knows none of the signature algorithms Lockbox uses.',
    'It cannot be used with Lockbox.',
    'Use another FIDO2 key.',
  ),
  'no-verification': say(
    'The key did not check its PIN or fingerprint.',
    'An answer without that check counts for nothing.',
    'Set a PIN on the key, then try again.',
  ),
  'no-answer': say(
    'The key did not answer.',
    NOTHING_CHANGED,
    'Insert the key and touch it when it blinks. If it has no PIN yet, set one first.',
  ),
  'cannot-ask-pin': say(
    'This build cannot ask for your key’s PIN on this system.',
    'No key with a PIN can be used here.',
    'Start Lockbox in browser mode, or use a fingerprint key.',
  ),
  synced: say(
    'This passkey is copied between devices by its maker.',
    'It was not enrolled.',
    'Use a FIDO2 security key.',
  ),
  'same-key': say(
    'That is the same key.',
    'Two different keys are needed, so that losing one locks nobody out.',
    'Insert your backup key.',
  ),
  'another-key': say(
    'That is another key than the one asked for.',
    NOTHING_CHANGED,
    'Insert the key that is named, and try again.',
  ),
  'unknown-key': say(
    'That key is not enrolled here.',
    'The vault stays as it is.',
    'Use one of the keys named on the screen.',
  ),
  'wrong-site': OTHER_KEY,
  'not-verified': AGAIN,
  'unexpected-answer': AGAIN,
  cancelled: say('Cancelled.', NOTHING_CHANGED, 'Start again when you are ready.'),
  'out-of-date': say('This ceremony is over.', NOTHING_CHANGED, 'Start again.'),
  failed: say('That did not succeed.', NOTHING_CHANGED, 'Read the detail, then try again.'),
}
