import { say } from './say.ts'

const NOT_ATTACHED = 'Nothing was attached.'
const ASK_OTHERWISE = 'Ask with other credentials, or attach files of a trail.'
const CHOOSE = 'Choose the files that the trail wrote: AWSLogs/<account>/CloudTrail/<region>/…, as they are.'

/** Words for what AWS recorded, where it cannot be read. */
export const EVIDENCE = {
  'no-trail-file': say('This is no file of a CloudTrail trail.', NOT_ATTACHED, CHOOSE),
  'bad-record': say('A record in this file is not one of CloudTrail’s.', NOT_ATTACHED, CHOOSE),
  'other-account': say(
    'These files are of another account than the access.',
    NOT_ATTACHED,
    'Choose those of the account in which the role is: AWSLogs/<account>/CloudTrail/<region>/…, as they are.',
  ),
  'record-too-large': say('This is more than can be attached at once.', NOT_ATTACHED, 'Attach fewer files at a time.'),
  'contradicting-records': say(
    'Two records tell one call differently.',
    'One of them was changed after AWS wrote it. Nothing was attached.',
    'Get them from the bucket anew, and check them with aws cloudtrail validate-logs.',
  ),
  'record-altered': say(
    'These are not the events that were attached.',
    'They were changed since. What its author found stands in the timeline.',
    'Let this device meet another one that has them.',
  ),
  'lookup-denied': say('AWS does not let these credentials read its record.', NOT_ATTACHED, ASK_OTHERWISE),
  'lookup-throttled': say('CloudTrail asks to slow down.', NOT_ATTACHED, 'Ask again in a few minutes.'),
  'lookup-expired': say('These credentials have expired.', NOT_ATTACHED, ASK_OTHERWISE),
  'lookup-wrong-key': say('AWS does not know these credentials.', NOT_ATTACHED, ASK_OTHERWISE),
  'lookup-clock': say(
    'This device’s clock and AWS’s differ too much.',
    NOT_ATTACHED,
    'Set this device’s clock and ask again.',
  ),
  'lookup-unreachable': say(
    'CloudTrail did not answer.',
    NOT_ATTACHED,
    'Check the network of this device and ask again, or attach files of a trail.',
  ),
  'lookup-refused': say('CloudTrail could not make sense of the question.', NOT_ATTACHED, 'Attach files of a trail.'),
  'lookup-other-account': say(
    'These credentials are of another account than the access.',
    NOT_ATTACHED,
    'Choose some of the account in which the role is.',
  ),
  'lookup-not-aws': say(
    'Lockbox does not know the CloudTrail of this server.',
    NOT_ATTACHED,
    'Attach files of its trail.',
  ),
  'lookup-stopped': say('Asking CloudTrail was stopped.', NOT_ATTACHED, 'Ask again whenever you like.'),
  'reading-keys': say(
    'This file does not hold the credentials of one user or session.',
    NOT_ATTACHED,
    'Choose a file such as “aws configure export-credentials” writes.',
  ),
} as const
