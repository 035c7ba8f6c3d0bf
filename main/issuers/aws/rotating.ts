import type { UnixMilliseconds } from '../../../shared/bytes.ts'
import { parseAccessKey } from './access-key.ts'
import type { Endpoint } from './client.ts'
import { IAM_TIMEOUT_MS, type IamAnswer, type IamFailure } from './iam-call.ts'
import {
  type CreatedKey,
  createKey,
  deleteKey,
  type KeysMeans,
  listKeys,
  NO_SUCH_KEY,
  setActive,
  wasUsed,
} from './iam-keys.ts'
import { parseRotator } from './narrow.ts'
import {
  type Asked,
  askedAgain,
  nextStep,
  type Progress,
  type RotationFacts,
  type Step,
  type Stuck,
} from './rotation.ts'
import { tryKey } from './try-key.ts'

/** What one step takes. */
export interface RotationMeans extends KeysMeans {
  /** Where the new key is tried: the plan's regions. */
  readonly regions: readonly Endpoint[]
  /** The new credential, as `created` gave it; null if this device does not have it (any more). The caller's to wipe. */
  readonly credential: Uint8Array | null
  /** Keeps the progress durably. It is called before a key is created; if it fails none is. */
  readonly keep: (progress: Progress) => Promise<void>
}

/** What the record says, as {@link RotationFacts}, but for the time: AWS's clock alone says whether that has come. */
export type RecordFacts = Omit<RotationFacts, 'mayDelete'> & {
  /** From when on the old key may be deleted, by AWS's clock; null if not yet. */
  readonly deletesAt: UnixMilliseconds | null
}

/** What came of one step. After `waits`, `stuck`, `done` and a failure nothing follows at once. */
export type RotationOutcome =
  /** The credential is to be dealt once it was tested. */
  | (CreatedKey & { readonly is: 'created' })
  /** A key that was created here and whose secret got lost is deleted. */
  | { readonly is: 'discarded'; readonly accessKeyId: string }
  | { readonly is: 'tested' | 'deactivated' | 'retested' | 'deleted' | 'reactivated' | 'done' }
  /**
   * For custody proofs; for the time from which the old key may be deleted; for AWS to know the new key everywhere; or for
   * the new key itself, which this device has no more: a drill of its generation shows that it works, and then
   * {@link Progress.isTested} or `isRetested` may be set.
   */
  | { readonly is: 'waits'; readonly for: 'custody' | 'delay' | 'propagation' | 'key' }
  | { readonly is: 'stuck'; readonly why: Stuck; readonly words: string }
  | IamFailure

/** What came of one step, and what is to be kept before the next. */
export interface Rotated {
  readonly outcome: RotationOutcome
  readonly progress: Progress
  /** Public ids of keys of the user that nobody accounts for: for people to look at; they are not touched. */
  readonly alarms: readonly string[]
  /** Public id of the new key if it is gone or off although enough people hold it: emergencies fail until that is mended. */
  readonly unusable: string | null
  /** What AWS said before the step; null if it did not answer. */
  readonly seen: Seen | null
}

/** What the list says beside the keys. */
export interface Seen {
  /** When it was answered, by AWS's clock. */
  readonly at: UnixMilliseconds
  /** Whether the old key was on. */
  readonly isOldOn: boolean
}

type Done = Pick<Rotated, 'outcome' | 'progress'>

/**
 * Takes the next step of replacing a key: lists the user's keys, and does one thing. It may be called again at any time,
 * after any failure and any crash, with the progress that was kept last. Format: docs/formats/aws.md §9.
 *
 * @throws {IssuerError} `invalid` if rotator or credential are none; whatever `keep` throws.
 */
export async function rotateOnce(
  means: RotationMeans,
  { deletesAt, ...record }: RecordFacts,
  kept: Progress,
): Promise<Rotated> {
  const listed = await listKeys(means)
  if (listed.is !== 'done') return { outcome: listed, progress: kept, alarms: [], unusable: null, seen: null }
  const { keys } = listed.good
  const now = () => Date.now() + (listed.skewMs ?? 0)
  const at = now()
  const facts = { ...record, mayDelete: deletesAt !== null && at >= deletesAt }
  const seen = { at, isOldOn: keys.some(({ accessKeyId, isActive }) => accessKeyId === facts.old && isActive) }
  const sawOld = kept.sawOld || keys.some(({ accessKeyId }) => accessKeyId === facts.old)
  const progress = { ...kept, sawOld }
  const { step, alarms, unusable } = nextStep(facts, progress, keys, hasSecret(means, progress))
  const done = await doStep(step, means, facts, progress, () => askedAgain(progress, keys, now()))
  const isUsed = step.do === 'discard' && done.outcome.is === 'stuck'
  return { ...done, alarms: isUsed ? [...alarms, step.accessKeyId] : alarms, unusable, seen }
}

/** Whether the credential at hand is the key that was created, and no other. */
function hasSecret({ credential }: RotationMeans, { made }: Progress): boolean {
  return credential !== null && parseAccessKey(credential).accessKeyId === made
}

async function doStep(
  step: Step,
  means: RotationMeans,
  facts: RotationFacts,
  progress: Progress,
  askNow: () => Asked,
): Promise<Done> {
  switch (step.do) {
    case 'create':
      return create(means, progress, askNow)
    case 'discard':
      return discard(means, progress, step.accessKeyId)
    case 'test':
      return test(means, facts, progress)
    case 'deactivate':
      return after(await setActive(means, facts.old, false), 'deactivated', { ...progress, isRetested: false })
    case 'retest':
      return retest(means, progress)
    case 'reactivate':
      return after(await setActive(means, facts.old, true), 'reactivated', { ...progress, isRetested: false })
    case 'delete':
      return after(await deleteKey(means, facts.old), 'deleted', progress)
    case 'wait':
      return { outcome: { is: 'waits', for: step.for }, progress }
    case 'done':
      return { outcome: { is: 'done' }, progress }
    case 'stuck':
      return { outcome: stuck(step.why), progress }
  }
}

/** @param progress - if it is undone nothing of it is lost: the list tells what is to be done again. */
function after(answer: IamAnswer<unknown>, is: 'deactivated' | 'reactivated' | 'deleted', progress: Progress): Done {
  return { outcome: answer.is === 'done' ? { is } : answer, progress }
}

/** @param askNow - what is kept of a question that is put now. */
async function create(means: RotationMeans, progress: Progress, askNow: () => Asked): Promise<Done> {
  const asked = askNow()
  // What was made before and is not listed is forgotten once another one is there, and not because AWS says no.
  const asking: Progress = { ...progress, asked }
  await means.keep(asking)
  // Keeping it may have taken a while.
  const { last } = askNow()
  const created = await createKey(means)
  if (created.is === 'done') {
    const { accessKeyId, credential } = created.good
    return {
      outcome: { is: 'created', accessKeyId, credential },
      progress: { ...asking, asked: null, made: accessKeyId, isTested: false, isRetested: false },
    }
  }
  if (created.mayExist) return { outcome: created, progress: { ...asking, asked: { ...asked, last } } }
  // Refused for sure, or never sent, so nothing was made by this call; what an earlier one may have made is still looked for.
  const outcome = created.name === 'LimitExceededException' ? TWO_ALREADY : created
  return { outcome, progress }
}

const TWO_ALREADY: IamFailure = {
  is: 'unreached',
  mayExist: false,
  code: 'invalid',
  name: 'LimitExceededException',
  words: 'AWS says that the user has two keys already, of which it has not listed one yet.',
}

/** Deletes what was created here and lost; but what somebody has used, who can only be somebody else, is left to people. */
async function discard(means: RotationMeans, progress: Progress, accessKeyId: string): Promise<Done> {
  const isOurs = accessKeyId === progress.made
  const used = isOurs ? null : await wasUsed(means, accessKeyId)
  if (used !== null && used.is !== 'done' && used.name !== NO_SUCH_KEY) return { outcome: used, progress }
  if (used?.is === 'done' && used.good) return { outcome: stuck('unknown-key-used'), progress }
  const deleted = await deleteKey(means, accessKeyId)
  if (deleted.is !== 'done') return { outcome: deleted, progress }
  return {
    outcome: { is: 'discarded', accessKeyId },
    progress: { ...progress, asked: null, ...(isOurs ? { made: null, isTested: false } : {}) },
  }
}

async function test(means: RotationMeans, facts: RotationFacts, progress: Progress): Promise<Done> {
  const { outcome, isWrong } = await trial(means, progress, 'tested')
  const { made } = progress
  // A secret that came broken, and that no deposit has taken up.
  if (isWrong && made !== null && !facts.named.includes(made)) return discard(means, progress, made)
  return { outcome, progress: outcome.is === 'tested' ? { ...progress, isTested: true } : progress }
}

async function retest(means: RotationMeans, progress: Progress): Promise<Done> {
  const { outcome } = await trial(means, progress, 'retested')
  return { outcome, progress: outcome.is === 'retested' ? { ...progress, isRetested: true } : progress }
}

async function trial(
  means: RotationMeans,
  progress: Progress,
  is: 'tested' | 'retested',
): Promise<{ readonly outcome: RotationOutcome; readonly isWrong: boolean }> {
  const { rotator, credential, regions, timeoutMs = IAM_TIMEOUT_MS } = means
  if (credential === null || !hasSecret(means, progress))
    return { outcome: { is: 'waits', for: 'key' }, isWrong: false }
  const { user, accessKeyId, secretAccessKey, sessionToken } = parseRotator(rotator)
  const tried = await tryKey(credential, user, regions, { accessKeyId, secretAccessKey, sessionToken }, timeoutMs)
  const outcomes: Readonly<Record<typeof tried, RotationOutcome>> = {
    works: { is },
    'not-yet': { is: 'waits', for: 'propagation' },
    'wrong-user': stuck('wrong-user'),
    'wrong-secret': stuck('wrong-secret'),
    unreached: UNTRIED,
  }
  return { outcome: outcomes[tried], isWrong: tried === 'wrong-secret' }
}

const UNTRIED: IamFailure = {
  is: 'unreached',
  mayExist: false,
  code: 'unreachable',
  name: '',
  words: 'AWS could not be reached to try the new key.',
}

const WORDS: Readonly<Record<Stuck, string>> = {
  'old-not-listed':
    'The key that was used is not one of this user’s: check the plan. The rotator has to name the user whose key is deposited, in the account of that user. Nothing was made or changed. If somebody deleted the key by hand, only AWS’s own record says so: Lockbox cannot.',
  'no-room':
    'The user has two keys already, and none can be made beside them. One is accounted for by no deposit that counts: find out whose it is, and delete it in the AWS console if nobody needs it.',
  'room-taken':
    'The user has two keys already, and none can be made beside them. Deposits name both. If Credentials shows the other one as newer, its custodians have to accept it: then it takes the place of this one. If it is older and another case is to replace it, go on there first; if none is, delete it in the AWS console. If it is of another credential, give each credential a user of its own.',
  'new-key-off':
    'Somebody turned the new key off. Once enough custodians hold it an emergency opens no other, so it fails while that key is off. Find out who did it and why, and turn the new key on again in the AWS console: then it goes on here. Or delete it there: then another one is made.',
  'unknown-key-used': 'Somebody made a key of the user while this device was making one, and uses it. Find out who.',
  'wrong-user': 'The new key is of another user than the plan names.',
  'wrong-secret': 'AWS knows the new key, and this is not its secret. Replace it once more.',
}

function stuck(why: Stuck): Extract<RotationOutcome, { is: 'stuck' }> {
  return { is: 'stuck', why, words: WORDS[why] }
}
