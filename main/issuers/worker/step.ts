import { LockboxError } from '../../../shared/errors.ts'
import type { BoxKey } from '../../../shared/secrets/box-key.ts'
import * as z from '../../../shared/zod.ts'
import type { Issuer } from '../issuer.ts'
import { go, type Went } from './issue.ts'
import { type Message, wipe } from './messages.ts'
import { checkFacts, goFacts } from './protocol.ts'
import { openShares, sharesAnswerOf } from './shares.ts'

const stepSchema = z.discriminatedUnion('step', [checkFacts, goFacts])

/**
 * What a worker at `ready` does when it is asked for a step.
 *
 * @param message - its parts stay the caller's to wipe.
 */
export async function step(message: Message, key: BoxKey, issuer: Issuer): Promise<Went> {
  const facts = parse(stepSchema, message.facts)
  if (facts.step === 'go') return go(facts, message.parts, key, issuer)
  const opened = await openShares(facts, message.parts, key)
  wipe(...opened.good.map(({ share }) => share))
  return { final: false, answer: { facts: sharesAnswerOf(opened, facts.threshold), parts: [] }, held: null }
}

/** What main says, if it is what it should be. @throws {LockboxError} `malformed`, without what it said. */
export function parse<Schema extends z.ZodType>(schema: Schema, facts: unknown): z.output<Schema> {
  const parsed = schema.safeParse(facts)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ')
  throw new LockboxError('malformed', `the worker was asked for something it does not know, see ${where}`)
}
