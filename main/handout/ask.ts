import { lstatSync, type Stats } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { handoutAddress } from './place.ts'
import { answerIn, type HandoutAnswer, MAX_ANSWER, requestLine } from './wire.ts'

/** How long the app may take: it may be reading a long log just now. */
const PATIENCE_MS = 15_000

/** What came of asking: the credentials, or why there are none, in words for whoever typed the command. */
export type Asked = Extract<HandoutAnswer, { credentials: unknown }> | { readonly complaint: string }

/** What came of talking to whoever listens there. */
type Heard =
  | { readonly is: 'said'; readonly line: string }
  | { readonly is: 'hung-up' | 'silent' | 'too-long' }
  | { readonly is: 'unreached'; readonly code: string }

/**
 * Asks the app that runs with a profile for credentials.
 *
 * @param of - the case, or null for the only session.
 * @throws {ShellError} `path-too-long`.
 */
export async function askApp(profile: string, of: string | null, patienceMs = PATIENCE_MS): Promise<Asked> {
  const address = handoutAddress(profile, process.platform)
  const foreign = whyForeign(profile)
  if (foreign !== null)
    return {
      complaint: `the profile ${profile} ${foreign}. It was not asked: whoever answered there might be another.`,
    }
  const heard = await exchange(address, requestLine(of), patienceMs)
  const answer = heard.is === 'said' ? answerIn(heard.line) : null
  if (answer === null) return { complaint: whyNone(heard, profile, patienceMs) }
  return 'credentials' in answer ? answer : { complaint: answer.says }
}

/** Why what lies there may be somebody else's, who would then choose whose account is acted in; or null. */
function whyForeign(profile: string): string | null {
  const user = process.getuid?.()
  if (user === undefined) return null
  const found = lookAt(profile)
  if (found === null) return null
  if (typeof found === 'string') return `cannot be looked at (${found}); ${NAME_IT}`
  if (found.isSymbolicLink()) return 'is a link; name the folder to which it leads'
  if (!found.isDirectory()) return `is no folder; ${NAME_IT}`
  if (found.uid !== user) return 'belongs to another user; run this as the user who runs Lockbox'
  return (found.mode & 0o077) === 0
    ? null
    : 'can be entered by others; shut it (chmod 700), or start Lockbox anew, which does'
}

const NAME_IT = 'name the one with which Lockbox was started'

/** What lies there itself, not where it leads to; null if nothing does, and the error's code if that cannot be seen. */
function lookAt(path: string): Stats | string | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch (error) {
    return codeOf(error)
  }
}

function whyNone(heard: Heard, profile: string, patienceMs: number): string {
  switch (heard.is) {
    case 'said':
    case 'too-long':
      return 'Lockbox is running, but is of another version than this program; start the newest, and take the profile anew from its session’s screen'
    case 'hung-up':
      return 'Lockbox is running, but hung up before its answer was whole: too many programs may be asking, or it is of another version than this one. Try again; if that does not help, end it and start the newest'
    case 'silent':
      return `Lockbox is running, but gave no answer within ${patienceMs / 1000} s: it may be busy. Try again in a moment`
    case 'unreached':
      return NOBODY.includes(heard.code)
        ? `Lockbox is not running with the profile ${profile}; open it and unlock it`
        : `Lockbox could not be reached with the profile ${profile} (${heard.code}); try again, and start Lockbox anew if that does not help`
  }
}

/** There is no socket, or one that a dead process left. */
const NOBODY = ['ENOENT', 'ECONNREFUSED']

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'

/** One line there and what comes back until its end. */
function exchange(address: string, line: string, patienceMs: number): Promise<Heard> {
  return new Promise((resolve) => {
    let said = ''
    let isHeard = false
    const peer: Socket = connect(address, () => {
      isHeard = true
      peer.write(line)
    })
    const end = (heard: Heard): void => {
      clearTimeout(timer)
      peer.destroy()
      resolve(heard)
    }
    const timer = setTimeout(() => end({ is: 'silent' }), patienceMs)
    peer.setEncoding('utf8')
    peer.on('data', (text: string) => {
      said += text
      if (said.length > MAX_ANSWER) end({ is: 'too-long' })
    })
    peer.on('error', (error) => isHeard || end({ is: 'unreached', code: codeOf(error) }))
    // Without its end it is half an answer, which may look like a whole one.
    peer.on('close', () => end(said.endsWith('\n') ? { is: 'said', line: said } : { is: 'hung-up' }))
  })
}
