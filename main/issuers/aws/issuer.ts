import type { Issued, Issuer, Order } from '../issuer.ts'
import { parseAccessKey } from './access-key.ts'
import { makeAftercare } from './aftercare.ts'
import { preflight } from './preflight.ts'
import { rehearsalOrder, rehearsalWire } from './rehearsal.ts'
import { sessionBytes } from './session.ts'
import { checkSeed, stepsOf } from './steps.ts'
import { type CodeClock, codesOf } from './totp.ts'
import { type Means, type Walked, walk } from './walk.ts'

/** How long one region may take until it is given up. */
const REGION_TIMEOUT_MS = 5000

/**
 * The issuer of AWS sessions: AssumeRole, at the plan's regions in order, over the roles on the way if there are any.
 *
 * AssumeRole is safe to repeat: an answer that got lost leaves at most a session that nobody has the keys of. So after a
 * time-out or a broken connection the next region is asked, and the result says that another session may exist.
 *
 * @param clock - of MFA codes.
 */
export function awsIssuer(timeoutMs: number = REGION_TIMEOUT_MS, clock?: CodeClock): Issuer {
  const means = { timeoutMs, ...(clock === undefined ? {} : { clock }) }
  return {
    issue: (order) => issue(order, means),
    aftercare: (order) => makeAftercare(order, means),
    preflight: (access) => preflight(access),
    rehearse: () => issue(rehearsalOrder(), { timeoutMs, wire: rehearsalWire() }),
  }
}

async function issue(order: Order, means: Means): Promise<Issued> {
  const { accessKeyId, secretAccessKey, mfaSeed } = parseAccessKey(order.credential)
  const steps = stepsOf(order)
  checkSeed(order, mfaSeed)
  const codes = order.access.mfa === undefined || mfaSeed === undefined ? null : codesOf(mfaSeed, means.clock)
  try {
    const { regions } = order.access
    return issuedFrom(await walk({ steps, keys: { accessKeyId, secretAccessKey }, regions, codes }, means))
  } finally {
    codes?.wipe()
  }
}

function issuedFrom({ session, userId, at, tookMs, skewMs, attempted }: Walked): Issued {
  const { accessKeyId, expiration } = session
  return {
    accessKeyId,
    userId,
    expires: expiration,
    session: sessionBytes(session),
    skewMs,
    ...at,
    attempted: [...attempted, { ...at, outcome: 'issued', mayExist: true, tookMs }],
  }
}
