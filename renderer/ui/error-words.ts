import type { RefusalCode } from '../../shared/ceremony.ts'
import type { LedgerErrorCode } from '../../shared/ledger/errors.ts'
import type { JoinCardErrorCode } from '../../shared/org/join-card.ts'
import type { SecretsErrorCode } from '../../shared/secrets/errors.ts'
import type { StatementErrorCode } from '../../shared/statements/errors.ts'
import type { WireErrorCode } from '../../shared/wire-text.ts'

/** What happened, what it means for the incident, what to do now. */
export interface ErrorWords {
  readonly what: string
  readonly means: string
  readonly todo: string
}

/** Codes of main's own modules, which the window knows by name alone; a test compares them with the sources. */
type MainCode =
  | 'already-founded'
  | 'blob-missing'
  | 'bad-share'
  | 'clock-differs'
  | 'file-malformed'
  | 'key-file'
  | 'no-organization'
  | 'no-session'
  | 'not-a-file'
  | 'not-allowed'
  | 'not-compared'
  | 'not-found'
  | 'not-the-grant'
  | 'over'
  | 'own-keys-differ'
  | 'unknown-type'
  | 'usage'
  | 'accept-first'
  | 'already-started'
  | 'altered'
  | 'bad-address'
  | 'bad-cosignature'
  | 'bad-key'
  | 'browser-too-old'
  | 'chain-moved'
  | 'clock-skew'
  | 'closed-by-peer'
  | 'confused'
  | 'cooling-down'
  | 'damaged'
  | 'denied'
  | 'duplicate'
  | 'exists'
  | 'expired-key'
  | 'file-too-large'
  | 'no-file'
  | 'flood'
  | 'forgotten'
  | 'frame-too-large'
  | 'gone'
  | 'handshake-failed'
  | 'handshake-timeout'
  | 'invalid'
  | 'labels'
  | 'listen-failed'
  | 'locked'
  | 'no-browser'
  | 'no-bundle'
  | 'no-certificate'
  | 'no-record'
  | 'no-witness'
  | 'none'
  | 'not-a-genesis'
  | 'not-a-member'
  | 'not-connected'
  | 'not-open'
  | 'not-ours'
  | 'not-private'
  | 'own-key'
  | 'policy-too-large'
  | 'port-in-use'
  | 'profile-in-use'
  | 'refused'
  | 'refused-by-own-door'
  | 'resumed'
  | 'root-refused'
  | 'row-differs'
  | 'silent'
  | 'slow'
  | 'stopped'
  | 'throttled'
  | 'timed-out'
  | 'too-many-connections'
  | 'truncated'
  | 'unreachable'
  | 'unreadable'
  | 'unsupported'
  | 'unsupported-version'
  | 'vault-gone'
  | 'wrong-key'

type Code =
  | RefusalCode
  | LedgerErrorCode
  | JoinCardErrorCode
  | SecretsErrorCode
  | StatementErrorCode
  | WireErrorCode
  | MainCode

const say = (what: string, means: string, todo: string): ErrorWords => ({ what, means, todo })

const NOTHING_CHANGED = 'Nothing was changed or sent.'
const FILE = say(
  'This file is not what Lockbox expected here.',
  NOTHING_CHANGED,
  'Pick the file again, or ask whoever gave it to you to write it anew.',
)
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
const SHARE = say(
  'A share or a sealed box is not what it should be.',
  'It was not used. Other custodians’ shares are not affected.',
  'Tell your admins whose share it is. If too few good ones are left, deposit the credential anew.',
)
const OWN_FAULT = say(
  'Something went wrong inside Lockbox.',
  'What you asked for did not happen. The case and the vault are as before.',
  'Try once more. If it happens again, use another device and tell your admins.',
)
const CONNECTION = say(
  'The other device cannot be reached this way.',
  'Statements do not travel between the two over the network now.',
  'Check that its Lockbox is open, or hand statements over as a file.',
)
const TOO_LARGE = say(
  'That is larger than Lockbox takes at once.',
  NOTHING_CHANGED,
  'Use a smaller file, or check large exports with “lockbox verify” on the command line.',
)
const DISK = say(
  'The disk is full.',
  'The last step was not recorded, so it did not happen. Grants and ends still have reserved room.',
  'Free some space, then try again. Lockbox sees by itself when there is room.',
)
const READ_ONLY = say(
  'The folder of this profile cannot be written.',
  'Nothing can be recorded on this device, so it neither signs, releases nor issues. What is recorded is still there.',
  'Make the disk or folder writable, then lock and unlock Lockbox. Use another member’s device meanwhile.',
)
const DISK_FAILED = say(
  'The disk did not keep what it was given.',
  'The last step may not be recorded, so nothing more is written here. Nothing was issued that could not be recorded.',
  'Lock and unlock Lockbox, which reads what is there. If it happens again, use another device and have the disk checked.',
)
const NOT_ALONE = say(
  'Something else changed this profile’s folder while Lockbox ran.',
  'Another Lockbox uses it, or it was moved or put back from a backup. Nothing more is written by this one.',
  'Close every other Lockbox that uses this folder, then lock and unlock this one.',
)
const NEWER = say(
  'This profile was written by a newer Lockbox.',
  'This version cannot read it and has changed nothing in it.',
  'Start the newer Lockbox, or update this one. Use another member’s device meanwhile.',
)
const OLDER = say(
  'This profile was written by an earlier Lockbox that this one cannot read.',
  'Nothing in it was changed.',
  'Start the earlier Lockbox. Use another member’s device meanwhile.',
)
const VAULT_GONE = say(
  'This profile had a vault, and its folder is gone.',
  'No new vault is made in its place. This device cannot ask, approve or issue now; others are not affected.',
  'Connect the disk it lies on, or put the folder “vault” back from a backup, then start Lockbox again.',
)
const VAULT_FILE = say(
  'The vault’s files on this device are not as Lockbox left them.',
  'This device may lack records. Other members’ devices are not affected.',
  'Do not delete anything. Use another device for the incident and tell your admins.',
)
const START = say(
  'Lockbox could not start as it should.',
  'This device cannot take part until that is solved.',
  'Correct what is named, or use another device.',
)
const AGAIN = say(
  'The key’s answer did not fit what was asked.',
  NOTHING_CHANGED,
  'Start again and touch the key once more.',
)
const OTHER_KEY = say('This is not a key that fits here.', NOTHING_CHANGED, 'Use a key that is enrolled in this vault.')
const LOCKED = say(
  'The vault is locked.',
  'Nothing can be signed or shown until it is open.',
  'Unlock it with your key.',
)
const ISSUER_KEY = say(
  'AWS did not accept the credential.',
  'No session was issued.',
  'Check in AWS that the key is active, then deposit the current one.',
)

const WORDS: Readonly<Record<Code, ErrorWords>> = {
  // Keys
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
  'slot-altered': VAULT_FILE,
  'vault-altered': VAULT_FILE,
  'disk-full': DISK,
  'read-only': READ_ONLY,
  'disk-failed': DISK_FAILED,
  'not-alone': NOT_ALONE,
  'newer-version': NEWER,
  'older-version': OLDER,
  'vault-gone': VAULT_GONE,
  cancelled: say('Cancelled.', NOTHING_CHANGED, 'Start again when you are ready.'),
  'out-of-date': say('This ceremony is over.', NOTHING_CHANGED, 'Start again.'),
  failed: say('That did not succeed.', NOTHING_CHANGED, 'Read the detail, then try again.'),
  // Statements, cards and files
  malformed: FILE,
  'too-large': TOO_LARGE,
  'file-too-large': TOO_LARGE,
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
  // What people asked for
  'no-organization': say('You are not in an organization yet.', NOTHING_CHANGED, 'Found or join one under People.'),
  'already-founded': say(
    'This device belongs to an organization already.',
    NOTHING_CHANGED,
    'Use another profile to found one.',
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
  // Shares
  'box-key-refused': SHARE,
  'box-malformed': SHARE,
  'box-refused': SHARE,
  'threshold-refused': SHARE,
  'commitments-malformed': SHARE,
  'share-wrong-degree': SHARE,
  'share-wrong-index': SHARE,
  'share-count': SHARE,
  'share-invalid': SHARE,
  'credential-refused': SHARE,
  'custody-invalid': SHARE,
  'accept-first': say(
    'You have not accepted this plan or share yet.',
    'Your share cannot be released.',
    'Open Credentials and accept it.',
  ),
  // Vault
  locked: LOCKED,
  none: say('There is no vault on this device yet.', NOTHING_CHANGED, 'Set it up first.'),
  exists: say('There is a vault here already.', 'It is not replaced.', 'Unlock it with your key.'),
  labels: say(
    'Both keys have the same name.',
    NOTHING_CHANGED,
    'Give each key its own name, such as “blue key” and “safe”.',
  ),
  unreadable: VAULT_FILE,
  altered: VAULT_FILE,
  damaged: say(
    'This device’s log is damaged, and nobody has decided to go on.',
    'Nothing is recorded on it until then, so this did not happen.',
    'Read at the top of the screen what is missing, tell an auditor, and go on; or use another device.',
  ),
  'not-ours': VAULT_FILE,
  'no-record': VAULT_FILE,
  'row-differs': say(
    'A row of the window’s copy is not the journal’s.',
    'It is not shown.',
    'The copy is rebuilt from the journal.',
  ),
  // Exchange
  unreachable: CONNECTION,
  'handshake-failed': CONNECTION,
  'handshake-timeout': CONNECTION,
  'no-certificate': CONNECTION,
  'own-key': say(
    'That address leads to this very device.',
    NOTHING_CHANGED,
    'Enter the address of another member’s device.',
  ),
  resumed: CONNECTION,
  'too-many-connections': CONNECTION,
  'cooling-down': CONNECTION,
  'unsupported-version': say(
    'The other device runs another version of Lockbox.',
    'The two cannot talk over the network.',
    'Update the older one; files still work.',
  ),
  flood: CONNECTION,
  slow: CONNECTION,
  silent: CONNECTION,
  duplicate: CONNECTION,
  'closed-by-peer': CONNECTION,
  'not-connected': CONNECTION,
  stopped: CONNECTION,
  'timed-out': say(
    'There was no answer in time.',
    'It may or may not have arrived.',
    'Look at the state of the case before you try again.',
  ),
  'bad-address': say(
    'This is not an address Lockbox can use.',
    NOTHING_CHANGED,
    'Write it as host:port, for example 10.0.0.7:47800.',
  ),
  'bad-key': OWN_FAULT,
  'port-in-use': say(
    'The network port is used by another program.',
    'Other devices cannot reach this one over the network.',
    'Close the other program and restart Lockbox, or use files.',
  ),
  'listen-failed': say(
    'This system does not let Lockbox listen on the network.',
    'Other devices cannot reach this one; it can still reach them.',
    'Check the firewall, or use files.',
  ),
  'already-started': OWN_FAULT,
  'no-witness': say(
    'No other device has acknowledged the record.',
    'The credential was not touched.',
    'Bring one more member’s device online, then try again.',
  ),
  'bad-cosignature': say(
    'Another device acknowledged the record wrongly.',
    'That acknowledgement does not count.',
    'Bring one more member’s device online and tell your admins.',
  ),
  // Issuing
  'wrong-key': ISSUER_KEY,
  'expired-key': ISSUER_KEY,
  denied: say(
    'AWS refused to issue the session.',
    'No session was issued.',
    'Check the role’s trust policy; the plan names the role.',
  ),
  throttled: say('AWS asks to slow down.', 'No session was issued yet.', 'Wait a moment, then try again.'),
  'clock-skew': say(
    'This device’s clock and AWS’s differ too much.',
    'No session was issued.',
    'Set this device’s clock.',
  ),
  'policy-too-large': say(
    'The plan’s session policy is too large for AWS.',
    'No session was issued.',
    'An admin has to shorten the policy in the plan.',
  ),
  invalid: say(
    'AWS’s answer could not be understood.',
    'A session may exist; the case says so.',
    'Try another device that may issue.',
  ),
  gone: OWN_FAULT,
  confused: OWN_FAULT,
  refused: say('That was refused.', NOTHING_CHANGED, 'Correct what is named, then try again.'),
  // Start and wire
  'no-browser': START,
  'browser-too-old': START,
  'root-refused': START,
  'not-private': START,
  'profile-in-use': START,
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

/** The words of a code; a code that is new to this window has at least the general ones. */
export function errorWords(code: string): ErrorWords {
  return hasWords(code) ? WORDS[code] : UNKNOWN
}

/** Whether a code has words of its own. */
export function hasWords(code: string): code is Code {
  return Object.hasOwn(WORDS, code)
}

const UNKNOWN = say(
  'That did not succeed.',
  NOTHING_CHANGED,
  'Try again; if it goes on, use another device and tell your admins.',
)
