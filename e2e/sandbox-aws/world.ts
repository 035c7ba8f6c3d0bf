import { randomBytes } from 'node:crypto'
import { AwsError, noSuchEntity } from './errors.ts'
import type { Partition } from './partition.ts'
import { type Policy, parsePolicy } from './policy.ts'
import { seedBytes } from './totp.ts'

/** A user to start with; its access key is drawn fresh. `policy` is IAM JSON, `mfaSeed` base32. */
export interface UserSpec {
  readonly name: string
  readonly policy?: string
  readonly mfaSeed?: string
}

/** A role to start with. Texts are IAM JSON. */
export interface RoleSpec {
  readonly name: string
  readonly trust: string
  readonly policy?: string
  readonly maxSessionSeconds?: number
  /** Its sessions end this many seconds after they began, in the place of what the sandbox says of all of them. */
  readonly sessionSeconds?: number
}

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A TOTP device. AWS takes a code once: `lastStep` is the newest one used. */
interface MfaDevice {
  readonly serial: string
  readonly seed: Buffer
  lastStep: number
}

export interface User {
  readonly name: string
  readonly arn: string
  readonly id: string
  readonly policies: ReadonlyMap<string, string>
  readonly mfa: MfaDevice | null
}

export interface Role {
  readonly name: string
  readonly arn: string
  readonly id: string
  readonly trust: string
  readonly maxSessionSeconds: number
  readonly sessionSeconds: number | null
  /** Inline policies by name as they stood from a time on: IAM's changes reach STS and the services only after a while. */
  readonly history: { readonly from: number; readonly policies: ReadonlyMap<string, string> }[]
}

export interface UserCaller {
  readonly is: 'user'
  readonly user: User
}
/** A user's session from GetSessionToken. */
export interface UserSession {
  readonly is: 'user-session'
  readonly user: User
  readonly issued: number
  /** When the code was given, if one was. */
  readonly mfaAt: number | null
}
/** A role's session. */
export interface RoleSession {
  readonly is: 'role-session'
  readonly roleArn: string
  readonly roleId: string
  readonly sessionName: string
  readonly sourceIdentity: string | null
  /** Session tags, which its requests carry as tags of the principal. */
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  readonly issued: number
  readonly sessionPolicy: Policy | null
  readonly chained: boolean
}
export type Caller = UserCaller | UserSession | RoleSession

export interface Key extends AccessKey {
  active: boolean
  readonly caller: Caller
  readonly token: string | null
  readonly created: number
  readonly expires: number
  lastUsed: { readonly at: number; readonly service: string; readonly region: string } | null
}

/** One AWS account: users, roles, keys and running sessions, shared by all regions. */
export interface World {
  readonly account: string
  readonly partition: Partition
  readonly users: Map<string, User>
  readonly roles: Map<string, Role>
  readonly keys: Map<string, Key>
  /** Service control policies over the account. */
  scps: readonly Policy[]
  /** How long a change of a role's policies takes to be felt, milliseconds. */
  readonly propagationMs: number
  /** Condition keys that this AWS does not have in a request's context, in lower case. */
  readonly withoutKeys: ReadonlySet<string>
  /** Condition operators that this AWS does not take in a role's policies, without `…IfExists`. */
  readonly withoutOperators: ReadonlySet<string>
  /** Whether this AWS applies a role's policies without their conditions. */
  readonly withoutConditions: boolean
  /** AWS's clock, milliseconds. */
  now(): number
}

/** What a {@link World} is made of. */
export interface WorldSpec
  extends Pick<
    World,
    'account' | 'partition' | 'propagationMs' | 'withoutKeys' | 'withoutOperators' | 'withoutConditions' | 'now'
  > {
  readonly users: readonly UserSpec[]
  readonly roles: readonly RoleSpec[]
}

/** Makes an account with these users and roles; the result says every user's access key. */
export function createWorld(spec: WorldSpec): { world: World; accessKeys: ReadonlyMap<string, AccessKey> } {
  const { users, roles, ...rest } = spec
  const world: World = { ...rest, users: new Map(), roles: new Map(), keys: new Map(), scps: [] }
  for (const role of roles) addRole(world, role)
  return { world, accessKeys: new Map(users.map((user) => [user.name, addUserWithKey(world, user)])) }
}

/** Adds a role, or replaces one of the same name. */
export function addRole(world: World, spec: RoleSpec): void {
  const arn = `arn:${world.partition.name}:iam::${world.account}:role/${spec.name}`
  for (const text of [spec.trust, spec.policy]) if (text !== undefined) parsePolicy(text)
  const policies = new Map(spec.policy === undefined ? [] : [['inline', spec.policy]])
  const { name, trust, maxSessionSeconds = 3600, sessionSeconds = null } = spec
  const history = [{ from: Number.NEGATIVE_INFINITY, policies }]
  world.roles.set(arn, {
    name: name.split('/').at(-1) ?? name,
    arn,
    id: drawId('AROA'),
    trust,
    maxSessionSeconds,
    sessionSeconds,
    history,
  })
}

/** Gives the user one more long-lived access key; makes the user if there is none of that name. */
export function addUserWithKey(world: World, spec: UserSpec): AccessKey {
  const { accessKeyId, secretAccessKey } = addKey(world, world.users.get(spec.name) ?? addUser(world, spec))
  return { accessKeyId, secretAccessKey }
}

function addUser(world: World, spec: UserSpec): User {
  if (spec.policy !== undefined) parsePolicy(spec.policy)
  const prefix = `arn:${world.partition.name}:iam::${world.account}`
  const seed = spec.mfaSeed
  const user: User = {
    name: spec.name,
    arn: `${prefix}:user/${spec.name}`,
    id: drawId('AIDA'),
    policies: new Map(spec.policy === undefined ? [] : [['inline', spec.policy]]),
    mfa: seed === undefined ? null : { serial: `${prefix}:mfa/${spec.name}`, seed: seedBytes(seed), lastStep: -1 },
  }
  world.users.set(spec.name, user)
  return user
}

/** A fresh long-lived key of a user; the two-key limit is IAM's to guard. */
export function addKey(world: World, user: User): Key {
  const key: Key = {
    accessKeyId: drawId('AKIA'),
    secretAccessKey: drawSecret(),
    active: true,
    caller: { is: 'user', user },
    token: null,
    created: world.now(),
    expires: Number.POSITIVE_INFINITY,
    lastUsed: null,
  }
  world.keys.set(key.accessKeyId, key)
  return key
}

/** Puts a session's key into the world. */
export function addSession(
  world: World,
  caller: RoleSession | UserSession,
  expires: number,
): AccessKey & { token: string } {
  const drawn = {
    accessKeyId: drawId('ASIA'),
    secretAccessKey: drawSecret(),
    token: randomBytes(360).toString('base64'),
  }
  world.keys.set(drawn.accessKeyId, { ...drawn, active: true, caller, created: world.now(), expires, lastUsed: null })
  return drawn
}

/** The long-lived keys of a user, the oldest first. */
export function keysOf(world: World, user: User): Key[] {
  return [...world.keys.values()].filter(({ caller }) => caller.is === 'user' && caller.user.id === user.id)
}

/** @throws {AwsError} NoSuchEntity */
export function userNamed(world: World, name: string): User {
  const user = world.users.get(name)
  if (!user) throw noSuchEntity(`user with name ${name}`)
  return user
}

/** @throws {AwsError} NoSuchEntity */
export function roleNamed(world: World, name: string): Role {
  const role = [...world.roles.values()].find((one) => one.name === name)
  if (!role) throw noSuchEntity(`role with name ${name}`)
  return role
}

/** A role's inline policies as IAM has them. */
export function policiesOf(role: Role): ReadonlyMap<string, string> {
  return role.history.at(-1)?.policies ?? new Map()
}

/** A role's inline policies as they are felt by now. */
export function policiesFelt(world: World, role: Role): Policy[] {
  const felt = role.history.findLast(({ from }) => from <= world.now())?.policies ?? new Map<string, string>()
  const policies = [...felt.values()].map(parsePolicy)
  if (!world.withoutConditions) return policies
  return policies.map((policy) => ({
    ...policy,
    Statement: policy.Statement.map((one) => ({ ...one, Condition: undefined })),
  }))
}

/** Puts or (null) deletes one inline policy of a role; felt after the world's propagation. */
export function changePolicy(world: World, role: Role, name: string, text: string | null): void {
  const policies = new Map(policiesOf(role))
  if (text === null) policies.delete(name)
  else policies.set(name, text)
  role.history.push({ from: world.now() + world.propagationMs, policies })
}

/** Replaces a role's trust policy; `trust` is IAM JSON. */
export function setTrust(world: World, arn: string, trust: string): void {
  const role = world.roles.get(arn)
  if (!role) throw new TypeError(`no role ${arn}`)
  parsePolicy(trust)
  world.roles.set(arn, { ...role, trust })
}

/** Turns a long-lived key off or on. */
export function setActive(world: World, accessKeyId: string, active: boolean): void {
  const key = world.keys.get(accessKeyId)
  if (!key) throw new TypeError(`no access key ${accessKeyId}`)
  key.active = active
}

/** The key of an id, if it is on and its token is the right one. @throws {AwsError} InvalidClientTokenId */
export function keyOf(world: World, accessKeyId: string, token: string | null): Key {
  const key = world.keys.get(accessKeyId)
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
