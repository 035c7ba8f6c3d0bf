import { type Endpoint, type LoggedCall, openService, openSignIn, type Wired } from './endpoint.ts'
import { type Aim, type Fault, faultQueue } from './faults.ts'
import { signIn } from './federation.ts'
import { PARTITIONS, type Partition } from './partition.ts'
import { parsePolicy } from './policy.ts'
import { codeAt, timeStep } from './totp.ts'
import type { TrailEvent } from './trail.ts'
import {
  type AccessKey,
  addRole,
  addUserWithKey,
  createWorld,
  keysOf,
  type RoleSpec,
  setActive,
  setTrust,
  type UserSpec,
  userNamed,
} from './world.ts'

export const ACCOUNT = '111122223333'
export const ROLE_NAME = 'lockbox-break-glass'
const USER_NAME = 'lockbox-emergency'
const REVOKER_NAME = 'lockbox-revoker'
const ROTATOR_NAME = 'lockbox-rotator'
const ACTIONS = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']

const roleNamed = (name: string) => `arn:*:iam::${ACCOUNT}:role/${name}`

/** The user whose key a plan entrusts: it may do nothing but assume the emergency role, the revoker and the rotator. */
export const EMERGENCY_USER: UserSpec = {
  name: USER_NAME,
  policy: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ACTIONS, Resource: [ROLE_NAME, REVOKER_NAME, ROTATOR_NAME].map(roleNamed) }],
  }),
}

/** A trust policy of the account, as docs and templates of AWS have it; with a condition on who may assume. */
export function accountTrust(partition: Partition['name'] = 'aws', condition: object = {}): string {
  const allow = { Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${ACCOUNT}:root` } }
  const [assume, ...carried] = ACTIONS
  const Statement = [
    { ...allow, Action: assume, Condition: condition },
    { ...allow, Action: carried },
  ]
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

/** The emergency role, trusting the account. */
export const EMERGENCY_ROLE: RoleSpec = {
  name: ROLE_NAME,
  trust: accountTrust(),
  policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
  maxSessionSeconds: 3600,
}

/** As long as was asked for, even where the sandbox ends others earlier. */
const WHOLE = Number.POSITIVE_INFINITY

/** What may end sessions of the emergency role, as the templates in docs/aws/ have it. */
export const REVOKER_ROLE: RoleSpec = {
  name: REVOKER_NAME,
  trust: accountTrust(),
  policy: allow(
    ['iam:PutRolePolicy', 'iam:GetRolePolicy', 'iam:DeleteRolePolicy', 'iam:ListRolePolicies'],
    roleNamed(ROLE_NAME),
  ),
  maxSessionSeconds: 43_200,
  sessionSeconds: WHOLE,
}

/** What may replace the emergency user's key, as the templates in docs/aws/ have it. */
export const ROTATOR_ROLE: RoleSpec = {
  name: ROTATOR_NAME,
  trust: accountTrust(),
  policy: allow(
    [
      'iam:ListAccessKeys',
      'iam:CreateAccessKey',
      'iam:UpdateAccessKey',
      'iam:DeleteAccessKey',
      'iam:GetAccessKeyLastUsed',
    ],
    `arn:*:iam::${ACCOUNT}:user/${USER_NAME}`,
  ),
  maxSessionSeconds: 43_200,
  sessionSeconds: WHOLE,
}

function allow(Action: readonly string[], Resource: string): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] })
}

/**
 * All optional: without any, two regions, {@link EMERGENCY_USER}, {@link EMERGENCY_ROLE}, {@link REVOKER_ROLE} and
 * {@link ROTATOR_ROLE}.
 */
export interface SandboxOptions {
  readonly partition?: Partition['name']
  readonly regions?: readonly string[]
  /** Sessions end this many seconds after they began, however long was asked for, unless their role says otherwise, as the two of afterwards do. */
  readonly sessionSeconds?: number
  readonly users?: readonly UserSpec[]
  readonly roles?: readonly RoleSpec[]
  /** IAM JSON of service control policies over the account; none is as good as one that allows everything. */
  readonly scps?: readonly string[]
  /** How long a change of a role's policies takes to be felt, milliseconds; 0 if left out. */
  readonly propagationMs?: number
  /** How long after a call CloudTrail shows it, milliseconds; 0 if left out. */
  readonly trailDelayMs?: number
  /** Condition keys that are missing from every request, as with a server that is less than AWS; `aws:PrincipalTag` means all tags. */
  readonly withoutKeys?: readonly string[]
  /** Condition operators that make a role's policy malformed, as with a server that is less than AWS; without `…IfExists`. */
  readonly withoutOperators?: readonly string[]
  /** Whether a role's policies apply without their conditions, as with a server that is less than AWS. */
  readonly withoutConditions?: boolean
  /** AWS's clock, milliseconds; the machine's if left out. */
  readonly clock?: () => number
}

type At = Pick<Endpoint, 'region' | 'endpoint'>

/** A running sandbox and everything that a test may do to it. */
export interface Sandbox {
  readonly account: string
  readonly partition: Partition
  readonly roleArn: string
  /** STS: as in a plan's `access.regions`. */
  readonly regions: readonly At[]
  readonly endpoints: Readonly<Record<string, string>>
  /** IAM, which has one endpoint for the partition. */
  readonly iam: At
  /** As in a plan's `access`, with {@link REVOKER_ROLE} and {@link ROTATOR_ROLE}. */
  readonly aftercare: {
    readonly iam: At
    readonly revoker: string
    readonly rotator: { readonly roleArn: string; readonly user: string }
  }
  /** CloudTrail, by region; of the partition's IAM region too. */
  readonly trails: Readonly<Record<string, string>>
  /** The sign-in endpoint for federation, without its path. */
  readonly signIn: string
  /** The first user's long-lived key. */
  readonly accessKey: AccessKey
  readonly accessKeys: ReadonlyMap<string, AccessKey>
  /** Every call so far, in order; no secrets in it. */
  readonly log: readonly LoggedCall[]
  /** What CloudTrail records, over all regions. */
  readonly events: readonly TrailEvent[]
  fault(fault: Fault, aim?: Aim): void
  setDown(region: string, down: boolean): Promise<void>
  setIamDown(down: boolean): Promise<void>
  /** Shifts AWS's clock as a whole (Date headers, signature checks, expiry). */
  setClockSkew(ms: number): void
  /** Shifts the Date header alone. */
  setDateSkew(ms: number): void
  /** How long after a call CloudTrail shows it, milliseconds. */
  setTrailDelay(ms: number): void
  setActive(accessKeyId: string, active: boolean): void
  /** Replaces the trust policy of the first role; `trust` is IAM JSON. */
  setTrust(trust: string): void
  /** Replaces all service control policies. */
  setScps(scps: readonly string[]): void
  addAccessKey(user: UserSpec): AccessKey
  addRole(role: RoleSpec): void
  /** Public ids of a user's keys that are on, the oldest first. */
  activeKeys(user: string): readonly string[]
  /** Serial number of a user's MFA device, and what it shows now or some steps of 30 s later. */
  mfa(user: string, stepsLater?: number): { readonly serial: string; readonly code: string }
  close(): Promise<void>
}

/** Starts the sandbox on free loopback ports. Everything in it lives and dies with this process. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const partition = PARTITIONS.find(({ name }) => name === (options.partition ?? 'aws'))
  if (!partition) throw new TypeError(`no partition ${options.partition}`)
  const { users = [EMERGENCY_USER], regions = partition.regions } = options
  const usual = [EMERGENCY_ROLE, REVOKER_ROLE, ROTATOR_ROLE]
  const { roles = usual.map((role) => ({ ...role, trust: accountTrust(partition.name) })) } = options
  const clock = options.clock ?? Date.now
  let skewMs = 0
  const { world, accessKeys } = createWorld({
    account: ACCOUNT,
    partition,
    users,
    roles,
    propagationMs: options.propagationMs ?? 0,
    withoutKeys: new Set(options.withoutKeys?.map((key) => key.toLowerCase())),
    withoutOperators: new Set(options.withoutOperators),
    withoutConditions: options.withoutConditions ?? false,
    now: () => clock() + skewMs,
  })
  world.scps = (options.scps ?? []).map(parsePolicy)
  const [accessKey] = accessKeys.values()
  if (!accessKey) throw new TypeError('the sandbox needs a user')
  const arnOf = (name: string) => `arn:${partition.name}:iam::${ACCOUNT}:role/${name}`
  const roleArn = arnOf(roles[0]?.name ?? ROLE_NAME)
  const { sessionSeconds = null, trailDelayMs = 0 } = options
  const wired: Wired = {
    world,
    sessionSeconds,
    trailDelayMs,
    faults: faultQueue(),
    log: [],
    events: [],
    lookups: new Map(),
    dateSkewMs: 0,
  }
  const sts = await Promise.all(regions.map((region) => openService({ service: 'sts', region }, wired)))
  const iam = await openService({ service: 'iam', region: partition.iamRegion }, wired)
  const iamAt = { region: iam.region, endpoint: iam.endpoint }
  const watched = [...new Set([...regions, partition.iamRegion])]
  const trails = await Promise.all(watched.map((region) => openService({ service: 'cloudtrail', region }, wired)))
  const site = await openSignIn(partition.iamRegion, wired, signIn(world))
  return {
    account: ACCOUNT,
    partition,
    roleArn,
    regions: sts.map(({ region, endpoint }) => ({ region, endpoint })),
    endpoints: byRegion(sts),
    iam: iamAt,
    aftercare: {
      iam: iamAt,
      revoker: arnOf(REVOKER_NAME),
      rotator: { roleArn: arnOf(ROTATOR_NAME), user: users[0]?.name ?? USER_NAME },
    },
    trails: byRegion(trails),
    signIn: site.endpoint,
    accessKey,
    accessKeys,
    log: wired.log,
    events: wired.events,
    fault: (fault, aim) => wired.faults.add(fault, aim),
    setDown: async (region, down) => {
      const found = sts.find((one) => one.region === region)
      if (!found) throw new TypeError(`no region ${region}`)
      await found.setDown(down)
    },
    setIamDown: (down) => iam.setDown(down),
    setClockSkew: (ms) => void (skewMs = ms),
    setDateSkew: (ms) => void (wired.dateSkewMs = ms),
    setTrailDelay: (ms) => void (wired.trailDelayMs = ms),
    setActive: (accessKeyId, active) => setActive(world, accessKeyId, active),
    setTrust: (trust) => setTrust(world, roleArn, trust),
    setScps: (scps) => void (world.scps = scps.map(parsePolicy)),
    addAccessKey: (user) => addUserWithKey(world, user),
    addRole: (role) => addRole(world, role),
    activeKeys: (user) => keysOf(world, userNamed(world, user)).flatMap((key) => (key.active ? [key.accessKeyId] : [])),
    mfa: (user, stepsLater = 0) => {
      const device = userNamed(world, user).mfa
      if (!device) throw new TypeError(`${user} has no MFA device`)
      return { serial: device.serial, code: codeAt(device.seed, timeStep(world.now()) + stepsLater) }
    },
    close: async () => {
      await Promise.all([...sts, iam, ...trails, site].map((endpoint) => endpoint.setDown(true)))
    },
  }
}

function byRegion(all: readonly Endpoint[]): Readonly<Record<string, string>> {
  return Object.fromEntries(all.map(({ region, endpoint }) => [region, endpoint]))
}
