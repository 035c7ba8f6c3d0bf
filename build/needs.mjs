// What a command needs of the machine it runs on, and what to do where that is missing. Only decisions, made with Node
// alone; find-browser.mjs looks and acts.

/**
 * @typedef {'browser' | 'fonts' | 'Xvfb' | 'xwininfo' | 'ip' | 'jq' | 'nats-server' | 'openssl' | 'sslscan' | 'zbarimg' | 'perl' | 'avahi-browse' | 'dbus-daemon' | 'dpkg-deb' | 'update-mime-database' | 'aws'} Need
 *
 * @typedef {{ need: Need, reason: string, installHelps?: boolean }} Lack What is missing and why that matters;
 *   `installHelps` is false where no package mends it.
 *
 * @typedef {{ isRoot: boolean, hasApt: boolean, hasSudo: boolean }} Machine
 */

/** @type {Readonly<Record<Need, string>>} */
const DEBIAN_PACKAGES = {
  browser: 'chromium',
  fonts: 'fonts-dejavu-core',
  Xvfb: 'xvfb',
  xwininfo: 'x11-utils',
  ip: 'iproute2',
  jq: 'jq',
  aws: 'awscli',
  'nats-server': 'nats-server',
  openssl: 'openssl',
  sslscan: 'sslscan',
  perl: 'perl-base',
  'avahi-browse': 'avahi-utils',
  'dbus-daemon': 'dbus',
  zbarimg: 'zbar-tools',
  'dpkg-deb': 'dpkg',
  'update-mime-database': 'shared-mime-info',
}

/** @type {Readonly<Record<Exclude<Need, 'browser' | 'fonts'>, string>>} */
export const USE_OF_TOOL = {
  Xvfb: 'shows windows on a screen that nobody sees',
  xwininfo: 'tells which windows a person would see there',
  ip: 'makes networks of their own, on which apps find each other',
  jq: 'takes bundles apart by hand, as docs/formats shows it',
  aws: 'is the AWS CLI, which asks for a session as people’s does',
  'nats-server': 'is a broker of the relay, as organizations run one',
  openssl: 'checks signatures by hand, as docs/formats shows it',
  sslscan: 'sees which TLS a stranger is offered',
  perl: 'is a bad cable between networks',
  'avahi-browse': 'looks for services on a network as other programs do',
  'dbus-daemon': 'carries what that asks and is answered',
  zbarimg: 'reads the codes that we draw, as a decoder that is not ours',
  'dpkg-deb': 'makes and installs the Debian package',
  'update-mime-database': 'reads what the Debian package says of our files',
}

/**
 * Whether our programs run on a Node; the same as `engines` in package.json, which npm only warns about.
 *
 * @param {string} version
 */
export function isNodeNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
}

/**
 * A drill's windows are hidden; it needs a screen only to show them, and then prefers that of the person.
 *
 * @param {readonly string[]} words the drill's options
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {Need[]}
 */
export function needsOfDrill(words, environment) {
  if (words.includes('--in-process')) return []
  return words.includes('--headed') && !environment['DISPLAY'] ? ['browser', 'Xvfb'] : ['browser']
}

/** @type {Need[]} */
const WINDOWS = ['browser', 'Xvfb', 'xwininfo']

/**
 * The bench shows windows on a screen that nobody sees.
 *
 * @type {Need[]}
 */
export const NEEDS_OF_BENCH = ['browser', 'Xvfb']

/** @type {Readonly<Record<string, readonly Need[]>>} */
const NEEDS_OF_STAGES = {
  unit: ['ip', 'jq', 'nats-server', 'openssl', 'sslscan', 'zbarimg', 'aws'],
  network: ['ip', 'perl', 'avahi-browse', 'dbus-daemon'],
  screens: ['browser', 'fonts'],
  e2e: WINDOWS,
  bench: NEEDS_OF_BENCH,
  package: [...WINDOWS, 'dpkg-deb', 'update-mime-database'],
  drill: ['browser'],
}

/**
 * Whether tests can do without: those that need it then say that they are left out.
 *
 * @param {Need} need
 */
export function isSpared(need) {
  return need === 'nats-server' || need === 'aws'
}

/** @type {readonly Need[]} */
const OF_NETWORKS = ['ip', 'perl', 'avahi-browse', 'dbus-daemon']

/**
 * @param {readonly string[]} stages of `npm test`
 * @param {{ isRoot: boolean }} machine only root can make networks; for others those tests say that they are left out
 * @returns {Need[]}
 */
export function needsOfTests(stages, { isRoot }) {
  const needs = stages.flatMap((stage) => NEEDS_OF_STAGES[stage] ?? [])
  return [...new Set(needs)].filter((need) => isRoot || !OF_NETWORKS.includes(need))
}

/**
 * What keeps a window from being shown at all, or null. Only Linux tells its display by the environment.
 *
 * @param {string} platform
 * @param {Readonly<Record<string, string | undefined>>} environment
 */
export function whyNoWindow(platform, environment) {
  if (platform !== 'linux' || environment['DISPLAY'] || environment['WAYLAND_DISPLAY']) return null
  return 'there is no display to show a window on (DISPLAY and WAYLAND_DISPLAY are unset); start Lockbox from a desktop'
}

/**
 * The Debian packages that mend some lacks.
 *
 * @param {readonly Lack[]} lacks
 */
export function packagesFor(lacks) {
  return lacks.filter(({ installHelps }) => installHelps !== false).map(({ need }) => DEBIAN_PACKAGES[need])
}

/**
 * The commands to run here and now, without asking: those of root on a Debian-like machine, and of nobody else. A new
 * machine has no package lists yet, and may still be busy with its own first upgrade.
 *
 * @param {readonly Lack[]} lacks
 * @param {Machine} machine
 * @returns {string[][]}
 */
export function commandsFor(lacks, { isRoot, hasApt }) {
  const packages = packagesFor(lacks)
  if (packages.length === 0 || !isRoot || !hasApt) return []
  const quiet = ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120']
  return [
    [...quiet, 'update'],
    [...quiet, 'install', '-y', '--no-install-recommends', ...packages],
  ]
}

/**
 * What a person is told: what is missing, and the one command that brings it.
 *
 * @param {readonly Lack[]} lacks
 * @param {Machine} machine
 * @param {string | null} failure how our own attempt ended, if there was one
 */
export function complaintAbout(lacks, machine, failure) {
  const packages = packagesFor(lacks)
  const command = packages.length > 0 && machine.hasApt ? byHand(packages, machine) : null
  // An error's first sentence says what is wrong, the others what to do; here one command does.
  const reasons = lacks.map(
    ({ need, reason }) => `  ${need}: ${command && failure === null ? firstSentence(reason) : reason}`,
  )
  const lines = ['this machine lacks:', ...reasons]
  if (failure !== null)
    lines.push(`apt-get was to install ${packages.join(', ')}, but ${failure}; once that is mended,`)
  if (command) lines.push('this installs it; then run the same again:', '', `  ${command}`, '')
  return lines.join('\n')
}

/** @param {string} text */
const firstSentence = (text) => text.split('. ', 1)[0]

/**
 * @param {readonly string[]} packages
 * @param {Machine} machine
 */
function byHand(packages, { isRoot, hasSudo }) {
  const update = 'apt-get update'
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (isRoot) return `${update} && ${install}`
  // A login shell: without it `su` keeps a path on which the package manager misses its own tools.
  return hasSudo ? `sudo ${update} && sudo ${install}` : `su - -c '${update} && ${install}'`
}
