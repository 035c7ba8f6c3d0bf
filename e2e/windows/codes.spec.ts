import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Locator, test } from '@playwright/test'
import { compression } from '../../main/compression.ts'
import { drawn } from '../../renderer/codes/draw.ts'
import { codesOf } from '../../shared/carriers/codes.ts'
import { writeFile as lockboxFile } from '../../shared/carriers/file.ts'
import { pack, unpack } from '../../shared/carriers/pack.ts'
import { createScan } from '../../shared/carriers/scan.ts'
import { cardInEnvelope } from '../../shared/org/join-card.ts'
import { parse } from '../../shared/statements/envelope.ts'
import { readVector } from '../../shared/testing/vector-file.ts'
import { partOf } from '../drill/story.ts'
import { WindowActor } from '../drill/window-actor.ts'
import { type RunningApp, startApp } from '../driver.ts'
import { filmOf } from '../film.ts'
import { type Sight, seen } from '../seen-codes.ts'
import { axeFindsNothing } from './axe.ts'
import { Hand } from './hand.ts'

// A real window before a camera that the browser plays from a file: what another person's screen shows.

const LONG = { timeout: 30_000 }
let dir: string
let app: RunningApp
/** What another decoder read from the card that the window showed. */
let cardOnScreen: string

/** Statements of another organization: the door refuses them by name, which shows that they came that far. */
const vector = (name: string) =>
  readVector(name, readFileSync(new URL(`../../shared/statements/vectors/door/${name}.txt`, import.meta.url))).envelope
const packed = (name: string) => pack({ statements: [vector(name)], blobs: [], notes: [] }, compression)
/** Each of its own kind, so that it is seen which were read. */
const STILL: readonly (readonly [name: string, sight: Sight])[] = [
  ['valid-decision', { mirrored: true }],
  ['valid-withdrawal', { degrees: 17 }],
  ['valid-request', { light: [24, 62, 38] }],
]
const long = pack({ statements: [vector('valid-roster'), vector('valid-plan')], blobs: [], notes: [] }, compression)

/** What Debian's zbarimg, which shares no code with us, reads in a picture of the real window. */
async function readByZbar(shown: Locator): Promise<string> {
  const file = join(dir, 'window.png')
  await shown.scrollIntoViewIfNeeded()
  await writeFile(file, await shown.screenshot())
  const options = ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file]
  return execFileSync('zbarimg', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trimEnd()
}

/** The statements of a whole message of codes. */
const statementsIn = (message: Uint8Array | undefined) => unpack(message ?? new Uint8Array(), compression).statements

test.beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockbox-codes-'))
  const many = codesOf(long)
  expect(many.count).toBeGreaterThan(4)
  const stranger = seen(drawn('HTTPS://EXAMPLE.COM/'))
  const film = filmOf([
    ...Array.from({ length: 4 }, () => stranger),
    ...STILL.flatMap(([name, sight]) => {
      const picture = seen(drawn(codesOf(packed(name)).code(1)), sight)
      return Array.from({ length: 6 }, () => picture)
    }),
    ...Array.from({ length: 15 }, (_, at) => seen(drawn(many.code(1 + at)))).flatMap((one) => [one, one]),
  ])
  await writeFile(join(dir, 'film.y4m'), film)
  app = await startApp({
    profile: join(dir, 'raj'),
    words: ['--listen=127.0.0.1', '--no-discovery'],
    switches: ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${join(dir, 'film.y4m')}`],
  })
  const hand = new Hand('Raj Patel', join(dir, 'keys.json'))
  const raj = await WindowActor.at(app, 'Raj Patel', join(dir, 'pictures'), (started) => hand.sitDown(started))
  await raj.setUp()
  await app.page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: /^People/ })
    .click()
  await app.page.getByRole('button', { name: 'My card…' }).click()
  await app.page.getByRole('button', { name: 'Show as a code' }).click()
  cardOnScreen = await readByZbar(app.page.getByRole('img', { name: 'Code of my card' }))
  await app.page.getByRole('button', { name: 'Done' }).click()
  await raj.found('Example Bank', [{ file: await raj.joinCard(partOf(0)), part: partOf(0) }])
  // Alone in it, Raj has nobody to compare with: nothing is hidden.
  await raj.endorseFounding([])
  await expect(app.page.getByRole('heading', { level: 1, name: '1 member of Example Bank' })).toBeVisible(LONG)
})
test.afterAll(async () => {
  await app?.close()
  await rm(dir, { recursive: true, force: true })
})

const camera = () => app.page.evaluate(async () => (await navigator.permissions.query({ name: 'camera' })).state)

test('the name that may give a worker its address is taken before anything is scanned', async () => {
  const made = () =>
    app.page.evaluate(() => {
      const { trustedTypes } = globalThis as unknown as {
        trustedTypes: { createPolicy(name: string, rules: object): object }
      }
      try {
        return typeof trustedTypes.createPolicy('lockbox-worker', { createScriptURL: (url: string) => url })
      } catch (error) {
        return (error as Error).name
      }
    })
  expect(await made()).toBe('TypeError')
  await app.page.reload()
  await app.page.waitForLoadState()
  expect(await made()).toBe('TypeError')
})

test('still codes, mirrored, tilted and dim, and an animated one are read in a row; the camera is open for as long, and no longer', async () => {
  const { page } = app
  expect(await camera()).toBe('denied')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: /^Log/ }).click()
  await page.getByRole('button', { name: 'Scan codes' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('Got 4: 0 new, 0 known, 5 refused, 0 waiting for others.')).toBeVisible(LONG)
  expect(await camera()).toBe('granted')
  // The film goes round, and so comes to a code that is nothing of ours.
  await expect(dialog.getByText('This code is nothing of Lockbox.')).toBeVisible(LONG)
  await axeFindsNothing(page, 'scanning')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect.poll(camera).toBe('denied')
})

test('a document that took the place of one that scanned has no camera', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Scan codes' }).click()
  await expect.poll(camera).toBe('granted')
  await page.reload()
  await expect.poll(camera).toBe('denied')
})

test('a camera that is unplugged says so; another one is chosen, and what was read is kept', async () => {
  const { page } = app
  // The browser plays one file as one camera; a second name for it stands in for a second one.
  await page.evaluate(() => {
    const { mediaDevices } = navigator
    const [list, open] = [
      mediaDevices.enumerateDevices.bind(mediaDevices),
      mediaDevices.getUserMedia.bind(mediaDevices),
    ]
    mediaDevices.enumerateDevices = async () => {
      const first = (await list()).find(({ kind }) => kind === 'videoinput')
      const other = { deviceId: 'other', groupId: '', kind: 'videoinput', label: 'Camera on the desk' }
      return [first, other] as MediaDeviceInfo[]
    }
    mediaDevices.getUserMedia = (asked) => {
      Object.assign(globalThis, { askedCamera: JSON.stringify(asked?.video) })
      return open({ video: true })
    }
  })
  await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: /^Log/ }).click()
  await page.getByRole('button', { name: 'Scan codes' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(/Got \d/)).toBeVisible(LONG)
  await page.evaluate(() => {
    const stream = document.querySelector('video')?.srcObject as MediaStream
    stream.getVideoTracks()[0]?.dispatchEvent(new Event('ended'))
  })
  await expect(dialog.getByText('The camera was unplugged, or the system took it away.')).toBeVisible()
  await expect(dialog.getByText(/Got \d/)).toBeVisible()
  await axeFindsNothing(page, 'scanning without the camera that was there')
  await dialog.getByLabel('Camera', { exact: true }).selectOption({ label: 'Camera on the desk' })
  await expect(dialog.getByText('The camera was unplugged')).toHaveCount(0)
  await expect(dialog.locator('video')).toBeVisible()
  expect(await page.evaluate(() => String(Reflect.get(globalThis, 'askedCamera')))).toContain('"exact":"other"')
})

test('without a camera a file is dropped, and a text pasted, through the same door', async () => {
  const { page } = app
  const dialog = page.getByRole('dialog')
  await page.reload()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: /^Log/ }).click()
  await page.getByRole('button', { name: 'Scan codes' }).click()
  const bytes = lockboxFile({ statements: [vector('valid-ready')], blobs: [], notes: [] })
  const text = Buffer.from(bytes).toString()
  const dropped = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([content], 'case.lockbox'))
    return transfer
  }, text)
  const sums = async () =>
    /Got (\d+):.* (\d+) refused/
      .exec((await dialog.textContent()) ?? '')
      ?.slice(1)
      .map(Number) ?? [0, 0]
  const [got = 0, refused = 0] = await sums()
  await dialog.getByRole('region', { name: 'Without a camera' }).dispatchEvent('drop', { dataTransfer: dropped })
  await expect.poll(async () => ((await sums())[1] ?? 0) > refused && ((await sums())[0] ?? 0) > got).toBe(true)
  await dialog.getByLabel('Pasted text').fill(codesOf(packed('valid-issuing')).code(1))
  await dialog.getByRole('button', { name: 'Take in the text' }).click()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByText('What was refused at the door since unlocking').click()
  await expect(page.getByText(/it came in a file of/).first()).toBeVisible()
  await expect(page.getByText(/it came in a pasted text of/).first()).toBeVisible()
})

test('another decoder reads what the window draws: a card as one still code, a draft as a sequence', async () => {
  const { page } = app
  // For axe nothing moved.
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await page.reload()
  const scan = createScan()
  scan.take(cardOnScreen)
  const [envelope] = statementsIn(scan.complete[0])
  expect(Buffer.from(cardInEnvelope(envelope as Uint8Array) ?? '').toString()).toContain('"name":"Raj Patel"')
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: /^People/ })
    .click()
  await page.getByRole('button', { name: 'Show as a code' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Pause' }).click()
  const draft = createScan()
  for (let number = 0; draft.complete.length === 0 && number < 20; number++) {
    draft.take(await readByZbar(dialog.getByRole('img', { name: 'Code of the list and its endorsements' })))
    await dialog.getByRole('button', { name: 'Next code' }).click()
  }
  expect(statementsIn(draft.complete[0]).map((one) => parse(one).kind)).toEqual(['roster', 'endorsement'])
  await dialog.getByRole('button', { name: 'Done' }).click()
})
