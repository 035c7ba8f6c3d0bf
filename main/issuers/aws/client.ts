import type { IAMClient } from '@aws-sdk/client-iam'
import type { STSClient, STSClientConfig } from '@aws-sdk/client-sts'
import { iam, sts } from './load-sdk.ts'
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
export interface OneCall<Client = STSClient> {
  readonly client: Client
  /** The service's clock minus ours, milliseconds; null until an answer with a date has come. */
  readonly skewMs: () => number | null
}

/** What carries a request and brings its answer, in place of the network. */
export type Wire = NonNullable<STSClientConfig['requestHandler']>

/**
 * An STS client that takes nothing from its surroundings.
 *
 * @param wire - the network, unless told otherwise.
 */
export async function oneCall(at: Endpoint, keys: Keys, timeoutMs: number, wire?: Wire): Promise<OneCall> {
  const { STSClient } = await sts()
  const client = new STSClient({ ...settings(at, keys, timeoutMs, wire), useGlobalEndpoint: false })
  const { skewMs, around } = measuring()
  client.middlewareStack.add((next) => (args) => around(() => next(args)), MEASURE)
  return { client, skewMs }
}

/**
 * An IAM client in the same way. It never repeats a call by itself: a CreateAccessKey whose answer got lost would make a
 * second key that nobody knows of.
 */
export async function iamCall(at: Endpoint, keys: Keys, timeoutMs: number): Promise<OneCall<IAMClient>> {
  const { IAMClient } = await iam()
  const client = new IAMClient(settings(at, keys, timeoutMs))
  const { skewMs, around } = measuring()
  client.middlewareStack.add((next) => (args) => around(() => next(args)), MEASURE)
  return { client, skewMs }
}

/** Where a client's answers are looked at, as they come. */
export const MEASURE = { step: 'deserialize', priority: 'low', name: 'measureSkew' } as const

/** Measures the skew by the answers of the calls that go through `around`. */
export function measuring() {
  let skew: number | null = null
  return {
    skewMs: () => skew,
    around: async <Result extends { readonly response: unknown }>(call: () => Promise<Result>): Promise<Result> => {
      const sentAt = Date.now()
      const result = await call()
      skew = skewFrom(dateOf(result.response), sentAt, Date.now())
      return result
    },
  }
}

/**
 * Every setting that a client would otherwise look up in the environment, in ~/.aws or at the metadata address. One
 * attempt: going on elsewhere, or once more, is our decision.
 */
export function settings(
  { region, endpoint }: Endpoint,
  keys: Keys,
  timeoutMs: number,
  wire: Wire = network(timeoutMs),
) {
  return {
    region,
    endpoint,
    credentials: { ...keys },
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard' as const,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    ignoreConfiguredEndpointUrls: true,
    authSchemePreference: ['sigv4'],
    sigv4aSigningRegionSet: [region],
    userAgentAppId: 'lockbox',
    requestHandler: wire,
  }
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
