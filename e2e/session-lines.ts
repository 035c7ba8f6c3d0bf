import type { standingOf } from '../main/issuers/aws/identity.ts'

/** The session in environment lines as the app copies them, for asking AWS with it. */
export function sessionFromLines(lines: string): Parameters<typeof standingOf>[0] {
  const value = (name: string): string => {
    const found = new RegExp(`^ export ${name}='([^']*)'$`, 'm').exec(lines)?.[1]
    if (found === undefined) throw new Error(`the copied lines do not set ${name}`)
    return found
  }
  return {
    accessKeyId: value('AWS_ACCESS_KEY_ID'),
    secretAccessKey: value('AWS_SECRET_ACCESS_KEY'),
    sessionToken: value('AWS_SESSION_TOKEN'),
    region: value('AWS_DEFAULT_REGION'),
    expiration: Date.parse(value('AWS_CREDENTIAL_EXPIRATION')),
  }
}
