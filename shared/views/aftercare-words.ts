import type { PayloadOf } from '../statements/kinds.ts'
import { utcWords } from '../utc.ts'

/** What the issuing device made for ending and replacing, as the end of a sentence that begins with its author. */
export function aftercareWords(
  { revoker, rotator, lacks }: PayloadOf<'aftercare'>,
  quote: (text: string) => string,
): string {
  const made = [
    revoker && `what can end the session (${sealedTo(revoker.boxes)})`,
    rotator && `what can replace the key (${sealedTo(rotator.boxes)})`,
  ].filter((one) => one !== null)
  const prepared = made.length === 0 ? 'prepared nothing for the time after' : `prepared ${made.join(' and ')}`
  return lacks === '' ? prepared : `${prepared}; lacking: ${quote(lacks)}`
}

const sealedTo = ({ length }: readonly unknown[]) => `sealed to ${length} ${length === 1 ? 'device' : 'devices'}`

/** A custodian's order; whether it took effect is said by others. */
export function revokeWords({ reason }: PayloadOf<'revoke'>, quote: (text: string) => string): string {
  return `ordered the end of the session${reason === '' ? '' : `: ${quote(reason)}`}`
}

/** That AWS has the deny. It does not say that the session was seen refused. */
export function revokedWords({ policy, means, at }: PayloadOf<'revoked'>): string {
  return `denied the session at AWS at ${utcWords(at)} (policy ${policy}, ${BY[means]}, read back; that AWS refused a call is not said by this)`
}

const BY = {
  userid: 'by its user id alone',
  'userid-or-issued': 'by its user id, or else by who asked and when it was issued',
} as const

/** How far the used key was replaced. */
export function rotatedWords({ step, accessKeyId, at }: PayloadOf<'rotated'>): string {
  const words = { deactivated: 'deactivated', deleted: 'deleted' } as const
  return `${words[step]} the used key (${accessKeyId}) at AWS at ${utcWords(at)}; another took its place`
}

/** What is said of the end of a session that no device can have AWS deny. */
export const NOBODY_DENIES =
  'Nobody can have AWS deny it: its plan names no role that may, none was made when it was issued, or that one’s time is over. The requester’s app wipes it; whatever was copied before works until its time is over.'

/** What is said where a device says that AWS has the deny, and nobody who may ask for it did. */
export const UNSURE = 'not sure that AWS denies it'
