import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { credentialsProgram } from '../../main/credentials-program.ts'
import { startDisplay } from '../display.ts'
import { processesNaming } from '../processes.ts'
import {
  DIST,
  DIST_ELSEWHERE,
  fileIn,
  filesBelow,
  foldChunks,
  manifestOf,
  nativeFiles,
  programsAmong,
  root,
  templates,
} from './built.ts'
import { faultsOf } from './papers.ts'

const deb = fileIn(DIST, '.deb')
const target = mkdtempSync(join(tmpdir(), 'lockbox-install-'))
const installed = (path: string): string => join(target, path)

/** dpkg with a system of its own, by whoever runs the tests. What the package asks for is a matter of real systems. */
function dpkg(...words: string[]): string {
  // Some images are set to leave documentation out.
  const options = [`--root=${target}`, '--force-depends', '--force-not-root', '--path-include=*', '--log=/dev/null']
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
  return execFileSync('dpkg', [...options, ...words], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

beforeAll(() => {
  for (const folder of ['updates', 'info', 'triggers']) {
    mkdirSync(installed(`var/lib/dpkg/${folder}`), { recursive: true })
  }
  writeFileSync(installed('var/lib/dpkg/status'), '')
  dpkg('--install', deb)
})

afterAll(() => rmSync(target, { recursive: true, force: true }))

/** As Debian calls this machine. */
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512]
const FILES = [
  'usr/bin/lockbox',
  'usr/bin/lockbox-app',
  'usr/bin/lockbox-credentials',
  'usr/lib/lockbox/THIRD_PARTY_NOTICES.txt',
  ...[...templates().keys()].map((file) => `usr/lib/lockbox/${file}`),
  'usr/lib/lockbox/lockbox-verifier.html',
  ...['CHUNK.js', 'index.js', 'lockbox-credentials.cjs', 'lockbox.js', 'worker.js'].map(
    (name) => `usr/lib/lockbox/main/${name}`,
  ),
  ...nativeFiles().map((file) => `usr/lib/lockbox/${file}`),
  'usr/lib/lockbox/package.json',
  'usr/lib/lockbox/renderer/assets/CHUNK.css',
  'usr/lib/lockbox/renderer/assets/CHUNK.js',
  'usr/lib/lockbox/renderer/assets/CHUNK.wasm',
  'usr/lib/lockbox/renderer/index.html',
  'usr/lib/lockbox/sbom.cdx.json',
  'usr/lib/lockbox/verify-in-terminal',
  'usr/share/applications/lockbox-app.desktop',
  'usr/share/applications/lockbox-verify.desktop',
  'usr/share/doc/lockbox-browser/changelog.gz',
  'usr/share/doc/lockbox-browser/copyright',
  ...SIZES.map((size) => `usr/share/icons/hicolor/${size}x${size}/apps/lockbox-app.png`),
  'usr/share/icons/hicolor/scalable/apps/lockbox-app.svg',
  'usr/share/mime/packages/lockbox.xml',
].sort()

/** What a package unpacks, as dpkg lists it: mode, owner, size, date, time, path. */
function entriesOf(file: string): { mode: string; owner: string; path: string }[] {
  const lines = execFileSync('dpkg-deb', ['-c', file], { encoding: 'utf8' })
  const matches = lines.matchAll(/^(\S+) (\S+) +\d+ \S+ \S+ \.\/(.*)$/gm)
  return [...matches].map(([, mode = '', owner = '', path = '']) => ({ mode, owner, path }))
}

describe('the Debian package of browser mode', () => {
  it('is the same to the byte when somebody else builds it elsewhere', () => {
    expect(readFileSync(deb).equals(readFileSync(fileIn(DIST_ELSEWHERE, '.deb')))).toBe(true)
  })

  it('brings the templates that set AWS up as they are in docs/aws', () => {
    expect([...templates().keys()]).toContain('aws/account.template.json')
    for (const [file, source] of templates())
      expect(readFileSync(installed(`usr/lib/lockbox/${file}`)).equals(readFileSync(source))).toBe(true)
  })

  it('stands in SHA256SUMS', () => {
    expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: DIST, encoding: 'utf8' })).toContain(
      `_${ARCHITECTURE}.deb: OK`,
    )
  })

  it('brings these files and no others', () => {
    const entries = entriesOf(deb)
    const files = entries.filter(({ mode }) => mode.startsWith('-'))
    const contents = new Map(files.map(({ path }) => [path, readFileSync(installed(path))]))
    expect(foldChunks(contents)).toEqual({ files: FILES, unreached: [] })
    expect(new Set(entries.map(({ owner }) => owner))).toEqual(new Set(['root/root']))
    expect(new Set(entries.map(({ mode }) => mode))).toEqual(new Set(['drwxr-xr-x', '-rw-r--r--', '-rwxr-xr-x']))
    expect(files.filter(({ mode }) => mode === '-rwxr-xr-x').map(({ path }) => path)).toEqual([
      'usr/bin/lockbox',
      'usr/bin/lockbox-app',
      'usr/bin/lockbox-credentials',
      'usr/lib/lockbox/main/lockbox-credentials.cjs',
      'usr/lib/lockbox/main/lockbox.js',
      'usr/lib/lockbox/verify-in-terminal',
    ])
  })

  it('needs a Node and a browser that run Lockbox, and runs nothing at installation', () => {
    const field = (name: string): string => execFileSync('dpkg-deb', ['-f', deb, name], { encoding: 'utf8' }).trim()
    expect(field('Package')).toBe('lockbox-browser')
    expect(field('Architecture')).toBe(ARCHITECTURE)
    expect(field('Version')).toBe(manifestOf('.').version)
    expect(field('Depends')).toBe(
      'nodejs (>= 20.19), chromium (>= 140) | google-chrome-stable (>= 140) | microsoft-edge-stable (>= 140)',
    )
    const control = mkdtempSync(join(tmpdir(), 'lockbox-control-'))
    execFileSync('dpkg-deb', ['-e', deb, control])
    expect(readdirSync(control).sort()).toEqual(['control', 'md5sums'])
    const check = spawnSync('md5sum', ['-c', '--quiet', join(control, 'md5sums')], { cwd: target, encoding: 'utf8' })
    rmSync(control, { recursive: true })
    expect([check.status, check.stdout]).toEqual([0, ''])
  })

  it('tells truly whose code is in it', async () => {
    const text = (path: string): string => readFileSync(installed(`usr/lib/lockbox/${path}`), 'utf8')
    const papers = {
      name: 'lockbox-browser',
      sbomText: text('sbom.cdx.json'),
      notices: text('THIRD_PARTY_NOTICES.txt'),
      shipped: programsAmong(filesBelow(installed('usr/lib/lockbox'))),
    }
    expect(await faultsOf(papers)).toEqual([])
    // The check itself sees a list that is short of one, and one that is no CycloneDX.
    const short = JSON.parse(papers.sbomText) as { components: { name: string }[] }
    short.components = short.components.filter(({ name }) => name !== 'zod')
    expect(await faultsOf({ ...papers, sbomText: JSON.stringify(short) })).toEqual(['not listed: node_modules/zod'])
    const odd = papers.sbomText.replace('"type": "library"', '"type": "book"')
    expect(await faultsOf({ ...papers, sbomText: odd })).toContain('not valid CycloneDX')
  })

  it('names no folder of the machine it was built on', () => {
    const naming = filesBelow(target).filter((file) => readFileSync(installed(file)).includes(root))
    expect(naming.filter((file) => !file.startsWith('var/'))).toEqual([])
  })
})

/** A desktop entry's lines by their names. */
function entry(name: string): Map<string, string> {
  const text = readFileSync(installed(`usr/share/applications/${name}`), 'utf8')
  return new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]))
}

describe('what the desktop is told', () => {
  it.each(['lockbox-app.desktop', 'lockbox-verify.desktop'])(
    '%s starts a program that is there, with an icon',
    (name) => {
      const program = entry(name).get('Exec')?.split(' ')[0] ?? ''
      const path = installed(program.startsWith('/') ? program : `usr/bin/${program}`)
      expect(statSync(path).mode & 0o111).toBe(0o111)
      expect(existsSync(installed(`usr/share/icons/hicolor/48x48/apps/${entry(name).get('Icon')}.png`))).toBe(true)
    },
  )

  it('knows exported logs by their name', () => {
    const mime = mkdtempSync(join(tmpdir(), 'lockbox-mime-'))
    mkdirSync(join(mime, 'packages'))
    copyFileSync(installed('usr/share/mime/packages/lockbox.xml'), join(mime, 'packages/lockbox.xml'))
    execFileSync('update-mime-database', [mime], { stdio: 'ignore' })
    const names = readFileSync(join(mime, 'globs2'), 'utf8')
    rmSync(mime, { recursive: true })
    expect(names).toContain('50:application/vnd.lockbox.bundle:lockbox-*.bundle\n')
    expect(names).toContain('50:application/vnd.lockbox.file:*.lockbox\n')
    expect(entry('lockbox-verify.desktop').get('MimeType')).toBe('application/vnd.lockbox.bundle;')
    expect(entry('lockbox-app.desktop').get('MimeType')).toBe('application/vnd.lockbox.file;')
    expect(entry('lockbox-app.desktop').get('Exec')).toBe('lockbox-app %f')
  })
})

describe('the installed programs', () => {
  const example = (name: string): string => join(root, 'docs/formats/examples', name)

  it.each([
    [0, ['verify', example('whole.bundle')], 'Lockbox report on'],
    [1, ['verify', example('changed-reason.bundle')], 'First wrong'],
    [0, ['--version'], `lockbox ${manifestOf('.').version}`],
  ])('lockbox exits with %d for %j', (status, words, says) => {
    const result = spawnSync(installed('usr/bin/lockbox'), words, { encoding: 'utf8', cwd: tmpdir() })
    expect([result.status, result.stderr]).toEqual([status, ''])
    expect(result.stdout).toContain(says)
  })

  it('lockbox-credentials says in one line that no app of the profile runs', () => {
    const profile = mkdtempSync(join(tmpdir(), 'lockbox-installed-'))
    const run = () =>
      spawnSync(installed('usr/bin/lockbox-credentials'), [`--profile=${profile}`], { encoding: 'utf8', cwd: tmpdir() })
    const none = run()
    expect([none.status, none.stdout]).toEqual([1, ''])
    expect(none.stderr).toMatch(/^lockbox-credentials: Lockbox is not running .*\n$/)
    rmSync(profile, { recursive: true })
    expect(credentialsProgram(installed('usr/lib/lockbox/main'), process.execPath)).toEqual([
      installed('usr/bin/lockbox-credentials'),
    ])
  })

  it('a log opened from the file manager is checked, and the report stays until it was read', async () => {
    const terminal = spawn(installed('usr/lib/lockbox/verify-in-terminal'), [example('changed-reason.bundle')])
    const output = collect(terminal)
    await printed(terminal, output, 'Press Enter to close.')
    expect(output()).toContain('First wrong')
    expect(terminal.exitCode).toBeNull()
    terminal.stdin.end('\n')
    expect(await once(terminal, 'exit')).toEqual([1, null])
  })

  it('lockbox-app opens the window and ends with nothing left running', async () => {
    const display = await startDisplay()
    const profile = mkdtempSync(join(tmpdir(), 'lockbox-installed-'))
    const app = spawn(
      installed('usr/bin/lockbox-app'),
      [`--profile=${profile}`, '--listen=127.0.0.1', '--no-discovery'],
      {
        cwd: tmpdir(),
        // A Node option that would end the program at once, if it were heeded.
        env: { ...process.env, DISPLAY: display.name, LOCKBOX_ALLOW_ROOT: '1', NODE_OPTIONS: '--require=/nothing.cjs' },
      },
    )
    const output = collect(app)
    const ended = once(app, 'exit')
    try {
      await printed(app, output, 'Lockbox is open in browser mode')
      // Its class is what the desktop entry says, so that the desktop shows our icon for it.
      const hasOurs = async () =>
        (await display.windows()).some((line) => /^"Lockbox": \("[^"]*" "lockbox-app"/.test(line))
      await expect.poll(hasOurs, { timeout: 15_000 }).toBe(true)
      expect(entry('lockbox-app.desktop').get('StartupWMClass')).toBe('lockbox-app')
      app.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
      await expect.poll(() => processesNaming(profile), { timeout: 15_000 }).toEqual([])
    } finally {
      app.kill('SIGKILL')
      await ended
      await display.stop()
      rmSync(profile, { recursive: true, force: true })
    }
  })

  // Last, because nothing is there afterwards.
  it('are gone without a trace when the package is removed', () => {
    dpkg('--purge', 'lockbox-browser')
    expect(filesBelow(target).filter((file) => !file.startsWith('var/lib/dpkg/'))).toEqual([])
  })
})

function collect(program: ChildProcess): () => string {
  let text = ''
  for (const stream of [program.stdout, program.stderr])
    stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return () => text
}

async function printed(program: ChildProcess, output: () => string, text: string): Promise<void> {
  await expect
    .poll(() => (output().includes(text) ? text : `${program.exitCode ?? 'running'}: ${output()}`), { timeout: 60_000 })
    .toBe(text)
}
