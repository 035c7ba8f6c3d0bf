import type { RefusalCode } from '../../shared/ceremony.ts'
import type { EvidenceErrorCode } from '../../shared/evidence/event.ts'
import type { LedgerErrorCode } from '../../shared/ledger/errors.ts'
import type { JoinCardErrorCode } from '../../shared/org/join-card.ts'
import type { SecretsErrorCode } from '../../shared/secrets/errors.ts'
import type { StatementErrorCode } from '../../shared/statements/errors.ts'
import type { WireErrorCode } from '../../shared/wire-text.ts'
import { ASKING } from './errors/asking.ts'
import { CODES } from './errors/codes.ts'
import { EVIDENCE } from './errors/evidence.ts'
import { EXCHANGE } from './errors/exchange.ts'
import { ISSUING } from './errors/issuing.ts'
import { KEYS } from './errors/keys.ts'
import { OUTLETS } from './errors/outlets.ts'
import { RELAY } from './errors/relay.ts'
import { type ErrorWords, NOTHING_CHANGED, say } from './errors/say.ts'
import { SHARES } from './errors/shares.ts'
import { STANDING } from './errors/standing.ts'
import { START_AND_WIRE } from './errors/start.ts'
import { STATEMENTS } from './errors/statements.ts'
import { TERMINAL } from './errors/terminal.ts'
import { VAULT } from './errors/vault.ts'

export type { ErrorWords } from './errors/say.ts'

/** Codes of `shared/`, which the compiler knows; those of main's own modules a test takes from the sources. */
type SharedCode =
  | RefusalCode
  | EvidenceErrorCode
  | LedgerErrorCode
  | JoinCardErrorCode
  | SecretsErrorCode
  | StatementErrorCode
  | WireErrorCode

/** The tables of words, one an area; each code stands in one of them. */
export const AREAS = [
  KEYS,
  STATEMENTS,
  ASKING,
  SHARES,
  VAULT,
  STANDING,
  EXCHANGE,
  CODES,
  ISSUING,
  EVIDENCE,
  TERMINAL,
  OUTLETS,
  RELAY,
  START_AND_WIRE,
] as const

const WORDS = {
  ...KEYS,
  ...STATEMENTS,
  ...ASKING,
  ...SHARES,
  ...VAULT,
  ...STANDING,
  ...EXCHANGE,
  ...CODES,
  ...TERMINAL,
  ...ISSUING,
  ...EVIDENCE,
  ...OUTLETS,
  ...RELAY,
  ...START_AND_WIRE,
} satisfies Readonly<Record<SharedCode, ErrorWords>>

/** The words of a code; a code that is new to this window has at least the general ones. */
export function errorWords(code: string): ErrorWords {
  return hasWords(code) ? WORDS[code] : UNKNOWN
}

/** Whether a code has words of its own. */
export function hasWords(code: string): code is keyof typeof WORDS {
  return Object.hasOwn(WORDS, code)
}

const UNKNOWN = say(
  'That did not succeed.',
  NOTHING_CHANGED,
  'Try again; if it goes on, use another device and tell your admins.',
)
