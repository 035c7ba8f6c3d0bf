import type { DenyMeans } from '../../../shared/statements/aftercare.ts'
import type { Endpoint } from './client.ts'
import { type DenyText, denyName, denyOf, type Marks } from './deny.ts'
import { askIam, IAM_TIMEOUT_MS, type IamFailure } from './iam-call.ts'
import { iam } from './load-sdk.ts'
import { parseRevoker, type Revoker } from './narrow.ts'

/** What came of putting the deny: by what AWS, as it gave it back, singles the session out. */
export type Putting = { readonly is: 'done'; readonly policy: string; readonly means: DenyMeans } | IamFailure

/** What came of taking the deny away. */
export type Taking = { readonly is: 'done'; readonly policy: string } | IamFailure

/** What came of looking for the deny: `gone` also if it is another policy now. */
export type Looking = { readonly is: 'there' } | { readonly is: 'gone' } | IamFailure

/**
 * Puts the deny on the role, and reads it back: done only if IAM gives it back byte for byte. That is AWS's word that it
 * has it, not that it is felt already, which takes a while; whether the session is refused `denialOf` in `refused.ts`
 * sees. Where IAM will not have the text as it is, or has no room for it, the shorter one is put. Safe to repeat.
 *
 * @param revoker - as sealed; the caller's to wipe.
 * @param at - where IAM is asked: the plan's `access.aftercare.iam`.
 * @throws {IssuerError} `invalid` if these bytes are no revoker.
 */
export async function putDeny(
  revoker: Uint8Array,
  marks: Marks,
  at: Endpoint,
  timeoutMs = IAM_TIMEOUT_MS,
): Promise<Putting> {
  const parsed = parseRevoker(revoker)
  const { name, texts } = denyOf(parsed.userId, marks)
  let failure: IamFailure = NOT_THERE
  for (const text of texts) {
    const putting = await putText(parsed, name, text, at, timeoutMs)
    if (putting.is === 'done') return putting
    failure = putting
    if (!isOfText(putting)) break
  }
  return failure
}

/** Whether it was the text that IAM would not have, or changed, and not who asked. */
function isOfText(failure: IamFailure): boolean {
  return failure === CHANGED || (failure.is === 'refused' && failure.code === 'invalid')
}

async function putText(
  parsed: Revoker,
  PolicyName: string,
  { means, document }: DenyText,
  at: Endpoint,
  timeoutMs: number,
): Promise<Putting> {
  const { roleName: RoleName, ...keys } = parsed
  const { PutRolePolicyCommand } = await iam()
  const put = new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: document })
  const putting = await askIam(
    at,
    keys,
    'deny the session',
    (client, abortSignal) => client.send(put, { abortSignal }),
    timeoutMs,
  )
  if (putting.is !== 'done') return putting.name === 'LimitExceededException' ? { ...putting, words: FULL } : putting
  const got = await readDeny(parsed, PolicyName, [document], at, timeoutMs)
  if (got.is === 'there') return { is: 'done', policy: PolicyName, means }
  if (got.is === 'other') return CHANGED
  return got.is === 'gone' ? NOT_THERE : got
}

/**
 * Whether the role still has the deny, byte for byte but for the second of issue: two devices whose attempts have one number call their
 * sessions alike, and what denies one denies the other. A text that denies more of it, which somebody else's app may have put
 * since, is as good; one that denies less is not. Changes nothing.
 *
 * @param revoker - as for {@link putDeny}.
 * @param means - of the text that was put.
 */
export async function lookForDeny(
  revoker: Uint8Array,
  marks: Marks,
  means: DenyMeans,
  at: Endpoint,
  timeoutMs = IAM_TIMEOUT_MS,
): Promise<Looking> {
  const parsed = parseRevoker(revoker)
  const { name, texts } = denyOf(parsed.userId, marks)
  const good = texts.slice(0, texts.findIndex((text) => text.means === means) + 1)
  const documents = good.map(({ document }) => document)
  const got = await readDeny(parsed, name, documents, at, timeoutMs, timeless)
  return got.is === 'other' ? { is: 'gone' } : got
}

async function readDeny(
  { roleName: RoleName, ...keys }: Revoker,
  PolicyName: string,
  documents: readonly string[],
  at: Endpoint,
  timeoutMs: number,
  told = (document: string) => document,
): Promise<Looking | { readonly is: 'other' }> {
  const { GetRolePolicyCommand } = await iam()
  const get = new GetRolePolicyCommand({ RoleName, PolicyName })
  const got = await askIam(
    at,
    keys,
    'read the deny back',
    (client, abortSignal) => client.send(get, { abortSignal }),
    timeoutMs,
  )
  if (got.is === 'done') {
    const found = told(plainText(got.good.PolicyDocument) ?? '')
    return { is: documents.some((one) => told(one) === found) ? 'there' : 'other' }
  }
  return got.name === NO_SUCH ? { is: 'gone' } : got
}

/**
 * Takes the deny away again, for when its session is over anyway: a role has room for 10,240 characters of inline policies.
 * Done also if it is not there. Safe to repeat.
 *
 * @param revoker - as for {@link putDeny}.
 */
export async function deleteDeny(revoker: Uint8Array, at: Endpoint, timeoutMs = IAM_TIMEOUT_MS): Promise<Taking> {
  const { roleName: RoleName, userId, ...keys } = parseRevoker(revoker)
  const PolicyName = denyName(userId)
  const { DeleteRolePolicyCommand } = await iam()
  const command = new DeleteRolePolicyCommand({ RoleName, PolicyName })
  const deleted = await askIam(
    at,
    keys,
    'take the deny away',
    (client, abortSignal) => client.send(command, { abortSignal }),
    timeoutMs,
  )
  return deleted.is === 'done' || deleted.name === NO_SUCH ? { is: 'done', policy: PolicyName } : deleted
}

const NO_SUCH = 'NoSuchEntityException'
const NOT_THERE: IamFailure = {
  is: 'unreached',
  mayExist: true,
  code: 'invalid',
  name: '',
  words: 'AWS took the policy that denies the session, and does not give it back as it was put.',
}
/** The same, where it gave back something else. */
const CHANGED: IamFailure = { ...NOT_THERE }
const FULL =
  'The role has no room for one more inline policy: AWS allows 10,240 characters. Delete its policies whose names begin with lockbox-lb- and whose sessions are over.'

/** A text without the seconds of issue in it. */
function timeless(document: string): string {
  return document.replace(/("aws:TokenIssueTime":)"[^"]*"/g, '$1""')
}

/** IAM gives policies back percent-encoded. */
function plainText(encoded: string | undefined): string | null {
  try {
    return encoded === undefined ? null : decodeURIComponent(encoded)
  } catch {
    return null
  }
}
