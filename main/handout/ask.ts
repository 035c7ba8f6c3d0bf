import { lstatSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { handoutAddress } from './place.ts'
import { answerIn, type HandoutAnswer, MAX_ANSWER, requestLine } from './wire.ts'

/** How long the app may take: it may be reading a long log just now. */
const PATIENCE_MS = 15_000

/** What came of asking: the credentials, or why there are none, in words for whoever typed the command. */
export type Asked = Extract<HandoutAnswer, { credentials: unknown }> | { readonly complaint: string }

/**
 * Asks the app that runs with a profile for credentials.
 *
 * @param of - the case, or null for the only session.
 * @throws {ShellError} `path-too-long`.
 */
export async function askApp(profile: string, of: string | null, patienceMs = PATIENCE_MS): Promise<Asked> {
  const address = handoutAddress(profile, process.platform)
  const foreign = whyForeign(profile)
  if (foreign !== null) return { complaint: foreign }
  const said = await exchange(address, requestLine(of), patienceMs)
  if (said === null) return { complaint: `Lockbox is not running with the profile ${profile}; open it and unlock it` }
  const answer = answerIn(said)
  if (answer === null)
    return { complaint: 'Lockbox is running, but gave no answer that this version knows; start the newer of the two' }
  return 'credentials' in answer ? answer : { complaint: answer.says }
}

/** Why what lies there may be somebody else's, who would then choose whose account is acted in; or null. */
function whyForeign(profile: string): string | null {
  const user = process.getuid?.()
  const found = lstatSync(profile, { throwIfNoEntry: false })
  if (user === undefined || found === undefined) return null
  const isOwn = found.isDirectory() && found.uid === user && (found.mode & 0o077) === 0
  return isOwn ? null : `the profile ${profile} is not a directory of yours alone; it is not asked`
}

/** One line there and what comes back until its end; null if nobody listens. */
function exchange(address: string, line: string, patienceMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    let said = ''
    let isHeard = false
    const peer: Socket = connect(address, () => {
      isHeard = true
      peer.write(line)
    })
    const timer = setTimeout(() => peer.destroy(), patienceMs)
    peer.setEncoding('utf8')
    peer.on('data', (text: string) => {
      said += text
      if (said.length > MAX_ANSWER) peer.destroy()
    })
    peer.on('error', () => undefined)
    peer.on('close', () => {
      clearTimeout(timer)
      // Without its end it is half an answer, which may look like a whole one.
      resolve(isHeard ? (said.endsWith('\n') && said.length <= MAX_ANSWER ? said : '') : null)
    })
  })
}
