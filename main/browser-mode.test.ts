import { expect, it } from 'vitest'
import { browserModeCommand, isPinAskedInBrowserModeOnly } from './browser-mode.ts'

it.each([
  ['electron', 'linux', true],
  ['electron', 'darwin', true],
  ['electron', 'win32', false],
  ['browser', 'linux', false],
] as const)('a PIN is asked for in browser mode only: %s on %s: %s', (shell, platform, only) => {
  expect(isPinAskedInBrowserModeOnly(shell, platform)).toBe(only)
})

it.each([
  ['npm start -- --shell=browser', null, null, 'linux'],
  ['npm start -- --shell=browser --profile=/srv/ana', null, '/srv/ana', 'linux'],
  ['/opt/Lockbox/lockbox --shell=browser', '/opt/Lockbox/lockbox', null, 'linux'],
  [
    `'/Applications/Lockbox 2.app/Contents/MacOS/Lockbox' --shell=browser --profile='/srv/Ana'\\''s'`,
    '/Applications/Lockbox 2.app/Contents/MacOS/Lockbox',
    "/srv/Ana's",
    'darwin',
  ],
  [
    '"C:\\Program Files\\Lockbox\\Lockbox.exe" --shell=browser',
    'C:\\Program Files\\Lockbox\\Lockbox.exe',
    null,
    'win32',
  ],
])('is started by: %s', (command, program, profile, platform) => {
  expect(browserModeCommand({ program, profile, platform })).toBe(command)
})
