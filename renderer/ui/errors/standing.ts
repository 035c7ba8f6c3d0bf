import { say } from './say.ts'

/** Words for a folder that may not be all that its device ever wrote. */
export const STANDING = {
  'not-met': say(
    'No other member’s device has been met yet.',
    'This folder may lack what this device signed before, so nothing was signed: two statements in one place would contradict each other.',
    'Open Lockbox where it can reach another member’s device, or take in a file of statements from one under Log.',
  ),
  unread: say(
    'This version of Lockbox does not accept some entries of this device’s log.',
    'They keep their places, but nothing is judged by them: a denial among them would not count. So nothing is signed, released or issued before you have decided.',
    'Use the version of Lockbox that was here before, or a newer one, and tell whoever looks after it. Use another member’s device meanwhile.',
  ),
  'unread-left-out': say(
    'You went on without some entries of this device’s log, which this version of Lockbox does not accept.',
    'Nothing is judged by them: a case, a plan or a key may look other here than on other devices.',
    'Compare with another member’s device before you rely on it, and use a newer version of Lockbox once there is one.',
  ),
  copied: say(
    'This folder was copied or put back from a backup.',
    'It may be older than what others have of this device, or another copy may be in use, so nothing is signed, released or issued.',
    'Close every other copy and let this device meet another one. Then decide here whether to go on with this folder.',
  ),
  older: say(
    'This folder is older than what others have of you.',
    'Others handed back statements of this device that it did not have: it was put back from a backup, or another copy of it is at work. Nothing is signed, released or issued, so nothing is done twice.',
    'Close every other copy. Then go on from what the others have.',
  ),
  forked: say(
    'This device has signed two different histories.',
    'Two copies of its folder were used. It signs nothing any more, since nobody could tell which of them counts; what it has can be read.',
    'Set up a new profile, and ask an admin to put its card in the place of this device. Use another member’s device meanwhile.',
  ),
  twin: say(
    'Another Lockbox with the keys of this very device is running.',
    'Two copies of one folder would contradict each other, so this one signs nothing.',
    'Close the other copy, then lock and unlock this one.',
  ),
  'log-broken': say(
    'This device’s log does not go on from the one that others acknowledged.',
    'It was put back from a backup. You can ask, approve and release; others do not acknowledge its log any more, so it neither issues where that is needed nor exports.',
    'When there is time, set up a new profile and ask an admin to put its card in the place of this device.',
  ),
}
