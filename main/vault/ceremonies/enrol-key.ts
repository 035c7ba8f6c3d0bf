import { timingSafeEqual } from 'node:crypto'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { Answer, Purpose } from '../../../shared/ceremony.ts'
import { type SlotPurpose, unwrapWithKey, wrapForKey } from '../slots.ts'
import { randomBytes, wipe } from '../sodium.ts'
import { headerOf, type Slot, type Wrapped } from '../vault-file.ts'
import { type Ask, asking, type Script } from './desk.ts'
import { getFrom } from './get-secret.ts'
import { creationOptions, type Known } from './options.ts'
import { type KeyWords, refusal, refusalForFailure } from './refusal.ts'
import { type Registered, verifyCreated } from './verify.ts'

/** How often one key is touched while it is enrolled. */
export const ENROLMENT_STEPS = 7

/** One key to be enrolled in a vault that is being made. */
export interface Enrolment {
  readonly vaultId: string
  readonly person: string
  readonly label: string
  /** Credentials of the keys enrolled before: this one must be another key. */
  readonly others: readonly Known[]
  /** Steps done before this key, and steps in all. */
  readonly done: number
  readonly of: number
  readonly roots: readonly string[]
  /** The vault key, to be wrapped under `unlock`. */
  readonly vaultKey: Uint8Array
  /** The box key's private half, to be wrapped under `sign`. */
  readonly boxKey: Uint8Array
}

/**
 * Enrols one FIDO2 key: makes its two credentials, shows that they lie on one key and that this is none of the
 * others, and wraps the secrets under what two `get`s of each credential agree on.
 */
export async function* enrolKey(order: Enrolment): Script<Slot> {
  const keys: KeyWords = { key: order.label, others: [] }
  let at = order.done
  const next = () => ({ at: ++at, of: order.of })
  const unlock = yield* makeCredential(order, keys, 'unlock', next())
  const sign = yield* makeCredential(order, keys, 'sign', next())
  yield* showSameKey(order, keys, unlock, next())
  // Two models are two keys, whatever was touched in between.
  if (known(unlock.model) && known(sign.model) && unlock.model !== sign.model) throw refusal('another-key', keys)
  const name = { label: order.label, model: sign.model }
  return {
    ...name,
    proof: sign.proof,
    attestation: sign.attestation,
    unlock: yield* wrapTwice(order, keys, name, 'unlock', unlock, [next(), next()]),
    sign: yield* wrapTwice(order, keys, name, 'sign', sign, [next(), next()]),
  }
}

// Browsers give zeros for a model that the person, or the key, did not want to tell.
const known = (model: string): boolean => /[^0]/.test(model)

type Progress = { at: number; of: number }

function makeCredential(
  order: Enrolment,
  keys: KeyWords,
  purpose: SlotPurpose,
  progress: Progress,
): Script<Registered> {
  const make = () => createAsk(order, keys, purpose, progress, order.others, 'direct')
  return asking(make, async (answer, ask) => {
    if (answer.kind === 'failed') throw refusalForFailure(answer.name, keys)
    if (answer.kind !== 'created') throw refusal('unexpected-answer', keys)
    return verifyCreated(answer.response, ask.options.challenge, keys, order.roots)
  })
}

// A key must refuse to make a third credential beside its own `unlock` one. A key that makes it is not the key that
// was touched first (or ignores the list, and then could not be told from another either).
function showSameKey(order: Enrolment, keys: KeyWords, unlock: Known, progress: Progress): Script<void> {
  const make = () => createAsk(order, keys, 'same-key', progress, [unlock], 'none')
  return asking(make, async (answer: Answer) => {
    if (answer.kind === 'failed' && answer.name === 'InvalidStateError') return
    if (answer.kind === 'failed') throw refusalForFailure(answer.name, keys)
    throw refusal(answer.kind === 'created' ? 'another-key' : 'unexpected-answer', keys)
  })
}

function createAsk(
  order: Enrolment,
  keys: KeyWords,
  purpose: Purpose,
  progress: Progress,
  exclude: readonly Known[],
  attestation: 'direct' | 'none',
): Ask {
  const options = creationOptions(order.person, exclude, attestation)
  return { kind: 'create', purpose, key: keys.key, progress, options }
}

// What `create` may say of a secret is not trusted (a key without verification gives one there that no `get` ever
// repeats), and one `get` could be a fluke: only what two agree on may lock a vault.
async function* wrapTwice(
  order: Enrolment,
  keys: KeyWords,
  name: { label: string; model: string },
  purpose: SlotPurpose,
  made: Registered,
  [first, second]: readonly [Progress, Progress],
): Script<Wrapped> {
  const { credential, publicKey, transports } = made
  const salt = toBase64Url(randomBytes(32))
  const header = headerOf(order.vaultId, name, purpose, { credential, publicKey, salt })
  const inside = purpose === 'unlock' ? order.vaultKey : order.boxKey
  const get = { purpose, keys, candidates: [{ ...made, salt }], withSecret: true }
  const sealed = yield* getFrom({ ...get, progress: first }, async (_, secret) =>
    wrapForKey(mustHave(secret), header, inside),
  )
  yield* getFrom({ ...get, progress: second }, async (_, secret) => {
    if (!opensTo(inside, () => unwrapWithKey(mustHave(secret), header, sealed))) throw refusal('secret-changed', keys)
  })
  return { credential, publicKey, transports: [...transports], salt, sealed }
}

function mustHave(secret: Uint8Array | null): Uint8Array {
  if (!secret) throw new TypeError('a secret was asked for')
  return secret
}

function opensTo(expected: Uint8Array, open: () => Uint8Array): boolean {
  let opened: Uint8Array | null = null
  try {
    opened = open()
    return timingSafeEqual(opened, expected)
  } catch {
    return false
  } finally {
    if (opened) wipe(opened)
  }
}
