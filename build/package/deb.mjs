// The Debian package of browser mode: our bundles, to be run by the system's Node in the system's browser.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, lutimesSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from '../prepare.mjs'
import { nativeFolders } from './native.mjs'
import { copy, manifest, sourceDate, stageApp, writePapers } from './stage.mjs'

/** What people install; `lockbox` is left to the package with Electron inside. */
export const NAME = 'lockbox-browser'

/** Started by themselves: the app, its worker, the command line, what the AWS CLI starts. */
const PROGRAMS = ['index.js', 'worker.js', 'lockbox.js', 'lockbox-credentials.cjs']

const SOURCES = 'build/package/debian'
const PROGRAM_MODE = 0o755
const FILE_MODE = 0o644

/** Where files of {@link SOURCES} go. */
const PLACES = {
  lockbox: 'usr/bin/lockbox',
  'lockbox-app': 'usr/bin/lockbox-app',
  'lockbox-credentials': 'usr/bin/lockbox-credentials',
  'verify-in-terminal': 'usr/lib/lockbox/verify-in-terminal',
  'lockbox-app.desktop': 'usr/share/applications/lockbox-app.desktop',
  'lockbox-verify.desktop': 'usr/share/applications/lockbox-verify.desktop',
  'lockbox-mime.xml': 'usr/share/mime/packages/lockbox.xml',
  copyright: `usr/share/doc/${NAME}/copyright`,
}
const PROGRAM_FILES = [
  'usr/bin/lockbox',
  'usr/bin/lockbox-app',
  'usr/bin/lockbox-credentials',
  'usr/lib/lockbox/verify-in-terminal',
  'usr/lib/lockbox/main/lockbox.js',
  'usr/lib/lockbox/main/lockbox-credentials.cjs',
]

const ICON_SIZES = [16, 24, 32, 48, 64, 128, 256, 512]

/**
 * Makes `<name>_<version>_<architecture>.deb`. The app must have been built.
 *
 * @param {string} output - an existing folder, relative to the project.
 * @returns {string} the file, relative to the project.
 */
export function makeDeb(output) {
  const tree = 'out/package/deb'
  rmSync(join(root, tree), { recursive: true, force: true })
  const packages = stageApp({ programs: PROGRAMS, target: `${tree}/usr/lib/lockbox` })
  writePapers({ target: `${tree}/usr/lib/lockbox`, name: NAME, packages })
  for (const [source, place] of Object.entries(PLACES)) copy(`${SOURCES}/${source}`, `${tree}/${place}`)
  const icons = `${tree}/usr/share/icons/hicolor`
  for (const size of ICON_SIZES)
    copy(`build/icons/${size}x${size}.png`, `${icons}/${size}x${size}/apps/lockbox-app.png`)
  copy('build/icons/lockbox.svg', `${icons}/scalable/apps/lockbox-app.svg`)
  const { version } = manifest()
  const seconds = sourceDate()
  writeFileSync(join(root, tree, `usr/share/doc/${NAME}/changelog.gz`), gzipSync(changelog(seconds), { level: 9 }))
  writeControl(join(root, tree))
  settle(join(root, tree), seconds)
  const file = `${output}/${NAME}_${version}_${architecture()}.deb`
  // gzip: one thread and the same bytes everywhere, and every dpkg can unpack it.
  const words = ['--root-owner-group', '-Zgzip', '-z9', '--build', join(root, tree), join(root, file)]
  const { status, stderr, error } = spawnSync('dpkg-deb', words, {
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
  })
  if (status !== 0) throw new Error(`dpkg-deb failed: ${error?.message ?? stderr}`)
  return file
}

/** As Debian calls this machine; the recorded terminal brings machine code, and without it the package is for all. */
function architecture() {
  const names = new Map([
    ['x64', 'amd64'],
    ['arm64', 'arm64'],
  ])
  return (nativeFolders().length > 0 && names.get(process.arch)) || 'all'
}

/** @param {number} seconds */
function changelog(seconds) {
  const { version, author } = manifest()
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000')
  return `${NAME} (${version}) unstable; urgency=medium\n\n  * Built from the sources of this version.\n\n -- ${author}  ${date}\n`
}

/** @param {string} tree - absolute. */
function writeControl(tree) {
  const { version, author, homepage, description } = manifest()
  const files = readdirSync(tree, { recursive: true, withFileTypes: true })
  const paths = files
    .filter((entry) => entry.isFile())
    .map((entry) => relative(tree, join(entry.parentPath, entry.name)))
  const kibibytes =
    files.length - paths.length + sum(paths.map((path) => Math.ceil(statSync(join(tree, path)).size / 1024)))
  const md5 = (/** @type {string} */ path) =>
    createHash('md5')
      .update(readFileSync(join(tree, path)))
      .digest('hex')
  mkdirSync(join(tree, 'DEBIAN'))
  writeFileSync(
    join(tree, 'DEBIAN/md5sums'),
    paths
      .sort()
      .map((path) => `${md5(path)}  ${path}\n`)
      .join(''),
  )
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    `Package: ${NAME}
Version: ${version}
Architecture: ${architecture()}
Maintainer: ${author}
Installed-Size: ${kibibytes}
Depends: nodejs (>= 20.19), chromium (>= 140) | google-chrome-stable (>= 140) | microsoft-edge-stable (>= 140)
Conflicts: lockbox
Section: admin
Priority: optional
Homepage: ${homepage}
Description: break-glass credentials, in the installed browser
${wrapped(description)}
 .
 This package runs in browser mode: the window is the installed Chromium,
 Chrome or Edge, in a profile of its own and without network.
 "lockbox-app" opens it; "lockbox verify" checks an exported log;
 "lockbox-credentials" hands a live session to the AWS CLI.
`,
  )
}

/** A text as lines of an extended description. @param {string} text */
const wrapped = (text) => text.replace(/(.{1,76})(?: |$)/g, ' $1\n').trimEnd()

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0)

/**
 * Gives everything the modes and the time that it has in every build, whatever the umask and the clock were.
 *
 * @param {string} tree - absolute. @param {number} seconds
 */
function settle(tree, seconds) {
  const programs = new Set(PROGRAM_FILES.map((path) => join(tree, path)))
  const entries = readdirSync(tree, { recursive: true, withFileTypes: true })
  // Deepest first: a folder's time changes with what is in it.
  const paths = entries.map((entry) => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }))
  for (const { path, isFolder } of [
    ...paths.sort((a, b) => b.path.length - a.path.length),
    { path: tree, isFolder: true },
  ]) {
    chmodSync(path, isFolder || programs.has(path) ? PROGRAM_MODE : FILE_MODE)
    lutimesSync(path, seconds, seconds)
  }
}
