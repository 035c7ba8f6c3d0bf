/** Whatever could make a program that the shell starts do something else than it is, or that is ours alone. */
const NOT_PASSED_ON = [
  // Ours, and those of what we run on: a program below the shell is not to become a part of Lockbox, nor to be told of it.
  /^(LOCKBOX|NODE|ELECTRON|CHROME|CHROMIUM|npm|NPM)_/,
  /^(NODE|INIT_CWD|APPDIR|APPIMAGE|ARGV0|OWD|GOOGLE_API_KEY|ORIGINAL_XDG_CURRENT_DESKTOP)$/,
  // What loads code into every program, or runs a file in every shell.
  /^(LD|DYLD)_/,
  /^(BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|PS4|PYTHONSTARTUP|PYTHONPATH|PERL5OPT|PERL5LIB|RUBYOPT|RUBYLIB|JAVA_TOOL_OPTIONS)$/,
  /^BASH_FUNC_/,
  // Another session, another region or another server than this one's; a bundle of certificates is the company's and stays.
  /^AWS_(?!CA_BUNDLE$)/,
  // Of the terminal in which Lockbox was started, not of this one.
  /^(TERM|TERM_PROGRAM|TERM_PROGRAM_VERSION|COLORTERM|COLUMNS|LINES|TMUX|TMUX_PANE|STY|WINDOW|WINDOWID|TERMCAP|PWD|OLDPWD|SHLVL|_)$/,
]

/** What a recorded shell is called to those who look at `TERM`. */
export const TERM = 'xterm-256color'

/**
 * The environment of a recorded shell: this app's own, but for what is not passed on, and the session's variables.
 *
 * @param own - this process's; left as it is.
 * @param platform - on Windows names of variables are the same however they are spelt, and may be spelt in any way.
 */
export function shellEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  session: Readonly<Record<string, string>>,
  platform: string,
): Record<string, string> {
  const named = (name: string) => (platform === 'win32' ? [name, name.toUpperCase(), name.toLowerCase()] : [name])
  const passed = Object.entries(own).flatMap(([name, value]): [string, string][] =>
    value === undefined || named(name).some((one) => NOT_PASSED_ON.some((pattern) => pattern.test(one)))
      ? []
      : [[name, value]],
  )
  return { ...Object.fromEntries(passed), ...session, TERM }
}

/** The shell that a person uses on this computer, and what it is started with. */
export function shellOf(
  own: Readonly<Record<string, string | undefined>>,
  platform: string,
): { readonly file: string; readonly words: string[] } {
  if (platform === 'win32') return { file: 'powershell.exe', words: ['-NoLogo'] }
  const { SHELL: shell } = own as { readonly SHELL?: string }
  const file = shell?.startsWith('/') && shell.length <= 1024 ? shell : '/bin/sh'
  // What people set up for their terminal, macOS reads in a login shell alone.
  return { file, words: platform === 'darwin' ? ['-l'] : [] }
}
