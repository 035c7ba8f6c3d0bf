import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  commandsFor,
  complaintAbout,
  isNodeNewEnough,
  type Lack,
  needsOfDrill,
  needsOfTests,
  whyNoWindow,
} from './needs.mjs'

const WINDOWS = ['browser', 'Xvfb', 'xwininfo']

const rootOnDebian = { isRoot: true, hasApt: true, hasSudo: false }
const personOnDebian = { isRoot: false, hasApt: true, hasSudo: true }
const elsewhere = { isRoot: false, hasApt: false, hasSudo: true }

const noBrowser: Lack = { need: 'browser', reason: 'none is in PATH. Install one, or name yours' }
const noXvfb: Lack = { need: 'Xvfb', reason: 'shows windows' }
const noWindowList: Lack = { need: 'xwininfo', reason: 'tells which windows' }
/** What the pages on formats work with, a broker, and the AWS CLI. */
const BY_HAND = ['jq', 'nats-server', 'openssl', 'sslscan', 'zbarimg', 'aws']
const wrongName: Lack = { need: 'browser', reason: 'LOCKBOX_BROWSER names /nowhere', installHelps: false }

describe('what is needed', () => {
  it.each([
    ['a drill', [], {}, ['browser']],
    ['a drill in windows, on a desktop', ['--headed'], { DISPLAY: ':0' }, ['browser']],
    ['a drill in windows, without a screen', ['--headed'], {}, ['browser', 'Xvfb']],
    ['a drill without windows', ['--in-process'], {}, []],
  ])('by %s', (_what, words, environment, needs) => {
    expect(needsOfDrill(words, environment)).toEqual(needs)
  })

  it.each([
    [
      'all tests',
      ['lint', 'unit', 'e2e', 'package', 'drill'],
      [...BY_HAND, ...WINDOWS, 'dpkg-deb', 'update-mime-database'],
    ],
    ['the window tests', ['build', 'e2e'], WINDOWS],
    ['the pictures of screens', ['screens'], ['browser', 'fonts']],
    ['the bench among them', ['build', 'bench'], ['browser', 'Xvfb']],
    ['the drill among them', ['build', 'drill'], ['browser']],
    ['those without windows', ['typecheck', 'lint', 'unit', 'build'], BY_HAND],
  ])('by %s', (_what, stages, needs) => {
    expect(needsOfTests(stages, { isRoot: false })).toEqual(needs)
  })

  it('by tests of networks, which only root can make', () => {
    expect(needsOfTests(['lint', 'unit'], { isRoot: true })).toEqual(['ip', ...BY_HAND])
    expect(needsOfTests(['network'], { isRoot: true })).toEqual(['ip', 'perl', 'avahi-browse', 'dbus-daemon'])
    expect(needsOfTests(['network'], { isRoot: false })).toEqual([])
    expect(needsOfTests(['unit', 'e2e', 'drill'], { isRoot: true })).toEqual(['ip', ...BY_HAND, ...WINDOWS])
  })
})

describe('what is installed without asking', () => {
  it('is all that root on Debian lacks, after the package lists, which a new machine does not have', () => {
    const [update, install, ...more] = commandsFor([noXvfb, noBrowser, noWindowList], rootOnDebian)
    expect(update).toContain('update')
    expect(install?.join(' ')).toMatch(/ install -y --no-install-recommends xvfb chromium x11-utils$/)
    expect(more).toEqual([])
  })

  it.each([
    ['for somebody who is not root', [noBrowser], personOnDebian],
    ['on a machine without apt-get', [noBrowser], { ...elsewhere, isRoot: true }],
    ['where nothing is missing', [], rootOnDebian],
    ['in place of a browser that was named', [wrongName], rootOnDebian],
  ])('is nothing %s', (_what, lacks, machine) => {
    expect(commandsFor(lacks, machine)).toEqual([])
  })

  it('is the rest where only the named browser is wrong', () => {
    expect(commandsFor([wrongName, noXvfb], rootOnDebian).at(-1)?.at(-1)).toBe('xvfb')
    expect(commandsFor([wrongName, noXvfb], rootOnDebian).flat()).not.toContain('chromium')
  })
})

describe('what is said', () => {
  const install = 'apt-get install -y --no-install-recommends'

  it.each([
    ['sudo', personOnDebian, `sudo apt-get update && sudo ${install} chromium xvfb`],
    ['su, without sudo', { ...personOnDebian, hasSudo: false }, `su - -c 'apt-get update && ${install} chromium xvfb'`],
    ['neither, as root', rootOnDebian, `apt-get update && ${install} chromium xvfb`],
  ])('names all that is missing, why, and one command: with %s', (_what, machine, command) => {
    const lines = complaintAbout([noBrowser, noXvfb], machine, null).split('\n')
    expect(lines).toContain('  browser: none is in PATH')
    expect(lines).toContain('  Xvfb: shows windows')
    expect(lines.filter((line) => line.includes('apt-get'))).toEqual([`  ${command}`])
  })

  it('tells how our own attempt failed, and what to run by hand', () => {
    const text = complaintAbout([noBrowser], rootOnDebian, 'it ended with 100')
    expect(text).toContain('none is in PATH. Install one, or name yours\n')
    expect(text).toContain('apt-get was to install chromium, but it ended with 100')
    expect(text).toContain(`\n  apt-get update && ${install} chromium\n`)
  })

  it.each([
    ['there is no apt-get', [noBrowser], elsewhere, 'none is in PATH. Install one, or name yours'],
    ['a browser was named that is not there', [wrongName], rootOnDebian, 'LOCKBOX_BROWSER names /nowhere'],
  ])('is no command where %s', (_what, lacks, machine, reason) => {
    const text = complaintAbout(lacks, machine, null)
    expect(text).toContain(reason)
    expect(text).not.toContain('apt-get')
  })
})

it.each([
  ['linux', {}, false],
  ['linux', { DISPLAY: ':0' }, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['darwin', {}, true],
])('a window on %s with %j can be shown: %s', (platform, environment, canBeShown) => {
  expect(whyNoWindow(platform, environment) === null).toBe(canBeShown)
})

describe('the Node that is asked for', () => {
  it.each([
    ['18.20.4', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['21.7.3', false],
    ['22.11.0', false],
    ['22.12.0', true],
    ['24.0.0', true],
  ])('%s will do: %s', (version, isGood) => {
    expect(isNodeNewEnough(version)).toBe(isGood)
  })

  it('is the one that package.json names', () => {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    expect((JSON.parse(text) as { engines: { node: string } }).engines.node).toBe('^20.19 || >=22.12')
  })
})
