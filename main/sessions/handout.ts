import type { UnixMilliseconds } from '../../shared/bytes.ts'
import type { ProcessCredentials } from '../handout/wire.ts'
import type { AwsSession } from '../issuers/aws/session.ts'

/** The shells whose spelling we know. */
export type ShellDialect = 'posix' | 'powershell'

/** What every handout begins with. */
interface Handout {
  readonly session: AwsSession
  /** Where the session was issued; named in the lines only if it is not AWS's own address. */
  readonly endpoint: string
  /** When it ends by this device's clock, by which programs go. */
  readonly ends: UnixMilliseconds
}

const AWS_OWN = /^https:\/\/sts\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/

/**
 * What the same shell may still have of another session or tool: with a profile named, some SDKs take that instead of the lines,
 * some take the old name of the token, and the lines of a session of another server name that.
 */
const NOT_BESIDE = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SECURITY_TOKEN', 'AWS_ENDPOINT_URL_STS']

/**
 * Lines to paste into a shell, one variable each, after taking away what would have some program use another session. The region
 * comes as AWS_DEFAULT_REGION, so that one chosen by the person stays; the expiration so that tools which know it stop in time.
 */
export function environmentLines(handout: Handout, dialect: ShellDialect): string {
  const without = NOT_BESIDE.map((name) => (dialect === 'powershell' ? `$Env:${name} = $null` : `unset ${name}`))
  const variables = Object.entries(environmentOf(handout)).map(([name, value]) => lineFor(name, value, dialect))
  // A shell that may leave lines out of its history, as Debian's bash does, leaves out those that begin with a space.
  const lead = dialect === 'posix' ? ' ' : ''
  return `${[...without, ...variables].map((line) => lead + line).join('\n')}\n`
}

/** The same variables, for a shell that is started with them. */
export function environmentOf({ session, endpoint, ends }: Handout): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    AWS_CREDENTIAL_EXPIRATION: isoTime(ends),
    AWS_DEFAULT_REGION: session.region,
    ...(AWS_OWN.test(endpoint) ? {} : { AWS_ENDPOINT_URL_STS: endpoint }),
  }
}

/** What of a session nobody else may see. */
export function secretsOf({ session }: Pick<Handout, 'session'>): readonly string[] {
  return [session.secretAccessKey, session.sessionToken]
}

/** The session as programs of AWS expect it of a `credential_process`. */
export function processCredentials({ session, ends }: Pick<Handout, 'session' | 'ends'>): ProcessCredentials {
  return {
    Version: 1,
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: isoTime(ends),
  }
}

// Quoted whole, so that no character of a token can mean anything to the shell.
function lineFor(name: string, value: string, dialect: ShellDialect): string {
  if (dialect === 'powershell') return `$Env:${name} = '${value.replaceAll("'", "''")}'`
  return `export ${name}='${value.replaceAll("'", `'\\''`)}'`
}

// Whole seconds, as AWS writes them.
function isoTime(time: UnixMilliseconds): string {
  return new Date(Math.floor(time / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}
