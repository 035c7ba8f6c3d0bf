import { carefulAccess, usualPlan } from '../../testing/usual-plan.ts'
import { called, found, type Record, type Scene, SESSION_NAME, scene, sessionIdentity } from './scene.ts'

// The same case over the ways that a plan may say, and what is done with the keys that are on them.

export const MINUTE = 60_000
export const TOKEN_KEY = 'ASIATOKENEXAMPLE0000'
export const STEP_KEY = 'ASIASTEPEXAMPLE00000'
export const CARE_KEY = 'ASIACAREEXAMPLE00000'
export const MADE_KEY = 'AKIAI44QH8DHBEXAMPLE'
/** What the revoker's calls name. */
export const DENY = { roleName: 'break-glass', policyName: `lockbox-${SESSION_NAME}` }

const STEP = 'arn:aws:iam::123456789012:role/step'

/** The codes of what comparing these records with the case finds. */
export function codes(told: Scene, records: readonly Record[]): string[] {
  return found(told, records).differs.map(({ code }) => code)
}

/** The record of the call that gave the session. */
export function issueOf({ records }: Scene) {
  return records[0] as Record & { requestParameters: Record; userIdentity: Record }
}

/** The record of a call now that gave a session under the name of another case's attempt, `lb-other-1`. */
export function issueOfOther(told: Scene): Record {
  return {
    ...issueOf(told),
    ...called(told.story.now, 'AssumeRole', 'sts.amazonaws.com', 9),
    requestParameters: { ...issueOf(told).requestParameters, roleSessionName: 'lb-other-1' },
    responseElements: { credentials: { accessKeyId: OTHERS_SESSION } },
  }
}
/** The key of that session. */
export const OTHERS_SESSION = 'ASIAI44QH8DHBEXAMPLE'

/** Who AWS says the user of the long-lived key is. */
export function longKey(told: Scene): Record {
  return issueOf(told).userIdentity
}

/** A case that went well over a session of the user that `GetSessionToken` gave. */
export async function stepped(): Promise<Scene> {
  const told = await scene({ access: { ...usualPlan.access, sessionToken: true } })
  const token = {
    ...called(told.start, 'GetSessionToken', 'sts.amazonaws.com', 20),
    userIdentity: longKey(told),
    responseElements: { credentials: { accessKeyId: TOKEN_KEY } },
  }
  const issue = { ...issueOf(told), userIdentity: { ...longKey(told), accessKeyId: TOKEN_KEY } }
  return { ...told, records: [token, issue, ...told.records.slice(1)] }
}

/** The same, over a role on the way. */
export async function chained(): Promise<Scene> {
  const told = await scene({ access: { ...usualPlan.access, chain: [{ roleArn: STEP }] } })
  const issue = issueOf(told)
  const step = {
    ...issue,
    eventID: 'the-step',
    requestParameters: { ...issue.requestParameters, roleArn: STEP },
    responseElements: { credentials: { accessKeyId: STEP_KEY } },
  }
  const next = { ...issue, userIdentity: sessionIdentity(told.alice, STEP_KEY) }
  return { ...told, records: [step, next, ...told.records.slice(1)] }
}

/** The same, with a session of the plan's rotator, of an hour. */
export async function cared(role: 'revoker' | 'rotator', said?: Parameters<typeof scene>[1]): Promise<Scene> {
  const told = await scene({ access: carefulAccess }, said)
  const { revoker, rotator } = carefulAccess.aftercare ?? {}
  const roleArn = role === 'revoker' ? revoker : rotator?.roleArn
  const care = {
    ...issueOf(told),
    eventID: 'the-care',
    requestParameters: { roleArn, roleSessionName: SESSION_NAME, durationSeconds: 3600 },
    responseElements: { credentials: { accessKeyId: CARE_KEY } },
  }
  return { ...told, records: [...told.records, care] }
}

/** What a session with a key does, of IAM if its name says that it is about keys. */
export function use(told: Scene, key: string, name = 'DeleteTrail', minutes = 20): Record {
  return {
    ...called(told.start + minutes * MINUTE, name, name.includes('Key') ? 'iam.amazonaws.com' : 'x.amazonaws.com', 31),
    userIdentity: sessionIdentity(told.alice, key),
  }
}

/** The same by the user of the long-lived key. */
export function usersOwn(told: Scene, key: string, name?: string): Record {
  return { ...use(told, key, name), userIdentity: { ...longKey(told), accessKeyId: key } }
}
