import { NOTHING_CHANGED, say } from './say.ts'

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
const LOCKED = say(
  'The vault is locked.',
  'Nothing can be signed or shown until it is open.',
  'Unlock it with your key.',
)

/** Words for the vault, its journal and the disk below. */
export const VAULT = {
  'slot-altered': VAULT_FILE,
  'vault-altered': VAULT_FILE,
  'disk-full': DISK,
  'read-only': READ_ONLY,
  'disk-failed': DISK_FAILED,
  'not-alone': NOT_ALONE,
  'newer-version': NEWER,
  'older-version': OLDER,
  'vault-gone': VAULT_GONE,
  'profile-lost': VAULT_FILE,
  locked: LOCKED,
  'still-reading': say(
    'The log of this device is still being read.',
    'Older entries may matter, so nothing is decided, signed, released or issued before. Nothing was changed.',
    'Wait until it opens by itself, or use another member’s device meanwhile.',
  ),
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
}
