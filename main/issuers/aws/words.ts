import type { Failure } from './failure.ts'

/**
 * What happened and what to do next, in one line of at most 500 characters, without any secret.
 *
 * @param mayExist - over all regions that were tried.
 */
export function wordsFor(failure: Failure, region: string, skewMs: number | null, mayExist: boolean): string {
  const exists = mayExist ? ' A session that nobody holds may exist until it expires.' : ''
  return `${sentence(failure, region, skewMs)}${exists}`
}

function sentence({ code, words }: Failure, region: string, skewMs: number | null): string {
  switch (code) {
    case 'wrong-key':
      return `AWS (${region}) does not accept the access key: it was replaced, turned off or wrong from the start. Deposit the current one as a new generation.`
    case 'expired-key':
      return `AWS (${region}) says that the key has expired: a temporary key was deposited. Deposit a long-lived one.`
    case 'denied':
      return `AWS (${region}) refused the role. Its trust policy and the emergency user's policy must allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity. ${words}`.trim()
    case 'throttled':
      return `AWS throttled the call, last in ${region}. Wait a minute and issue again.`
    case 'timed-out':
      return `AWS did not answer in time, last in ${region}. Check the network of the issuing device and issue again.`
    case 'clock-skew':
      return `The clock of the issuing device ${skewWords(skewMs)}, so AWS (${region}) refused the signature. Set it right and issue again.`
    case 'policy-too-large':
      return `AWS (${region}) finds session policy and tags too large. Shorten the plan's session policy.`
    case 'unreachable':
      return `No endpoint of AWS could be used, last ${region}. Check the network and the plan's endpoints, or issue on another device.`
    case 'invalid':
      return `AWS (${region}) could not make sense of the call, or its answer made none. ${words}`.trim()
  }
}

function skewWords(skewMs: number | null): string {
  if (skewMs === null) return 'is wrong'
  return `is ${Math.round(Math.abs(skewMs) / 60_000)} minutes ${skewMs > 0 ? 'behind' : 'ahead'}`
}
