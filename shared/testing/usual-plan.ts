import { nameOf } from './keys.ts'
import type { Said } from './world.ts'

/** A plan that lacks its people. */
export const usualPlan: Said<'plan'> = {
  plan: nameOf('plan'),
  predecessor: null,
  name: 'Identity provider down',
  emergencies: ['identity-provider-down'],
  runbook: 'Call the room.',
  credential: { credential: nameOf('credential'), name: 'production', kind: 'aws-access-key' },
  access: {
    kind: 'aws-sts',
    roleArn: 'arn:aws:iam::123456789012:role/break-glass',
    sessionPolicy: null,
    regions: [{ region: 'eu-central-1', endpoint: 'https://sts.eu-central-1.amazonaws.com' }],
  },
  requesters: [],
  custodians: [],
  quorum: { count: 2, groups: [], veto: [] },
  whyTight: '',
  durations: [900, 1800],
  issuers: [],
  requesterMayIssue: false,
  witness: 'required',
  lockEndsSession: false,
  obligations: { rotationHours: 24, reviewHours: 72, drillDays: 90 },
}

/** The access of that plan, with a revoker and a rotator. */
export const carefulAccess: Said<'plan'>['access'] = {
  ...usualPlan.access,
  aftercare: {
    iam: { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' },
    revoker: 'arn:aws:iam::123456789012:role/lockbox-revoker',
    rotator: { roleArn: 'arn:aws:iam::123456789012:role/lockbox-rotator', user: 'emergency' },
  },
}
