import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { LockboxError } from '../../../shared/errors.ts'
import * as z from '../../../shared/zod.ts'
import { within } from '../../within.ts'
import type { Access } from '../issuer.ts'
import type { Endpoint } from './client.ts'
import { type Answered, askRegions } from './failover.ts'
import type { Failure } from './failure.ts'
import type { AwsSession } from './session.ts'

export type ConsoleErrorCode = 'console-refused' | 'console-unreachable' | 'not-aws'
/** Why there is no link into the console. */
export class ConsoleError extends LockboxError<ConsoleErrorCode> {}

/** Where a session is turned into a link, and where that leads. */
export interface SignIn {
  /** Federation endpoints, the one to be asked first in front. */
  readonly endpoints: readonly Endpoint[]
  readonly destination: string
  /** Whether another role or GetSessionToken lies on the way: AWS says that it gives no link then. */
  readonly isReachedOver: boolean
}

/** A partition's sign-in and console; `home` is the region whose endpoint bears no region in its name. */
interface Site {
  readonly signIn: string
  readonly console: string
  readonly home: string
  /** Whether other regions have a sign-in endpoint that is known here. */
  readonly hasOthers: boolean
}

// docs.aws.amazon.com/general/latest/gr/signin-service.html
const SITES: Readonly<Record<string, Site>> = {
  aws: { signIn: 'signin.aws.amazon.com', console: 'console.aws.amazon.com', home: 'us-east-1', hasOthers: true },
  'aws-us-gov': {
    signIn: 'signin.amazonaws-us-gov.com',
    console: 'console.amazonaws-us-gov.com',
    home: 'us-gov-west-1',
    hasOthers: true,
  },
  'aws-cn': {
    signIn: 'signin.amazonaws.cn',
    console: 'console.amazonaws.cn',
    home: 'cn-north-1',
    hasOthers: false,
  },
}

/** Endpoints of AWS itself: nobody else is sent a session, or a call that one signed. */
export const OF_AWS = /^https:\/\/[a-z0-9.-]+\.amazonaws\.com(\.cn)?(:443)?$/

/**
 * Where a session of that access signs in: at its own region first, then at the plan's others, then at the partition's home.
 *
 * @param issuedAt - where the session was issued.
 * @param instead - a sign-in endpoint in the place of AWS's, for a sandbox; null for AWS's own.
 * @throws {ConsoleError} `not-aws` if the session is of a server, or in a partition, whose sign-in is not known.
 */
export function signInOf(access: Access, issuedAt: Endpoint, instead: string | null): SignIn {
  const site = SITES[access.roleArn.split(':')[1] ?? '']
  if (site === undefined || (instead === null && !OF_AWS.test(issuedAt.endpoint)))
    throw new ConsoleError('not-aws', 'This session is of a server whose console Lockbox does not know.')
  const { region } = issuedAt
  const regions = [...new Set([region, ...access.regions.map((one) => one.region), site.home])]
  const isHome = (one: string): boolean => one === site.home || !site.hasOthers
  const endpoints = regions.map((one) => ({
    region: one,
    endpoint: `https://${isHome(one) ? '' : `${one}.`}${site.signIn}/federation`,
  }))
  const host = region === 'cn-north-1' ? site.console : `${region}.${site.console}`
  return {
    endpoints:
      instead === null
        ? endpoints.filter((one, at) => endpoints.findIndex(({ endpoint }) => endpoint === one.endpoint) === at)
        : [{ region, endpoint: `${instead}/federation` }],
    destination: `https://${host}/console/home?region=${region}`,
    isReachedOver: access.chain !== undefined || access.sessionToken === true,
  }
}

/** When the next endpoint is asked as well, milliseconds. */
const PATIENCE_MS = 1_800
/** How long one endpoint may take in all, milliseconds. */
const TIMEOUT_MS = 10_000
const MAX_BYTES = 64 * 1024

/**
 * A link by which a browser signs in to the console with this session. It is a secret, good for 15 minutes. How long one
 * signs in for is not said, so that it is what is left of the session, and AWS refuses nothing for it.
 *
 * @throws {ConsoleError} `console-refused`, `console-unreachable`; no message holds what was sent or answered.
 */
export async function consoleLink(session: AwsSession, signIn: SignIn): Promise<string> {
  const { accessKeyId: sessionId, secretAccessKey: sessionKey, sessionToken } = session
  const Session = JSON.stringify({ sessionId, sessionKey, sessionToken })
  const query = new URLSearchParams({ Action: 'getSigninToken', Session }).toString()
  const { got, failure } = await askRegions(
    signIn.endpoints,
    ({ endpoint }, signal) => tokenFrom(`${endpoint}?${query}`, signal),
    PATIENCE_MS,
  )
  if (got === null) throw noLink(failure, signIn)
  const { destination: Destination } = signIn
  const login = new URLSearchParams({ Action: 'login', Destination, SigninToken: got.good }).toString()
  return `${got.at.endpoint}?${login}`
}

function noLink(failure: Failure | null, { endpoints, isReachedOver }: SignIn): ConsoleError {
  const instead = 'Use the environment lines or the AWS CLI profile.'
  if (failure?.code !== 'denied') {
    const hosts = endpoints.map(({ endpoint }) => new URL(endpoint).host).join(', ')
    return new ConsoleError('console-unreachable', `No sign-in of AWS answered (${hosts}). Try again. ${instead}`)
  }
  const why = isReachedOver
    ? 'It says that it gives none to a session that was reached over another role or GetSessionToken, as this plan has it.'
    : 'Perhaps the session was ended there.'
  return new ConsoleError('console-refused', `AWS gives no sign-in to the console for this session. ${why} ${instead}`)
}

const answerSchema = z.object({ SigninToken: z.string().regex(/^[\x21-\x7e]{1,8192}$/) })

function tokenFrom(url: string, signal: AbortSignal): Promise<Answered<string>> {
  return within(signal, TIMEOUT_MS, (both) => tokenUntil(url, both))
}

function tokenUntil(url: string, signal: AbortSignal): Promise<Answered<string>> {
  return new Promise((resolve) => {
    const fail = (failure: Failure) => resolve({ failure, skewMs: null })
    const answered = (response: IncomingMessage) => {
      const status = response.statusCode ?? 0
      const refused = status >= 400 && status < 500 && status !== 429
      if (status !== 200) {
        response.destroy()
        return fail(refused ? REFUSED : UNREACHABLE)
      }
      readAll(response)
        .then((text) => resolve({ good: answerSchema.parse(JSON.parse(text)).SigninToken, skewMs: null }))
        .catch(() => fail(UNREACHABLE))
    }
    // The address holds the session, so nothing of an error is kept. TLS is checked whatever the environment says.
    const options = { agent: false as const, signal }
    const request = url.startsWith('https:')
      ? requestHttps(url, { ...options, rejectUnauthorized: true }, answered)
      : requestHttp(url, options, answered)
    request.on('error', () => fail(UNREACHABLE))
    request.end()
  })
}

const REFUSED: Failure = { code: 'denied', mayExist: false, elsewhere: false, words: '' }
const UNREACHABLE: Failure = { code: 'unreachable', mayExist: false, elsewhere: true, words: '' }

async function readAll(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > MAX_BYTES) throw new RangeError('a longer answer than was expected')
  }
  return text
}
