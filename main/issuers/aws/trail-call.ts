import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { boundedBody } from './bounded-body.ts'
import { type Endpoint, type Keys, MEASURE, measuring, type OneCall, settings } from './client.ts'
import { cloudTrail } from './load-sdk.ts'

/**
 * A CloudTrail client as `oneCall` makes one of STS. What it is answered is bounded before anything of it is parsed. Not in
 * `client.ts`: whoever issues never reads a record.
 *
 * @throws {EvidenceError} as {@link boundedBody}, from its calls.
 */
export async function trailCall(at: Endpoint, keys: Keys, timeoutMs: number): Promise<OneCall<CloudTrailClient>> {
  const { CloudTrailClient } = await cloudTrail()
  const client = new CloudTrailClient(settings(at, keys, timeoutMs))
  const { skewMs, around } = measuring()
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await around(() => next(args))
      await boundedBody(result.response)
      return result
    },
    MEASURE,
  )
  return { client, skewMs }
}
