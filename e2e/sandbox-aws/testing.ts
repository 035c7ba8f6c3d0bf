import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { IAMClient } from '@aws-sdk/client-iam'
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type AssumeRoleCommandOutput,
  STSClient,
} from '@aws-sdk/client-sts'
import { afterEach, beforeEach } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts'

/** What a caller of AWS signs with. */
export type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

/** The clock of the sandbox and of whoever calls it; it stands until a test moves it. Milliseconds. */
export const time = { now: 0 }

/** The sandbox of the test that runs now, from {@link start} on. */
export let sandbox: Sandbox

beforeEach(() => {
  time.now = Date.now()
})
afterEach(() => sandbox.close())

/** Starts the sandbox of a test; it is closed when the test ends. */
export async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ clock: () => time.now, ...options })
}

/** AWS's own client of a region; `scope` is the region that it signs for. */
export function sts(keys: Keys = sandbox.accessKey, region = 'eu-central-1', scope = region): STSClient {
  const endpoint = sandbox.endpoints[region]
  if (endpoint === undefined) throw new TypeError(`no ${region}`)
  return new STSClient({
    region: scope,
    endpoint,
    credentials: keys,
    maxAttempts: 1,
    systemClockOffset: time.now - Date.now(),
  })
}

/** AWS's own client of IAM. */
export function iam(keys: Keys = sandbox.accessKey): IAMClient {
  return new IAMClient({ ...sandbox.iam, credentials: keys, maxAttempts: 1, systemClockOffset: time.now - Date.now() })
}

/** AWS's own client of a region's CloudTrail. */
export function trail(keys: Keys = sandbox.accessKey, region = 'eu-central-1'): CloudTrailClient {
  const endpoint = sandbox.trails[region]
  if (endpoint === undefined) throw new TypeError(`no ${region}`)
  const systemClockOffset = time.now - Date.now()
  return new CloudTrailClient({ region, endpoint, credentials: keys, maxAttempts: 1, systemClockOffset })
}

/** The keys in an answer of STS. */
export function keysIn({ Credentials: got }: Pick<AssumeRoleCommandOutput, 'Credentials'>): Required<Keys> {
  return {
    accessKeyId: got?.AccessKeyId ?? '',
    secretAccessKey: got?.SecretAccessKey ?? '',
    sessionToken: got?.SessionToken ?? '',
  }
}

/** Assumes the sandbox's role for 15 minutes. */
export function assume(change: Partial<AssumeRoleCommandInput> = {}, keys?: Keys): Promise<AssumeRoleCommandOutput> {
  const input = { RoleArn: sandbox.roleArn, RoleSessionName: 'lb-case-1', DurationSeconds: 900, ...change }
  return sts(keys).send(new AssumeRoleCommand(input))
}
