import type { Answer, Purpose } from '../../../shared/ceremony.ts'
import { SECRET_LENGTH } from '../slots.ts'
import { type Ask, asking, type Script } from './desk.ts'
import { freshChallenge, requestOptions } from './options.ts'
import { type KeyWords, refusal } from './refusal.ts'
import { type Asserted, type Expected, verifyAsserted } from './verify.ts'

/** One `get` to be asked of one of several credentials. */
export interface GetOrder<Candidate extends Expected> {
  readonly purpose: Purpose
  readonly keys: KeyWords
  readonly progress: { readonly at: number; readonly of: number }
  /** Those that may answer, each with its salt when its secret is wanted. */
  readonly candidates: readonly (Candidate & { readonly salt: string })[]
  readonly withSecret: boolean
  /** The statement's id; a fresh random one for each try if absent. */
  readonly challenge?: string
}

/**
 * Asks for one assertion, verifies it, and lends it with its PRF output (null unless it was asked for) to `use`. The
 * output is wiped by the desk as soon as `use` settled.
 */
export function getFrom<Candidate extends Expected, Result>(
  order: GetOrder<Candidate>,
  use: (asserted: Asserted<Candidate>, secret: Uint8Array | null) => Promise<Result>,
): Script<Result> {
  const allow = order.candidates.map((each) => ({ ...each, salt: order.withSecret ? each.salt : null }))
  const make = (): Ask => ({
    kind: 'get',
    purpose: order.purpose,
    key: order.keys.key,
    progress: order.progress,
    options: requestOptions(order.challenge ?? freshChallenge(), allow),
  })
  return asking(make, async (answer, ask) => {
    const { response, secret } = assertedOf(answer, order.keys)
    const asserted = await verifyAsserted(response, ask.options.challenge, order.candidates, order.keys)
    if (order.withSecret && secret?.length !== SECRET_LENGTH) throw refusal('no-secret', order.keys)
    return use(asserted, order.withSecret ? secret : null)
  })
}

function assertedOf(answer: Answer, keys: KeyWords): Extract<Answer, { kind: 'asserted' }> {
  if (answer.kind === 'asserted') return answer
  if (answer.kind === 'failed')
    throw answer.name === 'SecurityError' ? refusal('wrong-site', keys) : refusal('no-answer', keys)
  throw refusal('unexpected-answer', keys)
}
