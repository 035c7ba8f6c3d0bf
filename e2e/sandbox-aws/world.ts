import { randomBytes } from 'node:crypto'
import { AwsError } from './errors.ts'
import { type Policy, parsePolicy } from './policy.ts'
import type { Claim } from './sigv4.ts'

/** A user to start with; its access key is drawn fresh. `policy` is IAM JSON. */
export interface UserSpec {
  readonly name: string
  readonly policy?: string
}

/** A role to start with. Texts are IAM JSON. */
export interface RoleSpec {
  readonly name: string
  readonly trust: string
  readonly policy?: string
  readonly maxSessionSeconds?: number
}

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface Role {
  readonly arn: string
  readonly id: string
  readonly trust: Policy
  readonly policy: Policy | null
  readonly maxSessionSeconds: number
}

interface UserCaller {
  readonly is: 'user'
  readonly arn: string
  readonly id: string
  readonly policy: Policy | null
}
interface SessionCaller {
  readonly is: 'session'
  readonly arn: string
  readonly id: string
  readonly role: Role
  readonly sessionPolicy: Policy | null
}
export type Caller = UserCaller | SessionCaller

interface Key extends AccessKey {
  active: boolean
  readonly caller: Caller
  readonly token: string | null
  readonly expires: number
}

/** One AWS account: users, roles, keys and running sessions, shared by all regions. */
export interface World {
  readonly account: string
  readonly roles: Map<string, Role>
  readonly keys: Map<string, Key>
  /** AWS's clock, milliseconds. */
  now(): number
}

/** Makes an account with these users and roles; the result says every user's access key. */
export function createWorld(
  account: string,
  users: readonly UserSpec[],
  roles: readonly RoleSpec[],
  now: () => number,
): { world: World; accessKeys: ReadonlyMap<string, AccessKey> } {
  const world = { account, roles: new Map(roles.map((spec) => roleOf(account, spec))), keys: new Map(), now }
  const accessKeys = new Map(users.map((user) => [user.name, addAccessKey(world, user)]))
  return { world, accessKeys }
}

function roleOf(account: string, spec: RoleSpec): [string, Role] {
  const arn = `arn:aws:iam::${account}:role/${spec.name}`
  const policy = spec.policy === undefined ? null : parsePolicy(spec.policy)
  const { maxSessionSeconds = 3600 } = spec
  return [arn, { arn, id: drawId('AROA'), trust: parsePolicy(spec.trust), policy, maxSessionSeconds }]
}

/** Gives the user one more long-lived access key. */
export function addAccessKey(world: World, user: UserSpec): AccessKey {
  const caller: UserCaller = {
    is: 'user',
    arn: `arn:aws:iam::${world.account}:user/${user.name}`,
    id: drawId('AIDA'),
    policy: user.policy === undefined ? null : parsePolicy(user.policy),
  }
  const key = { accessKeyId: drawId('AKIA'), secretAccessKey: drawSecret() }
  world.keys.set(key.accessKeyId, { ...key, active: true, caller, token: null, expires: Number.POSITIVE_INFINITY })
  return key
}

/** Puts a session's key into the world. */
export function addSession(world: World, caller: SessionCaller, expires: number): AccessKey & { token: string } {
  const key = { accessKeyId: drawId('ASIA'), secretAccessKey: drawSecret(), token: randomBytes(360).toString('base64') }
  world.keys.set(key.accessKeyId, { ...key, active: true, caller, expires })
  return key
}

/** Replaces a role's trust policy; `trust` is IAM JSON. */
export function setTrust(world: World, arn: string, trust: string): void {
  const role = world.roles.get(arn)
  if (!role) throw new TypeError(`no role ${arn}`)
  world.roles.set(arn, { ...role, trust: parsePolicy(trust) })
}

/** Turns a long-lived key off or on. */
export function setActive(world: World, accessKeyId: string, active: boolean): void {
  const key = world.keys.get(accessKeyId)
  if (!key) throw new TypeError(`no access key ${accessKeyId}`)
  key.active = active
}

/**
 * The key a claim names, if its token is the right one.
 *
 * @throws {AwsError} InvalidClientTokenId for a key that is unknown, turned off, or comes with a token that is not its own.
 */
export function keyOf(world: World, claim: Claim, token: string | null): Key {
  const key = world.keys.get(claim.accessKeyId)
  if (!key?.active || key.token !== token)
    throw new AwsError('InvalidClientTokenId', 403, 'The security token included in the request is invalid.')
  return key
}

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function drawId(prefix: string): string {
  return prefix + Array.from(randomBytes(16), (byte) => ID_LETTERS[byte % 32]).join('')
}

function drawSecret(): string {
  return randomBytes(30).toString('base64')
}
