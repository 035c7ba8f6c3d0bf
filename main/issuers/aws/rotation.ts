import type { UnixMilliseconds } from '../../../shared/bytes.ts'
import { IAM_TIMEOUT_MS } from './iam-call.ts'

/** What the record says of the key that is to be replaced, and of all others. */
export interface RotationFacts {
  /** Public id of the key that was used: the one in the grant's deposit. It alone is ever turned off. */
  readonly old: string
  /** Public ids of the keys that deposits name, whichever they are and whoever made them: none of these is ever taken for lost. */
  readonly named: readonly string[]
  /** Those that sound generations name: they alone are accounted for. */
  readonly sound: readonly string[]
  /** Those of sound generations of this credential that may take the old one's place. */
  readonly next: readonly string[]
  /** Whether enough custodians have proved that they hold the generation of the new key. */
  readonly isHeld: boolean
  /**
   * Whether emergencies open the old key again although it was turned off for this: too few hold the new one any more, as when one
   * who held it got another device.
   */
  readonly isOldNeeded: boolean
  /** Whether the old key may be deleted by now, and not only be turned off. */
  readonly mayDelete: boolean
}

/** What this device has done of it so far. To be kept, durably, whenever it changes. */
export interface Progress {
  /**
   * When CreateAccessKey was asked for first and last without an answer, by AWS's clock, and the keys that are of before; null
   * if none may have been created unheard.
   */
  readonly asked: Asked | null
  /** Whether the old key was ever listed as one of this user's: only then does its absence say that it is gone. */
  readonly sawOld: boolean
  /** Public id of the key that was created. */
  readonly made: string | null
  /** Whether the new key worked. */
  readonly isTested: boolean
  /** Whether it worked again, after the old one had been turned off. */
  readonly isRetested: boolean
}

/** See {@link Progress.asked}. */
export interface Asked {
  readonly at: UnixMilliseconds
  readonly last: UnixMilliseconds
  readonly before: readonly string[]
}

/** Where it begins. */
export const NO_PROGRESS: Progress = { asked: null, sawOld: false, made: null, isTested: false, isRetested: false }

/** A key of the user, as IAM lists it. */
export interface ListedKey {
  readonly accessKeyId: string
  readonly isActive: boolean
  /** By AWS's clock, whole seconds, in milliseconds. */
  readonly created: UnixMilliseconds
}

/** Why it goes no further before people have done something. */
export type Stuck =
  | 'old-not-listed'
  | 'no-room'
  | 'room-taken'
  | 'new-key-off'
  | 'unknown-key-used'
  | 'wrong-user'
  | 'wrong-secret'

/** The next thing to do. */
export type Step =
  | { readonly do: 'create' | 'test' | 'deactivate' | 'retest' | 'delete' | 'reactivate' | 'done' }
  | { readonly do: 'discard'; readonly accessKeyId: string }
  | { readonly do: 'wait'; readonly for: 'custody' | 'delay' }
  | { readonly do: 'stuck'; readonly why: Stuck }

/** A user's keys, on or off, that AWS allows. */
const MOST_KEYS = 2
/** AWS's hosts do not agree on the time to the second. */
const TOLERANCE_MS = 5000

/** See {@link nextStep}. */
export interface Next {
  readonly step: Step
  readonly alarms: readonly string[]
  readonly unusable: string | null
}

/**
 * What is to be done next, from what the record says, what was done and what IAM lists. The old key is turned off only
 * once a new one works and is held, and deleted only once the new one has worked without it; if the new one is gone by
 * then, the old one is turned on again, and another one made. Any other key is left alone, but one that was created here and whose secret got lost.
 *
 * @param hasSecret - whether this device has the new key itself, and not only its id.
 * @returns the step; the keys that nobody accounts for; and the new key if it is gone or off although enough people hold it, so
 * that whoever opens the credential now opens what does not work.
 */
export function nextStep(
  facts: RotationFacts,
  progress: Progress,
  keys: readonly ListedKey[],
  hasSecret: boolean,
): Next {
  const made = madeOf(facts, progress, hasSecret)
  const isBroken = facts.isHeld && made !== null && isGoneOrOff(progress, made, keys, hasSecret)
  const unusable = isBroken ? made : null
  const strangers = keys.filter(({ accessKeyId: id }) => id !== facts.old && id !== made && !facts.sound.includes(id))
  const lost = strangers.filter((key) => !facts.named.includes(key.accessKeyId) && isLost(progress, key))
  const alarms = strangers.filter((key) => !lost.includes(key)).map(({ accessKeyId }) => accessKeyId)
  const [first] = lost
  if (!progress.sawOld && !keys.some(({ accessKeyId }) => accessKeyId === facts.old))
    return {
      step: { do: 'stuck', why: 'old-not-listed' },
      alarms: strangersOf(strangers),
      unusable,
    }
  // Before anything else: until then no emergency comes to anything.
  const isOff = keys.some(({ accessKeyId, isActive }) => accessKeyId === facts.old && !isActive)
  if (facts.isOldNeeded && isOff) return { step: { do: 'reactivate' }, alarms: strangersOf(strangers), unusable }
  if (first !== undefined && isSpare(facts, first, keys))
    return { step: { do: 'discard', accessKeyId: first.accessKeyId }, alarms, unusable }
  // While no other one works it stays, and people should know of it.
  alarms.push(...lost.map(({ accessKeyId }) => accessKeyId))
  const step = made === null ? stepToMake(facts, keys) : stepAfter(facts, progress, made, keys, hasSecret)
  return { step, alarms, unusable }
}

const strangersOf = (keys: readonly ListedKey[]) => keys.map(({ accessKeyId }) => accessKeyId)

/** What was just created may not be listed yet; that it works is better proof, if that can be tried. */
function isGoneOrOff({ isTested }: Progress, made: string, keys: readonly ListedKey[], hasSecret: boolean): boolean {
  const now = keys.find(({ accessKeyId }) => accessKeyId === made)
  return now === undefined ? isTested || !hasSecret : !now.isActive
}

/** The key that takes the old one's place: one that nobody could open any more is none. */
export function madeOf({ sound }: RotationFacts, { made }: Progress, hasSecret: boolean): string | null {
  return made !== null && (hasSecret || sound.includes(made)) ? made : null
}

/** Created here, and its secret is nowhere: it came before its deposit, or its answer never came. */
function isLost({ asked, made }: Progress, { accessKeyId, created }: ListedKey): boolean {
  if (accessKeyId === made) return true
  if (asked === null || asked.before.includes(accessKeyId)) return false
  return created >= asked.at - TOLERANCE_MS && created <= asked.last + IAM_TIMEOUT_MS + TOLERANCE_MS
}

/** Whether the user has another key that is on and that is accounted for. */
function isSpare({ old, sound }: RotationFacts, { accessKeyId: id }: ListedKey, keys: readonly ListedKey[]): boolean {
  const isKnown = ({ accessKeyId: other }: ListedKey) => other !== id && (other === old || sound.includes(other))
  return keys.some((key) => key.isActive && isKnown(key))
}

/**
 * The progress once more before a key is asked for: what is listed by then is of before, but what an earlier question may
 * have made unheard.
 *
 * @param at - when, by AWS's clock.
 */
export function askedAgain(progress: Progress, keys: readonly ListedKey[], at: UnixMilliseconds): Asked {
  const before = keys.filter((key) => !isLost(progress, key)).map(({ accessKeyId }) => accessKeyId)
  const { asked } = progress
  return { at: asked?.at ?? at, last: at, before: [...new Set([...(asked?.before ?? []), ...before])] }
}

function stepToMake({ old, sound, next }: RotationFacts, keys: readonly ListedKey[]): Step {
  const isOld = ({ accessKeyId }: ListedKey) => accessKeyId === old
  // Somebody else has replaced it meanwhile.
  const isReplaced = keys.some((key) => !isOld(key) && key.isActive && next.includes(key.accessKeyId))
  if (isReplaced && !keys.some(isOld)) return { do: 'done' }
  if (keys.length < MOST_KEYS) return { do: 'create' }
  const isAccounted = keys.every((key) => isOld(key) || sound.includes(key.accessKeyId))
  return { do: 'stuck', why: isAccounted ? 'room-taken' : 'no-room' }
}

function stepAfter(
  facts: RotationFacts,
  progress: Progress,
  made: string,
  keys: readonly ListedKey[],
  hasSecret: boolean,
): Step {
  const { isTested, isRetested } = progress
  const before = keys.find(({ accessKeyId }) => accessKeyId === facts.old)
  if (isGoneOrOff(progress, made, keys, hasSecret)) {
    if (before?.isActive === false) return { do: 'reactivate' }
    const isListed = keys.some(({ accessKeyId }) => accessKeyId === made)
    return isListed ? { do: 'stuck', why: 'new-key-off' } : stepToMake(facts, keys)
  }
  if (!isTested) return { do: 'test' }
  if (!facts.isHeld) return { do: 'wait', for: 'custody' }
  if (before === undefined) return { do: 'done' }
  if (before.isActive) return { do: 'deactivate' }
  if (!isRetested) return { do: 'retest' }
  return facts.mayDelete ? { do: 'delete' } : { do: 'wait', for: 'delay' }
}
