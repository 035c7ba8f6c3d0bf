import { ConsoleError, consoleLink, type SignIn } from '../console-link.ts'
import type { AwsSession } from '../session.ts'

/** The error with which a link is refused. @throws if it is not refused. */
export async function refusedLink(session: AwsSession, signIn: SignIn): Promise<ConsoleError> {
  const error = await consoleLink(session, signIn).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ConsoleError)) throw new TypeError('expected a refusal', { cause: error })
  return error
}
