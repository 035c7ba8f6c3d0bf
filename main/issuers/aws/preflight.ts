import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { performance } from 'node:perf_hooks'
import type { Access, Reachability } from '../issuer.ts'
import { skewFrom } from './skew.ts'

/** Short, since people wait for it: an endpoint that needs longer is no good for an emergency. */
const PREFLIGHT_TIMEOUT_MS = 3000

/**
 * Asks every endpoint of a plan at once whether it is there and what time it is, by a bare GET without credential,
 * cookie or redirect; any HTTP answer will do.
 *
 * @returns one report an endpoint, in the plan's order; never rejects for what the network does.
 */
export async function preflight(
  { regions }: Pick<Access, 'regions'>,
  timeoutMs: number = PREFLIGHT_TIMEOUT_MS,
): Promise<readonly Reachability[]> {
  return Promise.all(
    regions.map(async ({ region, endpoint }) => ({ region, endpoint, ...(await askTime(endpoint, timeoutMs)) })),
  )
}

function askTime(endpoint: string, timeoutMs: number): Promise<Pick<Reachability, 'reachable' | 'skewMs' | 'tookMs'>> {
  const begun = performance.now()
  const sentAt = Date.now()
  const took = () => Math.round(performance.now() - begun)
  const ask = endpoint.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    const request = ask(
      endpoint,
      { method: 'GET', agent: false, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        resolve({ reachable: true, skewMs: skewFrom(response.headers.date, sentAt, Date.now()), tookMs: took() })
        response.destroy()
      },
    )
    request.on('error', () => resolve({ reachable: false, skewMs: null, tookMs: took() }))
    request.end()
  })
}
