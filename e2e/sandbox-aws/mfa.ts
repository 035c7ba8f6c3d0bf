import { AwsError, invalid } from './errors.ts'
import { codeAt, timeStep } from './totp.ts'
import type { Caller, World } from './world.ts'

/** Steps that a device's clock may be off. */
const TOLERATED_STEPS = 1

/**
 * Whether a code came with the call and is good. A code counts once: AWS takes none that is as old as the newest it took.
 *
 * @returns false without a code.
 * @throws {AwsError} AccessDenied in AWS's words if the serial number is not the caller's or the code is no good.
 */
export function checkCode(world: World, caller: Caller, form: URLSearchParams): boolean {
  const [serial, code] = [form.get('SerialNumber'), form.get('TokenCode')]
  if (serial === null && code === null) return false
  if (code !== null && !/^\d{6}$/.test(code))
    throw invalid('tokenCode', 'Member must satisfy regular expression pattern: [\\d]*')
  const device = caller.is === 'user' ? caller.user.mfa : null
  if (serial === null || code === null || device?.serial !== serial)
    throw denied(
      'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    )
  const now = timeStep(world.now())
  for (let step = Math.max(now - TOLERATED_STEPS, device.lastStep + 1); step <= now + TOLERATED_STEPS; step++)
    if (codeAt(device.seed, step) === code) {
      device.lastStep = step
      return true
    }
  throw denied('MultiFactorAuthentication failed with invalid MFA one time pass code. ')
}

function denied(message: string): AwsError {
  return new AwsError('AccessDenied', 403, message)
}
