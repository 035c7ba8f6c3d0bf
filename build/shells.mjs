// Which shell `npm start` takes, and what it says of it. Only decisions, made with Node alone; start.mjs acts.

/** Brings Electron's binary, which no `npm ci` downloads; `--no` keeps npx from fetching another package of that name. */
export const GET_ELECTRON = 'npx --no install-electron'

/**
 * The shell that the words of a command line ask for, or null; a name that there is none of is the app's to refuse.
 *
 * @param {readonly string[]} words
 */
export function askedShell(words) {
  const at = words.findIndex((word) => word === '--shell' || word.startsWith('--shell='))
  const name = words[at] === '--shell' ? words[at + 1] : words[at]?.slice('--shell='.length)
  return name === 'browser' || name === 'electron' ? name : null
}

/**
 * What to start, and the sentence that says so and why; or only what keeps it from being started.
 *
 * @param {'browser' | 'electron' | null} asked
 * @param {boolean} hasElectron
 * @param {string} platform
 * @returns {{ shell: 'browser' | 'electron', says: string } | { shell: null, says: string }}
 */
export function chooseShell(asked, hasElectron, platform) {
  const missing = `Electron's program is not installed; this brings it: ${GET_ELECTRON}`
  if (asked === 'browser') return { shell: 'browser', says: 'browser mode, as you asked' }
  if (!hasElectron)
    return asked === 'electron'
      ? { shell: null, says: missing }
      : { shell: 'browser', says: `browser mode, because ${missing}` }
  const why = asked === 'electron' ? 'as you asked' : 'because its program is installed'
  // Only Windows asks for a PIN by itself; see main/browser-mode.ts.
  const pin = platform === 'win32' ? '' : '; a key with a PIN needs browser mode here: npm start -- --shell=browser'
  return { shell: 'electron', says: `Electron, ${why}${pin}` }
}

/**
 * Electron's command line for our app: its own words, the app, and after `--` ours, which Chromium then leaves alone.
 *
 * @param {string} app - the folder with the app's package.json.
 * @param {readonly string[]} words
 * @param {boolean} isRoot - a test machine, since nobody else is let in as root.
 */
export function electronWords(app, words, isRoot) {
  return [...(isRoot ? ['--no-sandbox'] : []), app, '--', ...words]
}
