import { digestOf } from './keys.ts'
import type { Fault, Kit } from './vector-kit.ts'

/** Faults of what comes after a grant: its plan's aftercare, and the statements that end a session or replace a key. */
export function faultsOfAftercare({ aftercare, revoke, revoked, rotating, rotated, planWith, valid }: Kit): Fault[] {
  const { revoker, rotator } = valid.aftercare.payload
  const { iam, rotator: role } = valid.careful.payload.access.aftercare ?? {}
  const box = { device: digestOf('a device'), sealed: digestOf('a box') }
  return [
    ['schema', 'plan-aftercare-nothing', 'a plan with aftercare by nobody', planWith({ iam })],
    ['schema', 'plan-aftercare-endpoint', 'a plan that does not say where IAM is asked', planWith({ rotator: role })],
    [
      'schema',
      'plan-aftercare-null',
      'a plan that says that it has no revoker, instead of leaving it out',
      planWith({ iam, rotator: role, revoker: null }),
    ],
    [
      'schema',
      'plan-aftercare-user',
      'a plan whose rotator is to replace the key of no user',
      planWith({ iam, rotator: { roleArn: role?.roleArn } }),
    ],
    [
      'schema',
      'aftercare-left-out',
      'an aftercare that leaves out a session instead of saying that there is none',
      aftercare({ revoker: undefined }),
    ],
    [
      'schema',
      'aftercare-boxes-order',
      'an aftercare whose boxes are not in the order of their devices',
      aftercare({ revoker: { ...revoker, boxes: revoker?.boxes.toReversed() } }),
    ],
    [
      'schema',
      'aftercare-boxes-twice',
      'an aftercare with two boxes for one device',
      aftercare({ rotator: { ...rotator, boxes: [box, box] } }),
    ],
    [
      'schema',
      'aftercare-boxes-none',
      'an aftercare with a session for nobody',
      aftercare({ rotator: { ...rotator, boxes: [] } }),
    ],
    [
      'schema',
      'aftercare-user-id',
      'an aftercare whose session is singled out by a pattern',
      aftercare({ revoker: { ...revoker, userId: 'AROAEXAMPLEEXAMPLE00:*' } }),
    ],
    ['hardware-missing', 'revoke', 'a revoke that no key was touched for', revoke({}, false)],
    ['schema', 'revoked-means', 'a deny by what singles out no session', revoked({ means: 'session-name' })],
    ['schema', 'revoked-policy', 'a deny in a policy whose name IAM does not take', revoked({ policy: 'a policy' })],
    ['hardware-missing', 'rotating', 'a rotating that no key was touched for', rotating({}, false)],
    ['schema', 'rotating-deposit', 'a rotating that names no deposit', rotating({ deposit: undefined })],
    ['schema', 'rotated-step', 'a key that is neither deactivated nor deleted', rotated({ step: 'created' })],
  ]
}
