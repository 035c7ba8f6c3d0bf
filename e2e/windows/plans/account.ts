import { accountOf } from '../../aws-setup/account.ts'
import { fromCloudFormation } from '../../aws-setup/templates.ts'
import type { World } from '../../in-process/world.ts'
import { ACCOUNT } from '../../sandbox-aws/sandbox.ts'

/** An AWS account as the templates of docs/aws make it. */
export const account = accountOf(fromCloudFormation(), true)

/** Its role for a suspected compromise. */
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/lockbox-emergency-suspected-compromise`

/** Longer than any session. */
export const DAY_SECONDS = 86_400

/** From now on sessions that may replace keys end so soon. */
export function rotatorsLast({ sandbox }: World, sessionSeconds: number): void {
  const role = account.roles.find(({ name }) => name === 'lockbox-rotator')
  if (role === undefined) throw new Error('the templates have no rotator')
  sandbox.addRole({ ...role, sessionSeconds })
}
