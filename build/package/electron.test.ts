import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
  it.each([
    ['linux', 'electron'],
    ['darwin', 'Electron.app/Contents/MacOS/Electron'],
    ['win32', 'electron.exe'],
  ])('on %s it is the folder with its program %s, and what that says of its version', (platform, program) => {
    mkdirSync(dirname(join(place, program)), { recursive: true })
    writeFileSync(join(place, program), '')
    writeFileSync(join(place, 'version'), 'v45.4.1\n')
    expect(installedElectron({ platform, directory: place })).toEqual({ directory: place, version: '45.4.1' })
  })

  it('is none where only the package lies, without the program', () => {
    writeFileSync(join(place, 'version'), '45.4.1')
    expect(installedElectron({ platform: 'linux', directory: place })).toBeNull()
    expect(installedElectron({ platform: 'aix', directory: place })).toBeNull()
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

describe('npm run package', () => {
  it('refuses an option that it does not know, before it does anything', () => {
    const program = join(import.meta.dirname, '../package.mjs')
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--rpm'], { encoding: 'utf8', cwd: place })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain('there is no option --rpm; there are --electron and --deb')
  })
})
