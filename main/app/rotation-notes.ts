import { either } from '../../shared/views/lists.ts'
import type { Turned } from '../issuers/worker/rotate-client.ts'
import type { Notes } from './notes.ts'

/** What of a turn is told to people beside the case. */
type Told = Pick<Turned, 'alarms' | 'unusable'>

/**
 * Tells the owner what AWS has that should not be so, once while it lasts.
 *
 * @param before - as it was told last.
 * @param makers - names of those whose devices may be making a key of the same user now.
 */
export function tellOf(notes: Pick<Notes, 'add'>, before: Told, now: Told, makers: () => readonly string[]): void {
  const fresh = now.alarms.filter((id) => !before.alarms.includes(id))
  if (fresh.length > 0)
    notes.add(
      'danger',
      `AWS has a key that nobody accounts for: ${fresh.join(', ')}`,
      'It is a key of the emergency user, no deposit that counts names it, and this device did not make it. Whoever made it may use the emergency role. Lockbox does not touch it.',
      `${findOut(makers())} who made it. Look in CloudTrail for CreateAccessKey, turn it off in the AWS console, and delete it when you know.`,
    )
  if (now.unusable !== null && now.unusable !== before.unusable)
    notes.add(
      'danger',
      `Emergencies would fail now: the key ${now.unusable} was deleted or turned off at AWS`,
      'The custodians hold that key, and an emergency opens it and no older one. The key that it replaces is on, and no emergency opens that any more.',
      'If it is off, turn it on again in the AWS console. If it is gone, this app makes another: deposit it as soon as the case asks for it, and have the custodians accept it at once. Find out who did this.',
    )
}

function findOut(makers: readonly string[]): string {
  if (makers.length === 0) return 'Find out'
  return `Ask ${either(makers)} first, who began to replace a key of that user on another device, which may have made it. If it did not, find out`
}
