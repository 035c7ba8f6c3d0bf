import { type Aim, type Fault, faultQueue } from './faults.ts'
import { type LoggedCall, openRegion, type Shared } from './region.ts'
import {
  type AccessKey,
  addAccessKey,
  createWorld,
  type RoleSpec,
  setActive,
  setTrust,
  type UserSpec,
} from './world.ts'

export const ACCOUNT = '111122223333'
export const ROLE_NAME = 'lockbox-break-glass'
const USER_NAME = 'lockbox-emergency'
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/${ROLE_NAME}`
const ACTIONS = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']

/** The user whose key a plan entrusts: it may do nothing but assume the emergency role. */
export const EMERGENCY_USER: UserSpec = {
  name: USER_NAME,
  policy: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ACTIONS, Resource: ROLE_ARN }],
  }),
}

/** The emergency role, trusting the account as docs and templates of AWS do. */
export const EMERGENCY_ROLE: RoleSpec = {
  name: ROLE_NAME,
  trust: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: ACTIONS }],
  }),
  policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
  maxSessionSeconds: 3600,
}

/** All optional: without any, two regions, {@link EMERGENCY_USER} and {@link EMERGENCY_ROLE}. */
export interface SandboxOptions {
  readonly regions?: readonly string[]
  /** Sessions end this many seconds after they began, however long was asked for. */
  readonly sessionSeconds?: number
  readonly users?: readonly UserSpec[]
  readonly roles?: readonly RoleSpec[]
  /** AWS's clock, milliseconds; the machine's if left out. */
  readonly clock?: () => number
}

/** A running sandbox and everything that a test may do to it. */
export interface Sandbox {
  readonly account: string
  readonly roleArn: string
  /** As in a plan's `access.regions`. */
  readonly regions: readonly { readonly region: string; readonly endpoint: string }[]
  readonly endpoints: Readonly<Record<string, string>>
  /** The first user's long-lived key. */
  readonly accessKey: AccessKey
  readonly accessKeys: ReadonlyMap<string, AccessKey>
  /** Every call so far, in order; no secrets in it. */
  readonly log: readonly LoggedCall[]
  fault(fault: Fault, aim?: Aim): void
  setDown(region: string, down: boolean): Promise<void>
  /** Shifts AWS's clock as a whole (Date headers, signature checks, expiry). */
  setClockSkew(ms: number): void
  /** Shifts the Date header alone. */
  setDateSkew(ms: number): void
  setActive(accessKeyId: string, active: boolean): void
  /** Replaces the trust policy of the first role; `trust` is IAM JSON. */
  setTrust(trust: string): void
  addAccessKey(user: UserSpec): AccessKey
  close(): Promise<void>
}

/** Starts the sandbox on free loopback ports. Everything in it lives and dies with this process. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { users = [EMERGENCY_USER], roles = [EMERGENCY_ROLE], regions = ['eu-central-1', 'eu-west-1'] } = options
  const clock = options.clock ?? Date.now
  let skewMs = 0
  const { world, accessKeys } = createWorld(ACCOUNT, users, roles, () => clock() + skewMs)
  const [accessKey] = accessKeys.values()
  if (!accessKey) throw new TypeError('the sandbox needs a user')
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/${roles[0]?.name ?? ROLE_NAME}`
  const log: LoggedCall[] = []
  const faults = faultQueue()
  const shared: Shared = { world, sessionSeconds: options.sessionSeconds ?? null, faults, log, dateSkewMs: 0 }
  const opened = await Promise.all(regions.map((region) => openRegion(region, shared)))
  return {
    account: ACCOUNT,
    roleArn,
    regions: opened.map(({ region, endpoint }) => ({ region, endpoint })),
    endpoints: Object.fromEntries(opened.map(({ region, endpoint }) => [region, endpoint])),
    accessKey,
    accessKeys,
    log,
    fault: (fault, aim) => faults.add(fault, aim),
    setDown: async (region, down) => {
      const found = opened.find((one) => one.region === region)
      if (!found) throw new TypeError(`no region ${region}`)
      await found.setDown(down)
    },
    setClockSkew: (ms) => void (skewMs = ms),
    setDateSkew: (ms) => void (shared.dateSkewMs = ms),
    setActive: (accessKeyId, active) => setActive(world, accessKeyId, active),
    setTrust: (trust) => setTrust(world, roleArn, trust),
    addAccessKey: (user) => addAccessKey(world, user),
    close: async () => {
      await Promise.all(opened.map((region) => region.setDown(true)))
    },
  }
}
