/**
 * Whether a key's PIN can only be asked for in browser mode. Electron has no dialog for it; on Windows the system's
 * own asks. A browser always asks.
 */
export function isPinAskedInBrowserModeOnly(shell: 'browser' | 'electron', platform: string): boolean {
  return shell === 'electron' && platform !== 'win32'
}

/** What the words that start an installation depend on. */
export interface Installation {
  /** The program of an installed app, or null where it runs from its source. */
  readonly program: string | null
  /** The profile, if it is another than the usual one. */
  readonly profile: string | null
  readonly platform: string
}

/** The one command that starts this installation in browser mode, to be typed as it stands. */
export function browserModeCommand({ program, profile, platform }: Installation): string {
  const start = program === null ? 'npm start --' : quoted(program, platform)
  return [start, '--shell=browser', ...profileWords(profile, platform)].join(' ')
}

/**
 * What starts the program that hands sessions to the AWS CLI, ready for its options; null if one of the words cannot stand
 * in a line of a config file. It always names the profile: where the usual one is may be another place to the program that asks.
 *
 * @param start - the program and what goes before its options.
 * @param profile - absolute.
 */
export function handoutCommand(
  start: readonly string[],
  { profile, platform }: { readonly profile: string; readonly platform: string },
): string | null {
  const words = [...start.map((word) => quoted(word, platform)), ...profileWords(profile, platform)]
  const command = words.join(' ')
  // A control character would begin another line of it; some readers take what follows a lone # or ; for a comment.
  return /\p{Cc}|\s[#;]/u.test(command) ? null : command
}

const profileWords = (profile: string | null, platform: string): string[] =>
  profile === null ? [] : [`--profile=${quoted(profile, platform)}`]

function quoted(word: string, platform: string): string {
  if (platform === 'win32') return /[^\w.:\\/-]/.test(word) ? `"${word}"` : word
  return /[^\w./-]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word
}
