import type { TrailCalls } from '../../shared/views/trail-views.ts'
import { DIFFERENCE_WORDS } from '../../shared/views/trail-words.ts'

const call = (changes: Partial<TrailCalls['calls'][number]>, at: number): TrailCalls['calls'][number] => ({
  id: `b29d5c2e-0e55-4b1c-93f1-0a5f6f0f9b${at}`,
  at: Date.now() - (40 - at) * 60_000,
  call: 'sts GetCallerIdentity',
  region: 'eu-central-1',
  from: '203.0.113.77',
  error: null,
  role: 'in the session',
  differs: null,
  ...changes,
})

/** What AWS recorded of a case, with names as long as AWS gives them. */
export function trailCalls(): TrailCalls {
  return {
    calls: [
      { role: 'nothing explains it', differs: DIFFERENCE_WORDS['key-unexplained'] },
      { call: 'sts AssumeRole', role: 'the session was issued' },
      {},
      { call: 'iam DeleteRolePermissionsBoundary', region: 'us-east-1', error: 'AccessDenied' },
      {
        call: 'ec2 AuthorizeSecurityGroupIngress',
        error: 'Client.UnauthorizedOperation',
        from: '2001:db8:85a3:1319:8a2e:370:7344:99',
      },
      { call: 'rds DescribeDBInstanceAutomatedBackups', from: 'cloudformation.amazonaws.com' },
    ].map(call),
    untold: 0,
    agrees: true,
  }
}
