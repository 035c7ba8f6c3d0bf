import { say } from './say.ts'

const SHARE = say(
  'A share or a sealed box is not what it should be.',
  'It was not used. Other custodians’ shares are not affected.',
  'Tell your admins whose share it is. If too few good ones are left, deposit the credential anew.',
)

/** Words for shares, sealed boxes and custody. */
export const SHARES = {
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
}
