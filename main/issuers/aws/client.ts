import type { STSClient, STSClientConfig } from '@aws-sdk/client-sts'
import { sts } from './load-sdk.ts'
import { skewFrom } from './skew.ts'

/** The keys a call is signed with: always given, never looked for. */
export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** One endpoint for one call. */
export interface Endpoint {
  readonly region: string
  readonly endpoint: string
}

/** A client for one call, and the skew measured by its answer. */
export interface OneCall {
  readonly client: STSClient
  /** The service's clock minus ours, milliseconds; null until an answer with a date has come. */
  readonly skewMs: () => number | null
}

/** What carries a request and brings its answer, in place of the network. */
export type Wire = NonNullable<STSClientConfig['requestHandler']>

/**
 * An STS client that takes nothing from its surroundings: every setting that it would otherwise look up in the
 * environment, in ~/.aws or at the metadata address is given here. One attempt: going on elsewhere is our decision.
 *
 * @param wire - the network, unless told otherwise.
 */
export async function oneCall(
  { region, endpoint }: Endpoint,
  keys: Keys,
  timeoutMs: number,
  wire: Wire = network(timeoutMs),
): Promise<OneCall> {
  const { STSClient } = await sts()
  const client = new STSClient({
    region,
    endpoint,
    credentials: { ...keys },
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useGlobalEndpoint: false,
    ignoreConfiguredEndpointUrls: true,
    authSchemePreference: ['sigv4'],
    sigv4aSigningRegionSet: [region],
    userAgentAppId: 'lockbox',
    requestHandler: wire,
  })
  let skew: number | null = null
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = Date.now()
      const result = await next(args)
      skew = skewFrom(dateOf(result.response), sentAt, Date.now())
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'measureSkew' },
  )
  return { client, skewMs: () => skew }
}

/** How long connecting may take: three round trips over a satellite and back. */
const CONNECT_MS = 1500

/** Connecting may take half of the whole at most, so that "never connected" is told apart from "connected, no answer". */
function network(timeoutMs: number): Wire {
  return {
    connectionTimeout: Math.min(CONNECT_MS, Math.ceil(timeoutMs / 2)),
    requestTimeout: timeoutMs,
    throwOnRequestTimeout: true,
  }
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined
  const { headers } = response
  if (typeof headers !== 'object' || headers === null) return undefined
  const date: unknown = Reflect.get(headers, 'date')
  return typeof date === 'string' ? date : undefined
}
