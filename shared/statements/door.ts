import { type Digest, fromBase64Url, type Sha256 } from '../bytes.ts'
import { checkAssertion } from './assertion.ts'
import type { CoseKey } from './cose.ts'
import type { HardwareSignature, Statement, StatementOf } from './envelope.ts'
import { StatementError } from './errors.ts'
import type { Kind, Roster } from './kinds.ts'
import { deviceId, hardwareKey, keyId, type Member, statementKey } from './member.ts'

declare const verified: unique symbol

/** A statement whose signatures were checked against the keys of the roster it names. Made by {@link verify} alone. */
export type VerifiedOf<K extends Kind> = StatementOf<K> & { readonly [verified]: true }
export type VerifiedStatement = { [K in Kind]: VerifiedOf<K> }[Kind]

/** How the door checks signatures; injected, since libraries differ between main, command line and page. Some answer later. */
export interface DoorChecks {
  /** Ed25519 by our one rule (docs/formats/statements.md): S < L, A canonical, A and R not of small order, no cofactor. */
  readonly ed25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>
  /** ES256 (DER signature) or EdDSA over the bytes an authenticator signs. */
  readonly assertion: (key: CoseKey, signedBytes: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>
  /** Of what an authenticator was shown; the pure one where there is no faster. */
  readonly sha256?: Sha256
}

/** The same where Ed25519 is answered at once. */
export interface SignatureChecks extends DoorChecks {
  readonly ed25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
}

/** What the door knows: our organization (null before there is one), and every roster it has verified. */
export interface DoorContext {
  readonly organization: Digest | null
  roster(id: Digest): Roster | undefined
}

/**
 * The number of this door's rules: envelope, schema, keys and signatures. Whoever changes what the door lets in MUST raise
 * it, so that what an app accepted before passes the door again (docs/formats/journal.md §9).
 */
export const DOOR_RULES = 4

export type DoorVerdict =
  | { readonly verdict: 'verified'; readonly statement: VerifiedStatement }
  /** The roster it names is not here yet: kept in the waiting room and tried again. */
  | { readonly verdict: 'waiting'; readonly roster: Digest }

/**
 * Checks organization, author and both signatures of a parsed statement. Needs no case and no clock.
 *
 * @throws {StatementError} naming the first rule that does not hold.
 */
export async function verify(statement: Statement, context: DoorContext, checks: DoorChecks): Promise<DoorVerdict> {
  return verdictOf(statement, context, checks)
}

/**
 * The same, at once where the checks answer at once: of a million statements each would leave some promises to be collected.
 *
 * @throws {StatementError} as `verify`, here or by the promise.
 */
export function verdictOf(
  statement: Statement,
  context: DoorContext,
  checks: DoorChecks,
): DoorVerdict | Promise<DoorVerdict> {
  const { organization, roster: rosterId } = naming(statement)
  if (context.organization !== null && organization !== context.organization)
    throw new StatementError('wrong-organization', 'this statement belongs to another organization')
  const roster = rosterId === statement.id && statement.kind === 'roster' ? statement.payload : context.roster(rosterId)
  if (roster === undefined) return { verdict: 'waiting', roster: rosterId }
  const author = authorIn(roster, statement)
  const { id, hardware } = statement
  return whenDone(checkDevice(author, statement, checks), () =>
    whenDone(hardware === null ? undefined : checkHardware(author, id, hardware, checks), () => ({
      verdict: 'verified',
      statement: statement as VerifiedStatement,
    })),
  )
}

/** What follows something that may be done already. */
function whenDone<Done, Next>(
  done: Done | Promise<Done>,
  next: (done: Done) => Next | Promise<Next>,
): Next | Promise<Next> {
  return done instanceof Promise ? done.then(next) : next(done)
}

/**
 * Takes a statement that this very door let in before, and that nobody can have changed since: its bytes are those under a
 * seal that only this app could make, after that. Whoever calls it has to show so.
 */
export function vouchedFor(statement: Statement): Extract<DoorVerdict, { verdict: 'verified' }> {
  return { verdict: 'verified', statement: statement as VerifiedStatement }
}

/** The organization and roster that a statement names; a genesis roster names itself as both. */
export function naming(statement: Statement): { organization: Digest; roster: Digest } {
  if (statement.kind !== 'roster')
    return { organization: statement.payload.organization, roster: statement.payload.roster }
  const { organization, roster, predecessor } = statement.payload
  if (predecessor === null) {
    if (organization !== undefined || roster !== undefined)
      throw new StatementError('schema', 'roster: expected a genesis roster to name no organization and no roster')
    return { organization: statement.id, roster: statement.id }
  }
  if (organization === undefined || roster === undefined)
    throw new StatementError('schema', 'roster: expected an organization and a roster, since it names a predecessor')
  return { organization, roster }
}

function authorIn(roster: Roster, statement: Statement): Member {
  const author = roster.members.find(({ member }) => member === statement.payload.member)
  if (
    author === undefined ||
    deviceId(author) !== statement.payload.device ||
    statement.device.keyid !== statement.payload.device
  )
    throw new StatementError(
      'not-in-roster',
      'the author and device do not stand in the roster that the statement names',
    )
  return author
}

function checkDevice(author: Member, statement: Statement, checks: DoorChecks): void | Promise<void> {
  return whenDone<unknown, void>(
    checks.ed25519(statementKey(author), statement.signedBytes, fromBase64Url(statement.device.sig)),
    (holds) => {
      // Whatever else it is, it is no yes.
      if (holds !== true)
        throw new StatementError(
          'device-signature',
          `the signature of ${author.name}’s device does not fit the statement`,
        )
    },
  )
}

function checkHardware(
  author: Member,
  id: Digest,
  hardware: HardwareSignature,
  checks: DoorChecks,
): void | Promise<void> {
  const authenticator = author.authenticators.find(({ publicKey }) => keyId(publicKey) === hardware.keyid)
  const key = authenticator && hardwareKey(authenticator.publicKey)
  if (!key)
    throw new StatementError(
      'hardware-unknown-key',
      `${author.name} has no such hardware key in the roster that the statement names`,
    )
  const { signedBytes, signature } = checkAssertion(id, hardware, checks.sha256)
  return whenDone<unknown, void>(checks.assertion(key, signedBytes, signature), (holds) => {
    if (holds !== true)
      throw new StatementError(
        'hardware-signature',
        `the signature of ${author.name}’s hardware key does not fit the statement`,
      )
  })
}

/** Whether the author's device, and hardware key where there is one, stand in `roster` with the very keys that signed. */
export function standsIn(roster: Roster, statement: VerifiedStatement): boolean {
  const member = memberOf(roster, statement.payload.member)
  if (member === undefined || deviceId(member) !== statement.payload.device) return false
  const { hardware } = statement
  return hardware === null || member.authenticators.some(({ publicKey }) => keyId(publicKey) === hardware.keyid)
}

/** The member of that id in a roster. */
export function memberOf(roster: Roster, id: string): Member | undefined {
  return roster.members.find(({ member }) => member === id)
}
