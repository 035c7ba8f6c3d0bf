import type { AwsSession } from '../issuers/aws/session.ts'

/** The shells whose spelling we know. */
export type ShellDialect = 'posix' | 'powershell'

/** What every handout begins with. */
interface Handout {
  readonly session: AwsSession
  /** Where the session was issued; named in the lines only if it is not AWS's own address. */
  readonly endpoint: string
}

const AWS_OWN = /^https:\/\/sts\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/

/**
 * Lines to paste into a shell, one variable each. The region comes as AWS_DEFAULT_REGION, so that one chosen by the
 * person stays; the expiration so that tools which know it stop in time.
 */
export function environmentLines({ session, endpoint }: Handout, dialect: ShellDialect): string {
  const variables: [string, string][] = [
    ['AWS_ACCESS_KEY_ID', session.accessKeyId],
    ['AWS_SECRET_ACCESS_KEY', session.secretAccessKey],
    ['AWS_SESSION_TOKEN', session.sessionToken],
    ['AWS_CREDENTIAL_EXPIRATION', isoTime(session.expiration)],
    ['AWS_DEFAULT_REGION', session.region],
  ]
  if (!AWS_OWN.test(endpoint)) variables.push(['AWS_ENDPOINT_URL_STS', endpoint])
  return `${variables.map(([name, value]) => lineFor(name, value, dialect)).join('\n')}\n`
}

/**
 * A profile for the AWS credentials file.
 *
 * @param name - of the profile; letters, digits and hyphens.
 */
export function profileText({ session }: Pick<Handout, 'session'>, name: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(name)) throw new TypeError('expected a profile name of letters, digits and hyphens')
  const lines = [
    `[${name}]`,
    `aws_access_key_id = ${session.accessKeyId}`,
    `aws_secret_access_key = ${session.secretAccessKey}`,
    `aws_session_token = ${session.sessionToken}`,
    `region = ${session.region}`,
    `# ends ${isoTime(session.expiration)}`,
  ]
  return `${lines.join('\n')}\n`
}

// Quoted whole, so that no character of a token can mean anything to the shell.
function lineFor(name: string, value: string, dialect: ShellDialect): string {
  if (dialect === 'powershell') return `$Env:${name} = '${value.replaceAll("'", "''")}'`
  return `export ${name}='${value.replaceAll("'", `'\\''`)}'`
}

function isoTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}
