/** One of AWS's separate worlds: its ARNs, and the region that signs for its one IAM. */
export interface Partition {
  readonly name: 'aws' | 'aws-us-gov' | 'aws-cn'
  readonly iamRegion: string
  /** Two regions for a sandbox that is told of none. */
  readonly regions: readonly string[]
  readonly console: string
}

/** The partitions that the sandbox can be. */
export const PARTITIONS: readonly Partition[] = [
  {
    name: 'aws',
    iamRegion: 'us-east-1',
    regions: ['eu-central-1', 'eu-west-1'],
    console: 'https://console.aws.amazon.com/',
  },
  {
    name: 'aws-us-gov',
    iamRegion: 'us-gov-west-1',
    regions: ['us-gov-west-1', 'us-gov-east-1'],
    console: 'https://console.amazonaws-us-gov.com/',
  },
  {
    name: 'aws-cn',
    iamRegion: 'cn-north-1',
    regions: ['cn-north-1', 'cn-northwest-1'],
    console: 'https://console.amazonaws.cn/',
  },
]
