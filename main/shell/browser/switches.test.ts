import * as esbuild from 'esbuild'
import { afterEach, expect, it, vi } from 'vitest'
import { environmentFor, switchesFor } from './switches.ts'

const conditions = { userDataDir: '/profile/browser', isRoot: false, allowRoot: false }

afterEach(() => vi.unstubAllEnvs())

it('speaks to the browser by pipe, and gives it no network and no port', () => {
  const switches = switchesFor(conditions)
  expect(switches).toContain('--remote-debugging-pipe')
  expect(switches).toContain('--host-resolver-rules=MAP * ~NOTFOUND')
  expect(switches).toContain('--no-proxy-server')
  expect(switches).toContain('--user-data-dir=/profile/browser')
  expect(switches.filter((word) => /port|headless|no-sandbox/.test(word))).toEqual([])
})

it('does not run as root, unless the machine is for tests', () => {
  expect(() => switchesFor({ ...conditions, isRoot: true })).toThrow('does not run as root')
  expect(switchesFor({ ...conditions, isRoot: true, allowRoot: true })).toContain('--no-sandbox')
})

it('keeps the sandbox of an ordinary user, even on a machine for tests', () => {
  expect(switchesFor({ ...conditions, allowRoot: true })).not.toContain('--no-sandbox')
})

it.each([
  ['the product', 'false', 0],
  ['the build for end-to-end tests', 'true', 1],
])('in %s takes switches from the environment: %s', async (_build, define, count) => {
  const built = await esbuild.build({
    entryPoints: [new URL('./switches.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    minifySyntax: true,
    define: { LOCKBOX_E2E: define },
  })
  const text = built.outputFiles[0]?.text ?? ''
  const module = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as {
    switchesFor: typeof switchesFor
  }
  vi.stubEnv('LOCKBOX_E2E_SWITCHES', '["--remote-debugging-port=0"]')
  const switches = module.switchesFor(conditions)
  expect(switches.filter((word) => word === '--remote-debugging-port=0')).toHaveLength(count)
  expect(text.includes('LOCKBOX_E2E_SWITCHES')).toBe(count === 1)
})

it('keeps from the browser what could add switches to it, and what is not for it', () => {
  const environment = {
    DISPLAY: ':0',
    CHROMIUM_FLAGS: '--remote-debugging-port=1',
    CHROME_USER_FLAGS: '--remote-debugging-port=2',
    NODE_OPTIONS: '--inspect',
    AWS_SECRET_ACCESS_KEY: 'x',
    LOCKBOX_E2E_SWITCHES: '[]',
    EMPTY: undefined,
  }
  expect(environmentFor(environment, '/dumps')).toEqual({ DISPLAY: ':0', BREAKPAD_DUMP_LOCATION: '/dumps' })
})
