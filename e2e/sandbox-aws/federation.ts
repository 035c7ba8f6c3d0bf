import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { World } from './world.ts'

const sessionSchema = z.strictObject({ sessionId: z.string(), sessionKey: z.string(), sessionToken: z.string() })
/** How long a sign-in token may be used. */
const TOKEN_MS = 15 * 60_000

/** An answer over HTTP that is none of the query protocol. */
export interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly location?: string
}

/** AWS's sign-in endpoint for federation: `getSigninToken`, then `login` with the token. */
export type SignIn = (target: string) => Page

/** A sign-in endpoint of the world; tokens live in it. */
export function signIn(world: World): SignIn {
  const tokens = new Map<string, { readonly arn: string; readonly until: number }>()
  return (target) => {
    const url = new URL(target, 'http://sandbox')
    if (url.pathname !== '/federation') return refused(404, 'Not found')
    const query = url.searchParams
    if (query.get('Action') === 'getSigninToken') return tokenPage(world, query, tokens)
    if (query.get('Action') === 'login') return loginPage(world, query, tokens)
    return refused(400, 'Invalid Action')
  }
}

function tokenPage(
  world: World,
  query: URLSearchParams,
  tokens: Map<string, { readonly arn: string; readonly until: number }>,
): Page {
  const session = parsed(query.get('Session') ?? '')
  const key = session === null ? undefined : world.keys.get(session.sessionId)
  const isGood = session !== null && key?.secretAccessKey === session.sessionKey && key.token === session.sessionToken
  if (!key || !isGood || world.now() >= key.expires) return refused(400, 'Invalid session')
  // AWS takes sessions of roles and of GetFederationToken alone.
  if (key.caller.is !== 'role-session') return refused(400, 'Invalid session')
  const seconds = query.get('SessionDuration')
  const isDuration = seconds === null || (/^\d+$/.test(seconds) && Number(seconds) >= 900 && Number(seconds) <= 43_200)
  if (!isDuration || (seconds !== null && key.caller.chained)) return refused(400, 'Invalid SessionDuration')
  const SigninToken = randomBytes(96).toString('base64url')
  tokens.set(SigninToken, { arn: key.caller.roleArn, until: world.now() + TOKEN_MS })
  return { status: 200, type: 'application/json', body: JSON.stringify({ SigninToken }) }
}

function loginPage(
  world: World,
  query: URLSearchParams,
  tokens: ReadonlyMap<string, { readonly arn: string; readonly until: number }>,
): Page {
  const token = tokens.get(query.get('SigninToken') ?? '')
  const destination = query.get('Destination') ?? ''
  if (!token || world.now() >= token.until) return refused(400, 'Invalid SigninToken')
  if (!isConsole(world, destination)) return refused(400, 'Invalid Destination')
  return { status: 302, type: 'text/html', body: '', location: destination }
}

/** The partition's console, or that of one of its regions. */
function isConsole({ partition }: World, destination: string): boolean {
  if (!URL.canParse(destination)) return false
  const { protocol, host } = new URL(destination)
  const { host: own } = new URL(partition.console)
  return (
    protocol === 'https:' &&
    (host === own || (host.endsWith(`.${own}`) && /^[a-z0-9-]+$/.test(host.slice(0, -own.length - 1))))
  )
}

function parsed(text: string): z.output<typeof sessionSchema> | null {
  try {
    return sessionSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function refused(status: number, body: string): Page {
  return { status, type: 'text/html', body }
}
