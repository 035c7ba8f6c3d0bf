import { cutTo } from '../../text.ts'
import type { IssuerErrorCode } from '../issuer.ts'
import type { Failure } from './failure.ts'

interface Facts {
  readonly region: string
  readonly skewMs: number | null
  /** AWS's own words, or empty. */
  readonly words: string
}

/** As long as a `failed` statement takes. */
const MAX_CHARACTERS = 500

const SENTENCES: Readonly<Record<IssuerErrorCode, (facts: Facts) => string>> = {
  'wrong-key': ({ region }) =>
    `AWS (${region}) does not accept the access key: it was replaced, turned off or wrong from the start. Deposit the current one as a new generation.`,
  'expired-key': ({ region }) =>
    `AWS (${region}) says that the key has expired: a temporary key was deposited. Deposit a long-lived one.`,
  denied: ({ region, words }) => `AWS (${region}) refused the role. ${whoMustAllow(words)} ${words}`,
  'denied-by-organization': ({ region, words }) =>
    `AWS (${region}) refused the role by a policy of the AWS organization. Whoever keeps its service control policies has to except the emergency roles; or use a plan over another account. ${words}`,
  'wrong-code': ({ region, skewMs }) =>
    `AWS (${region}) did not take the MFA code${skewMs === null ? '' : `; the clock of the issuing device ${skewWords(skewMs)}`}. A code counts once: issue again in a minute. If it fails again, the device was replaced: deposit key and seed anew.`,
  throttled: ({ region }) => `AWS throttled the call, last in ${region}. Wait a minute and issue again.`,
  'timed-out': ({ region }) =>
    `AWS did not answer in time, last in ${region}. Check the network of the issuing device and issue again.`,
  'clock-skew': ({ region, skewMs }) =>
    `The clock of the issuing device ${skewWords(skewMs)}, so AWS (${region}) refused the signature. Set it right and issue again.`,
  'policy-too-large': ({ region }) =>
    `AWS (${region}) finds session policy and tags too large. Shorten the plan's session policy.`,
  unreachable: ({ region }) =>
    `No endpoint of AWS could be used, last ${region}. Check the network and the plan's endpoints, or issue on another device.`,
  invalid: ({ region, words }) => `AWS (${region}) could not make sense of the call, or its answer made none. ${words}`,
}

/**
 * What happened and what to do next, in one line of at most 500 characters, without any secret.
 *
 * @param mayExist - over all regions that were tried.
 */
export function wordsFor(failure: Failure, region: string, skewMs: number | null, mayExist: boolean): string {
  const { code, words } = failure
  const unheld = mayExist ? ' A session that nobody holds may exist until it expires.' : ''
  const sentence = SENTENCES[code]({ region, skewMs, words }).trim()
  return `${cutTo(sentence, MAX_CHARACTERS - unheld.length).trim()}${unheld}`
}

/** AWS ends its sentence with the kind of policy, if it is not the role's trust policy. */
function whoMustAllow(words: string): string {
  if (words.includes('identity-based'))
    return 'The policies of the emergency user, or of a role on the way, must allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity on it.'
  if (/sts:(TagSession|SetSourceIdentity) on/.test(words))
    return "Its trust policy and the emergency user's policy must allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity; conditions on session name, source identity or external id belong to sts:AssumeRole alone."
  return "Its trust policy and the emergency user's policy must allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity; MFA or an external id that it asks for must stand in the plan."
}

function skewWords(skewMs: number | null): string {
  if (skewMs === null) return 'is wrong'
  if (Math.abs(skewMs) < 120_000)
    return `is ${Math.round(Math.abs(skewMs) / 1000)} seconds ${skewMs > 0 ? 'behind' : 'ahead'}`
  return `is ${Math.round(Math.abs(skewMs) / 60_000)} minutes ${skewMs > 0 ? 'behind' : 'ahead'}`
}
