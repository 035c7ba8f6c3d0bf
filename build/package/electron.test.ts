import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installedElectron } from './electron.mjs'
import { makeStandIn } from './stand-in.mjs'

let place = ''
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'lockbox-electron-'))
})
afterEach(() => rmSync(place, { recursive: true }))

describe('installedElectron', () => {
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), text)
  }

  it.each([['electron'], ['Electron.app/Contents/MacOS/Electron'], ['electron.exe']])(
    'is the folder of the program %s, and what that says of its version',
    (program) => {
      put('electron/path.txt', program)
      expect(installedElectron(place, {})).toBeNull()
      put(`electron/dist/${program}`, '')
      put('electron/dist/version', 'v45.4.1\n')
      expect(installedElectron(place, {})).toEqual({ directory: join(place, 'electron/dist'), version: '45.4.1' })
    },
  )

  it('is the one that the environment names', () => {
    put('mine/electron', '')
    put('mine/version', '45.4.0')
    const directory = join(place, 'mine')
    expect(installedElectron(place, { ELECTRON_OVERRIDE_DIST_PATH: directory })).toEqual({
      directory,
      version: '45.4.0',
    })
  })
})

describe('the stand-in', () => {
  it('says that it is no Electron, and brings Electron’s fuses as they come', () => {
    makeStandIn(place, '45.4.1')
    const program = join(place, 'electron')
    expect(spawnSync(program, { encoding: 'utf8' })).toMatchObject({ status: 1, stdout: '' })
    expect(readFileSync(program, 'latin1')).toContain('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x09101100011')
    expect(readFileSync(join(place, 'version'), 'utf8')).toBe('45.4.1')
  })
})

describe('electron-builder.yml', () => {
  // Read as electron-builder reads it, with the package that it brings for that.
  const { load } = createRequire(import.meta.resolve('electron-builder'))('js-yaml') as {
    load: (text: string) => unknown
  }
  const config = load(readFileSync(join(import.meta.dirname, '../../electron-builder.yml'), 'utf8'))

  it.each(['mac', 'win'])('lets a file that somebody handed over be opened by a double click: %s', (system) => {
    expect(config).toMatchObject({ [system]: { fileAssociations: [{ ext: 'lockbox' }] } })
  })

  it('tells a Linux desktop of the kinds of files that its description of them names', () => {
    const described = readFileSync(join(import.meta.dirname, 'debian/lockbox-mime.xml'), 'utf8')
    const kinds = [...described.matchAll(/<mime-type type="([^"]+)">/g)].map(([, kind]) => kind)
    expect(kinds).toEqual(['application/vnd.lockbox.bundle', 'application/vnd.lockbox.file'])
    expect(described).toContain('<glob pattern="*.lockbox"/>')
    expect(config).toMatchObject({ linux: { mimeTypes: kinds } })
    expect(config).toHaveProperty(
      'deb.fpm',
      expect.arrayContaining([expect.stringMatching(/^build\/package\/debian\/lockbox-mime\.xml=/)]),
    )
  })
})

describe('npm run package', () => {
  it('refuses an option that it does not know, before it does anything', () => {
    const program = join(import.meta.dirname, '../package.mjs')
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--rpm'], { encoding: 'utf8', cwd: place })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain('there is no option --rpm; there are --electron and --deb')
  })
})
