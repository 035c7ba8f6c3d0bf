/** AWS's separate worlds: keys, roles and sessions of one are unknown in the others. */
export type AwsPartition = 'aws' | 'aws-us-gov' | 'aws-cn'

/** The partition an ARN says it is in; null for one that Lockbox knows nothing of, such as `aws-iso`. */
export function partitionOfArn(arn: string): AwsPartition | null {
  const [, name] = arn.split(':')
  return name === 'aws' || name === 'aws-us-gov' || name === 'aws-cn' ? name : null
}

/** The partition of a region, by its name; null for regions that Lockbox knows nothing of. */
export function partitionOfRegion(region: string): AwsPartition | null {
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  if (region.startsWith('cn-')) return 'aws-cn'
  return /^(af|ap|ca|eu|il|me|mx|sa|us)-(?!iso)[a-z]+-\d$/.test(region) ? 'aws' : null
}

/**
 * AWS's regional endpoint of STS (docs.aws.amazon.com/general/latest/gr/sts.html). Regional, never the global one: that
 * of a region which is well does not depend on one that is not.
 */
export function stsEndpoint(region: string): string {
  return `https://sts.${region}.amazonaws.com${partitionOfRegion(region) === 'aws-cn' ? '.cn' : ''}`
}

/**
 * AWS's endpoint of IAM, of which every partition has one, with the region that it is signed for
 * (docs.aws.amazon.com/general/latest/gr/iam-service.html).
 */
export const IAM_ENDPOINTS: Readonly<Record<AwsPartition, { readonly region: string; readonly endpoint: string }>> = {
  aws: { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' },
  'aws-us-gov': { region: 'us-gov-west-1', endpoint: 'https://iam.us-gov.amazonaws.com' },
  'aws-cn': { region: 'cn-north-1', endpoint: 'https://iam.cn-north-1.amazonaws.com.cn' },
}

/** How people call a partition. */
export const PARTITION_NAMES: Readonly<Record<AwsPartition, string>> = {
  aws: 'AWS (aws)',
  'aws-us-gov': 'AWS GovCloud (aws-us-gov)',
  'aws-cn': 'AWS China (aws-cn)',
}
