import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findElectron } from './find-electron.mjs'
import { askedShell, chooseShell, electronWords, GET_ELECTRON } from './shells.mjs'

it.each([
  [[], null],
  [['--shell=electron'], 'electron'],
  [['--profile=/p', '--shell', 'browser'], 'browser'],
  [['--shell=netscape'], null],
  [['--shell'], null],
])('%j asks for %s', (words, shell) => {
  expect(askedShell(words)).toBe(shell)
})

const PIN = '; a key with a PIN needs browser mode here: npm start -- --shell=browser'
const MISSING = `Electron's program is not installed; this brings it: ${GET_ELECTRON}`

it.each([
  [null, false, 'linux', 'browser', `browser mode, because ${MISSING}`],
  [null, true, 'linux', 'electron', `Electron, because its program is installed${PIN}`],
  [null, true, 'win32', 'electron', 'Electron, because its program is installed'],
  ['browser', true, 'linux', 'browser', 'browser mode, as you asked'],
  ['browser', false, 'linux', 'browser', 'browser mode, as you asked'],
  ['electron', true, 'darwin', 'electron', `Electron, as you asked${PIN}`],
  ['electron', false, 'linux', null, MISSING],
] as const)('asked for %s, with Electron %s, on %s: %s', (asked, hasElectron, platform, shell, says) => {
  expect(chooseShell(asked, hasElectron, platform)).toEqual({ shell, says })
})

it.each([
  [false, ['/app', '--', '--profile=/p']],
  [true, ['--no-sandbox', '/app', '--', '--profile=/p']],
])('gives Electron the app, and the app its words; as root %s', (isRoot, words) => {
  expect(electronWords('/app', ['--profile=/p'], isRoot)).toEqual(words)
})

describe('Electron’s program', () => {
  let packages: string
  const put = (path: string, text = '') => {
    mkdirSync(dirname(join(packages, path)), { recursive: true })
    writeFileSync(join(packages, path), text)
    return join(packages, path)
  }
  beforeEach(() => {
    packages = mkdtempSync(join(tmpdir(), 'lockbox-electron-'))
    put('electron/index.js', 'throw new Error("this would download it")')
  })
  afterEach(() => rmSync(packages, { recursive: true }))

  it('is not there in a package that was only installed', () => {
    expect(findElectron(packages, {})).toBeNull()
  })

  it('is not there where its download broke off', () => {
    put('electron/path.txt', 'electron')
    expect(findElectron(packages, {})).toBeNull()
  })

  it('is where its installer put it', () => {
    put('electron/path.txt', 'Electron.app/Contents/MacOS/Electron')
    const program = put('electron/dist/Electron.app/Contents/MacOS/Electron')
    expect(findElectron(packages, {})).toBe(program)
  })

  it('is where its own variable says', () => {
    put('electron/path.txt', 'electron')
    put('electron/dist/electron')
    const other = put('other/electron')
    expect(findElectron(packages, { ELECTRON_OVERRIDE_DIST_PATH: join(packages, 'other') })).toBe(other)
  })
})
