import { regionsToAsk } from '../../../shared/evidence/unreached.ts'
import { partitionOfArn, partitionOfRegion } from '../../../shared/org/aws-partition.ts'
import type { Access } from '../issuer.ts'
import type { Endpoint } from './client.ts'
import { OF_AWS } from './console-link.ts'
import { LookupError } from './lookup-error.ts'

/** AWS's endpoint of CloudTrail (docs.aws.amazon.com/general/latest/gr/ct.html). */
function trailEndpoint(region: string): string {
  return `https://cloudtrail.${region}.amazonaws.com${partitionOfRegion(region) === 'aws-cn' ? '.cn' : ''}`
}

/**
 * Where CloudTrail is asked about an access: in the regions of the plan, and in that in which its partition records what has
 * no region, such as IAM.
 *
 * @param instead - endpoints in the place of AWS's, by region, for a sandbox; null for AWS's own.
 * @throws {LookupError} `lookup-not-aws` if the sessions are of a server, or in a partition, whose CloudTrail is not known.
 */
export function trailEndpoints(access: Access, instead: Readonly<Record<string, string>> | null): Endpoint[] {
  const partition = partitionOfArn(access.roleArn)
  const isOfAws = instead !== null || access.regions.every(({ endpoint }) => OF_AWS.test(endpoint))
  if (partition === null || !isOfAws)
    throw new LookupError(
      'lookup-not-aws',
      'This access is of a server whose CloudTrail Lockbox does not know. Attach files of its trail.',
    )
  return regionsToAsk(access).map((region) => {
    const endpoint = instead === null ? trailEndpoint(region) : instead[region]
    if (endpoint === undefined)
      throw new LookupError('lookup-not-aws', `No CloudTrail is given for ${region}. Attach files of a trail.`)
    return { region, endpoint }
  })
}
