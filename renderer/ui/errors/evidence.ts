import { say } from './say.ts'

const NOT_ATTACHED = 'Nothing was attached.'
const CHOOSE = 'Choose the files that the trail wrote: AWSLogs/<account>/CloudTrail/<region>/…, as they are.'

/** Words for what AWS recorded, where it cannot be read. */
export const EVIDENCE = {
  'no-trail-file': say('This is no file of a CloudTrail trail.', NOT_ATTACHED, CHOOSE),
  'bad-record': say('A record in this file is not one of CloudTrail’s.', NOT_ATTACHED, CHOOSE),
  'record-too-large': say('This is more than can be attached at once.', NOT_ATTACHED, 'Attach fewer files at a time.'),
  'contradicting-records': say(
    'Two of these files tell one call differently.',
    'One of them was changed after AWS wrote it. Nothing was attached.',
    'Get them from the bucket anew, and check them with aws cloudtrail validate-logs.',
  ),
  'record-altered': say(
    'These are not the events that were attached.',
    'They were changed since. What its author found stands in the timeline.',
    'Let this device meet another one that has them.',
  ),
} as const
