import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ElectronProcess, ownWords, startElectron } from './electron-program.ts'
import { openHandoutDoor } from './handout/door.ts'
import type { ProcessCredentials } from './handout/wire.ts'
import type { Options } from './options.ts'
import type { Platform } from './run.ts'
import { FakeElectron } from './shell/electron/testing/fake-electron.ts'
import { preventable } from './shell/electron/testing/only.ts'
import { ShellError } from './shell/errors.ts'
import type { Shell } from './shell/shell.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockbox-program-'))
})
afterEach(() => rm(directory, { recursive: true }))

describe('our own words', () => {
  it.each([
    ['an installed app: all', ['lockbox', '--profile=/p'], false, ['--profile=/p']],
    [
      'a bare Electron: what follows --',
      ['electron', '--no-sandbox', '.', '--', '--profile=/p'],
      true,
      ['--profile=/p'],
    ],
    ['a bare Electron without --: none', ['electron', '--inspect', '.'], true, []],
  ])('of %s', (_what, argv, isDefaultApp, words) => {
    expect(ownWords(argv, isDefaultApp)).toEqual(words)
  })
})

interface Started {
  readonly fake: FakeElectron
  readonly said: string[]
  readonly complaints: string[]
  readonly runs: { readonly options: Options; readonly platform: Platform }[]
  /** Lets the run come to its end. */
  readonly end: (error?: Error) => void
}

interface Circumstances {
  readonly words?: readonly string[]
  readonly process?: Partial<ElectronProcess>
  readonly isPackaged?: boolean
  readonly prepare?: (fake: FakeElectron) => void
}

async function started({
  words = [],
  process = {},
  isPackaged = false,
  prepare,
}: Circumstances = {}): Promise<Started> {
  const fake = new FakeElectron(isPackaged)
  prepare?.(fake)
  const [said, complaints, runs] = [[] as string[], [] as string[], [] as Started['runs']]
  let end: Started['end'] = () => undefined
  const given: ElectronProcess = {
    argv: ['lockbox', `--profile=${join(directory, 'profile')}`, ...words],
    isDefaultApp: false,
    execPath: '/opt/Lockbox/lockbox',
    environment: {},
    platform: 'linux',
    isRoot: false,
    versions: { electron: '45.4.1', chrome: '156.0.0.0' },
    preload: '/preload.cjs',
    say: (text) => said.push(text),
    complain: (text) => complaints.push(text),
    ...process,
  }
  await startElectron(fake.electron, given, (options, platform) => {
    runs.push({ options, platform })
    return new Promise((resolve, reject) => {
      end = (error) => (error ? reject(error) : resolve())
    })
  })
  await settled()
  return { fake, said, complaints, runs, end: (error) => end(error) }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))
const names = (fake: FakeElectron) => fake.calls.map(([what]) => what)

it('closes everything and takes its instance before it waits for Electron, then runs, then exits', async () => {
  const { fake, runs, end } = await started()
  expect(names(fake)).toEqual([
    'app.enableSandbox',
    'commandLine.appendSwitch',
    'commandLine.appendSwitch',
    'app.setPath',
    'app.setPath',
    'Menu.setApplicationMenu',
    'app.requestSingleInstanceLock',
    'app.whenReady',
  ])
  expect(fake.app.heard()).toEqual([
    'open-file',
    'web-contents-created',
    'second-instance',
    'window-all-closed',
    'will-quit',
  ])
  expect(runs).toHaveLength(1)
  fake.take()
  end()
  await settled()
  expect(fake.calls).toEqual([['app.exit', 0]])
})

it('is known to Windows by the id that its installer gives', async () => {
  const { fake } = await started({ process: { platform: 'win32' } })
  const config = await readFile(new URL('../electron-builder.yml', import.meta.url), 'utf8')
  const [, appId] = /^appId: (\S+)$/m.exec(config) ?? []
  expect(fake.calls).toContainEqual(['app.setAppUserModelId', appId])
})

it('makes its directories before Electron uses them, for its owner alone', async () => {
  await started({ prepare: (fake) => void (fake.isFirst = false) })
  for (const name of ['profile', 'profile/electron', 'profile/electron-dumps'])
    expect(((await stat(join(directory, name))).mode & 0o777).toString(8)).toBe('700')
})

it.each<[string, Circumstances, string]>([
  ['a switch that would open a port', { words: ['--remote-debugging-port=9222'] }, 'remote-debugging-port'],
  ['a switch of Chromium', { words: ['--no-sandbox'] }, 'no-sandbox'],
  ['root', { process: { isRoot: true } }, 'does not run as root'],
  [
    'a bare Electron without its sandbox',
    {
      process: { isDefaultApp: true, argv: ['electron', '.'] },
      prepare: (fake) => void fake.switches.add('no-sandbox'),
    },
    'does not run without a sandbox',
  ],
])('refuses %s, and does nothing else', async (_what, circumstances, words) => {
  const { fake, complaints } = await started(circumstances)
  expect(complaints).toEqual([expect.stringContaining(words)])
  expect(fake.calls).toEqual([['app.exit', 1]])
})

it('runs as root on a machine that is there for tests', async () => {
  const environment = { LOCKBOX_ALLOW_ROOT: '1' }
  const { runs } = await started({
    process: { isRoot: true, environment },
    prepare: (fake) => void fake.switches.add('no-sandbox'),
  })
  expect(runs).toHaveLength(1)
})

it('says how it is used', async () => {
  const { fake, said } = await started({ words: ['--help'] })
  expect(said.join('')).toContain('--shell')
  expect(fake.calls).toEqual([['app.exit', 0]])
})

it('leaves the window to the instance that was first', async () => {
  const { fake, said, runs } = await started({ prepare: (fake) => void (fake.isFirst = false) })
  expect(said.join('')).toContain('is running already')
  expect(fake.calls.at(-1)).toEqual(['app.exit', 0])
  expect(runs).toEqual([])
})

describe('while it runs', () => {
  const assets = new Map()
  const withShell = async () => {
    const one = await started()
    const shell = (await one.runs[0]?.platform.makeShell(assets)) as Shell
    await shell.open(async () => ({ reply: null, refused: null }))
    one.fake.take()
    return { ...one, shell }
  }

  it('has the Electron shell', async () => {
    expect((await withShell()).shell.name).toBe('electron')
  })

  it('comes to the front when it is started again', async () => {
    const { fake } = await withShell()
    fake.app.emit('second-instance')
    await settled()
    expect(names(fake)).toEqual(['window.show', 'window.focus'])
  })

  it('quits by closing its window, and only when all is put away', async () => {
    const { fake, shell, end } = await withShell()
    const event = preventable()
    fake.app.emit('will-quit', event)
    expect(event.wasPrevented()).toBe(true)
    await shell.closed
    expect(names(fake)).toEqual(['window.destroy'])
    end()
    await settled()
    expect(fake.calls.at(-1)).toEqual(['app.exit', 0])
  })

  it('may quit before there is anything to put away', async () => {
    const { fake } = await started()
    const event = preventable()
    fake.app.emit('will-quit', event)
    expect(event.wasPrevented()).toBe(false)
  })
})

describe('as the credential_process of the AWS CLI', () => {
  it('asks the app that runs, prints, and exits; no window, no profile, no lock', async () => {
    const profile = join(directory, 'profile')
    await mkdir(profile, { mode: 0o700 })
    const credentials: ProcessCredentials = {
      Version: 1,
      AccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      SecretAccessKey: 'secret',
      SessionToken: 'token',
      Expiration: '2026-11-23T12:00:00Z',
    }
    const door = await openHandoutDoor(profile, { credentials: () => credentials, onFault: () => undefined })
    const argv = ['lockbox', '--aws-credentials', `--profile=${profile}`]
    const { fake, said, complaints, runs } = await started({ process: { argv }, isPackaged: true })
    await door.close()
    expect([said, complaints, runs]).toEqual([[`${JSON.stringify(credentials)}\n`], [], []])
    expect(fake.calls).toEqual([['app.exit', 0]])

    const none = await started({ process: { argv }, isPackaged: true })
    expect(none.said).toEqual([])
    expect(none.complaints).toEqual([expect.stringContaining('is not running')])
    expect(none.fake.calls).toEqual([['app.exit', 1]])
  })

  it.each([
    ['from its source', false, {}, 'node /lockbox-credentials.cjs'],
    ['installed', true, {}, '/opt/Lockbox/lockbox --aws-credentials'],
    [
      'as an AppImage',
      true,
      { APPIMAGE: '/home/ana/Lockbox.AppImage' },
      '/home/ana/Lockbox.AppImage --aws-credentials',
    ],
  ])('is named to its owner by the command that fits an app %s', async (_what, isPackaged, environment, command) => {
    const { runs } = await started({ isPackaged, process: { environment } })
    expect(runs[0]?.platform.handoutCommand).toBe(`${command} --profile=${join(directory, 'profile')}`)
  })
})

describe('a file that is opened', () => {
  /** What the run hears of, in order. */
  const heard = (runs: Started['runs']) => {
    const paths: string[] = []
    runs[0]?.platform.openings.listen((path) => paths.push(path))
    return paths
  }

  it.each([
    ['a path', '/home/ana/a log.bundle'],
    ['a URL, as desktops give it', 'file:///home/ana/a%20log.bundle'],
  ])('by the command line is what the run is to open: %s', async (_what, word) => {
    expect((await started({ words: [word] })).runs[0]?.options.file).toBe('/home/ana/a log.bundle')
  })

  it('by a second start is told to the first, in data that Electron does not change', async () => {
    const second = await started({ words: ['/a.bundle'], prepare: (fake) => void (fake.isFirst = false) })
    const [, data] = second.fake.calls.find(([what]) => what === 'app.requestSingleInstanceLock') ?? []
    const { fake, runs } = await started()
    const paths = heard(runs)
    fake.app.emit('second-instance', {}, ['lockbox', '--odd'], '/', data)
    expect(paths).toEqual(['/a.bundle'])
  })

  it.each([['nothing'], [{ open: 'here.bundle' }], [{ open: null }], [{ open: 7 }]])(
    'is none where a second start says %j',
    async (data) => {
      const { fake, runs } = await started()
      const paths = heard(runs)
      fake.app.emit('second-instance', {}, [], '/', data)
      expect(paths).toEqual([])
    },
  )

  it('by macOS is kept until the app is there, and Electron leaves it to us', async () => {
    const { fake, runs } = await started()
    const event = preventable()
    fake.app.emit('open-file', event, '/a.bundle')
    fake.app.emit('open-file', event, '/b.bundle')
    expect(event.wasPrevented()).toBe(true)
    expect(heard(runs)).toEqual(['/b.bundle'])
  })

  it('is one at a time', async () => {
    expect((await started({ words: ['/a', '/b'] })).complaints).toEqual([expect.stringContaining('one file')])
  })
})

describe('browser mode', () => {
  it.each([
    ['from its source', false, {}, 'npm start -- --shell=browser'],
    ['installed', true, {}, '/opt/Lockbox/lockbox --shell=browser'],
    ['as an AppImage', true, { APPIMAGE: '/home/ana/Lockbox.AppImage' }, '/home/ana/Lockbox.AppImage --shell=browser'],
  ])('is started by the command that fits an app %s', async (_what, isPackaged, environment, command) => {
    const { runs } = await started({ isPackaged, process: { environment } })
    expect(runs[0]?.platform.browserModeCommand).toBe(`${command} --profile=${join(directory, 'profile')}`)
  })

  it('is what the very same program runs in when it is asked to', async () => {
    // A browser that is not there: its lack is what browser mode says first, and nothing else would ask for one.
    vi.stubEnv('LOCKBOX_BROWSER', join(directory, 'no-browser'))
    const { runs } = await started({ words: ['--shell=browser'] })
    await expect(runs[0]?.platform.makeShell(new Map())).rejects.toMatchObject({ code: 'no-browser' })
    vi.unstubAllEnvs()
  })
})

describe('what goes wrong', () => {
  it.each<[string, boolean, Error, string[], string[]]>([
    [
      'says what to do',
      false,
      new ShellError('no-bundle', 'build Lockbox first'),
      ['build Lockbox first'],
      ['app.exit'],
    ],
    [
      'says it in a box where there is no terminal',
      true,
      new ShellError('no-bundle', 'build Lockbox first'),
      ['build Lockbox first'],
      ['dialog.showErrorBox', 'app.exit'],
    ],
    [
      'shows a fault of ours to no passer-by',
      true,
      new TypeError('x'),
      [expect.stringContaining('TypeError')],
      ['app.exit'],
    ],
  ])('%s', async (_what, isPackaged, error, complaints, calls) => {
    const one = await started({ isPackaged })
    one.fake.take()
    one.end(error)
    await settled()
    expect(one.complaints).toEqual(complaints)
    expect(names(one.fake)).toEqual(calls)
    expect(one.fake.calls.at(-1)).toEqual(['app.exit', 1])
  })
})
