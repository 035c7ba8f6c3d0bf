import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** What `npm run package` left here. */
export const DIST = join(root, 'dist')

const ELSEWHERE = join(root, 'out/test/elsewhere')

/** What it left in another folder, in another year's time zone, for another user's habits. */
export const DIST_ELSEWHERE = join(ELSEWHERE, 'dist')

/** Packages the same sources twice, here and in {@link ELSEWHERE}. For vitest's `globalSetup`. */
export default function packageTwice(): () => Promise<void> {
  packageIn(root, {})
  rmSync(ELSEWHERE, { recursive: true, force: true })
  mkdirSync(ELSEWHERE, { recursive: true })
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  const files = listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))
  // With their times, by which the set-up sees that the packages need not be installed again.
  execFileSync('cp', ['-a', '--parents', '-t', ELSEWHERE, ...files], { cwd: root })
  // As links of the files themselves: a bundler would follow a link of the folder back to here.
  execFileSync('cp', ['-al', join(root, 'node_modules'), join(ELSEWHERE, 'node_modules')])
  const date = execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).trim()
  packageIn(ELSEWHERE, { SOURCE_DATE_EPOCH: date, TZ: 'Pacific/Chatham', LC_ALL: 'C', HOME: ELSEWHERE })
  return () => rm(ELSEWHERE, { recursive: true, force: true })
}

function packageIn(cwd: string, environment: Record<string, string>): void {
  const words = ['-c', 'umask 027; exec "$0" build/package.mjs', process.execPath]
  const { status, stdout, stderr } = spawnSync('sh', words, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })
  if (status !== 0) throw new Error(`packaging in ${cwd} failed:\n${stdout}\n${stderr}`)
}

/** The one file in a folder whose name ends so. */
export function fileIn(folder: string, ending: string): string {
  const found = readdirSync(folder).filter((name) => name.endsWith(ending))
  if (found.length !== 1) throw new Error(`expected one file *${ending} in ${folder}, there is ${found.join(', ')}`)
  return join(folder, found[0] ?? '')
}

/** Every file below a folder, relative to it, in order. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

/** The templates that set AWS up, as every package brings them: by its path, where the source is. */
export function templates(): ReadonlyMap<string, string> {
  const source = join(root, 'docs/aws')
  return new Map(filesBelow(source).map((file) => [`aws/${file}`, join(source, file)]))
}

/**
 * Bundles that others load have names by the bundlers' choice, with a hash (`chunk-2B2H73RP.js`, `index-B31hau_-.js`). Gives
 * files with one name in their place, and those of them that no other file names: they would be dead weight, or worse.
 */
export function foldChunks(files: ReadonlyMap<string, Buffer>): { files: string[]; unreached: string[] } {
  const isChunk = (path: string): boolean => /-[A-Za-z0-9_-]{8}\.(?:js|css|wasm)$/.test(path)
  const folded = [...files.keys()].map((path) => (isChunk(path) ? path.replace(/[^/]*(\.\w+)$/, 'CHUNK$1') : path))
  const isNamed = (path: string): boolean =>
    [...files].some(([other, bytes]) => other !== path && bytes.includes(path.slice(path.lastIndexOf('/') + 1)))
  const unreached = [...files.keys()].filter((path) => isChunk(path) && !isNamed(path))
  return { files: [...new Set(folded)].sort(), unreached }
}

/** The folder of the unpacked app below a `dist`: with Electron, or with its stand-in. */
export function unpackedIn(dist: string): string {
  const found = [join(dist, 'linux-unpacked'), join(dist, 'stand-in/linux-unpacked')].filter((path) => existsSync(path))
  if (found.length !== 1) throw new Error(`expected one unpacked app in ${dist}, there is ${found.join(', ')}`)
  return found[0] ?? ''
}

/**
 * Whose code is in some bundles, by their source maps, which packaging does not look at.
 *
 * @param shipped - bundles by their path below `out/`, where their maps stayed.
 */
export function packagesIn(shipped: readonly string[]): string[] {
  const found = new Set<string>()
  for (const path of shipped) {
    // Shipped as it is, and no bundle.
    const whole = /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]
    if (whole !== undefined) {
      found.add(whole)
      continue
    }
    const { sources } = JSON.parse(readFileSync(join(root, 'out', `${path}.map`), 'utf8')) as { sources: string[] }
    for (const source of sources) {
      const folder = /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)/.exec(source)?.[1]
      if (folder !== undefined) found.add(folder)
    }
  }
  return [...found].sort()
}

/** The program files among some, those of machine code too; of our own each has a map. */
export const programsAmong = (files: readonly string[]): string[] => files.filter((file) => /\.(c?js|node)$/.test(file))

/** The files of the package that is shipped as it is, below where it lies, on this system. */
export function nativeFiles(): string[] {
  const machine = `node-pty-${process.platform}-${process.arch}`
  return [...filesOf('node-pty'), ...filesOf(machine)].sort()
}

function filesOf(name: string): string[] {
  const folder = `node_modules/@lydell/${name}`
  const isRun = (file: string): boolean => !/\.(d\.ts|md)$/.test(file)
  return filesBelow(join(root, folder))
    .filter(isRun)
    .map((file) => `${folder}/${file}`)
}

/** What the packages' own manifests say of them, as `name version licence`. */
export function manifestOf(folder: string): { name: string; version: string; license: string } {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as ReturnType<typeof manifestOf>
}
