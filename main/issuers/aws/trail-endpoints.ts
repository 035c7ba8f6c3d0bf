import { regionsToAsk } from '../../../shared/evidence/unreached.ts'
import { partitionOfArn, partitionOfRegion, stsEndpoint } from '../../../shared/org/aws-partition.ts'
import type { Access } from '../issuer.ts'
import type { Endpoint } from './client.ts'
import { OF_AWS } from './console-link.ts'
import { LookupError } from './lookup-error.ts'

/** AWS's endpoint of CloudTrail (docs.aws.amazon.com/general/latest/gr/ct.html). */
function trailEndpoint(region: string): string {
  return `https://cloudtrail.${region}.amazonaws.com${partitionOfRegion(region) === 'aws-cn' ? '.cn' : ''}`
}

/** As `--aws-trail` takes them. */
const ON_THIS_COMPUTER = /^http:\/\/(127\.0\.0\.1|localhost):\d{1,5}$/

/**
 * Where STS is asked whose account credentials for reading are of: AWS's own in the regions of the plan. What a plan names as its
 * endpoint may be somebody's under a name of AWS's, such as an API Gateway, who would get a signed call and could answer what they like.
 *
 * @param instead - as for {@link trailEndpoints}: with it, the plan's endpoints on this computer alone.
 */
export function accountEndpoints(
  { regions }: Pick<Access, 'regions'>,
  instead: Readonly<Record<string, string>> | null,
): Endpoint[] {
  return instead === null
    ? regions.map(({ region }) => ({ region, endpoint: stsEndpoint(region) }))
    : regions.filter(({ endpoint }) => ON_THIS_COMPUTER.test(endpoint))
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
