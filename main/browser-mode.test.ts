import { expect, it } from 'vitest'
import { browserModeCommand, handoutCommand, isPinAskedInBrowserModeOnly } from './browser-mode.ts'

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

it.each([
  ['/usr/bin/node /opt/hand.cjs --profile=/srv/ana', '/opt/hand.cjs', '/srv/ana', 'linux'],
  ["/usr/bin/node '/home/ana b/hand.cjs' --profile=/srv/ana", '/home/ana b/hand.cjs', '/srv/ana', 'linux'],
  [
    '/usr/bin/node "C:\\Program Files\\hand.cjs" --profile="C:\\Users\\Ana B\\Lockbox"',
    'C:\\Program Files\\hand.cjs',
    'C:\\Users\\Ana B\\Lockbox',
    'win32',
  ],
  // What would begin another line of a config, or be taken for a comment in it.
  [null, '/home/ana\ncredential_process = /bin/evil/hand.cjs', '/srv/ana', 'linux'],
  [null, '/opt/hand.cjs', '/srv/ana #1', 'linux'],
])('a session is handed out by: %s', (command, program, profile, platform) => {
  expect(handoutCommand(['/usr/bin/node', program], { profile, platform })).toBe(command)
})
