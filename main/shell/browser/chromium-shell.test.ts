import { expect, it } from 'vitest'
import { ChromiumShell } from './chromium-shell.ts'
import { type Command, FakeBrowser, PAGE } from './testing/fake-browser.ts'

const HOME = 'https://lockbox.localhost/'
const BLANK = 'https://lockbox-blank.localhost/'

async function opened() {
  const fake = new FakeBrowser()
  const shell = new ChromiumShell({
    browser: { path: '/usr/bin/chromium', version: 'Chromium 150' },
    profile: '/nowhere',
    assets: new Map(),
    startWorker: () => {
      throw new TypeError('nothing was to start a worker')
    },
    allowRoot: false,
    start: async () => fake.process,
  })
  await shell.open(async () => ({ reply: null, refused: null }))
  return { fake, shell }
}

/** Where the window was led, in order. */
const urlsOf = (fake: FakeBrowser) =>
  fake.commands.filter(({ method }) => method === 'Page.navigate').map(({ params }) => (params as { url: string }).url)

it.each<[string, (fake: FakeBrowser) => Promise<void>]>([
  ['was reloaded', (fake) => fake.navigated(HOME)],
  ['was led astray', (fake) => fake.navigated('https://example.com/')],
  ['crashed', (fake) => fake.tell('Inspector.targetCrashed', {})],
])('takes the camera back from a window that %s', async (_what, happen) => {
  const { fake, shell } = await opened()
  expect(fake.camera).toBe('denied')
  await shell.permitCamera(true)
  expect(fake.camera).toBe('granted')
  await happen(fake)
  expect(fake.camera).toBe('denied')
  await shell.close()
})

it('leaves it to a window of which only a frame went elsewhere', async () => {
  const { fake, shell } = await opened()
  await shell.permitCamera(true)
  await fake.tell('Page.frameNavigated', { frame: { id: 'a frame', parentId: PAGE, url: HOME } })
  expect(fake.camera).toBe('granted')
  await shell.close()
})

it('replaces the process of a window though the browser never answers of the camera', async () => {
  const { fake, shell } = await opened()
  await shell.permitCamera(true)
  const before = `${PAGE}/0`
  expect(shell.isKnownWindow(before)).toBe(true)
  const isOfCamera = ({ method, params }: Command) =>
    method === 'Browser.setPermission' && JSON.stringify(params).includes('camera')
  fake.silent = isOfCamera
  fake.commands.splice(0)
  const replaced = shell.replaceWindowProcess()
  replaced.catch(() => {})
  expect(shell.isKnownWindow(before)).toBe(false)
  await expect.poll(() => urlsOf(fake)).toEqual([BLANK, HOME])
  expect(fake.camera).toBe('denied')
  await shell.close()
})

it('replaces it at the second attempt if something broke into the first', async () => {
  const { fake, shell } = await opened()
  fake.commands.splice(0)
  fake.cannotLoad = (url) => url === BLANK && urlsOf(fake).length === 1
  await shell.replaceWindowProcess()
  expect(urlsOf(fake)).toEqual([BLANK, BLANK, HOME])
  await shell.close()
})

it('leaves no window on the screen whose process cannot be replaced', async () => {
  const { fake, shell } = await opened()
  fake.cannotLoad = () => true
  await expect(shell.replaceWindowProcess()).rejects.toMatchObject({ code: 'not-open' })
  await shell.closed
})
