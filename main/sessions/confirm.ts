import type { Standing } from '../issuers/aws/identity.ts'

/** What is known of a session's end, as an `ended` statement says it. */
export type Confirmation = 'aws-refused' | 'none'

/** How the end is asked for: AWS's clock may be a little behind its own word, and networks fail. */
const PAUSES_MS = [1000, 2000, 4000, 8000]

/**
 * Asks AWS, after the session's end, until it refuses the session; at most four times over 15 seconds. Anything but
 * AWS's own refusal leaves the end unconfirmed.
 *
 * @param standing - asks once.
 * @param pause - waits for that many milliseconds.
 */
export async function confirmEnd(
  standing: () => Promise<Standing>,
  pause: (ms: number) => Promise<void>,
): Promise<Confirmation> {
  for (const ms of PAUSES_MS) {
    await pause(ms)
    if ((await standing()).standing === 'refused') return 'aws-refused'
  }
  return 'none'
}
