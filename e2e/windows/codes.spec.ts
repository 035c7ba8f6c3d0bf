import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { compression } from '../../main/compression.ts'
import { type Drawing, drawn } from '../../renderer/codes/draw.ts'
import { codesOf } from '../../shared/carriers/codes.ts'
import { pack } from '../../shared/carriers/pack.ts'
import { readVector } from '../../shared/testing/vector-file.ts'
import { partOf } from '../drill/story.ts'
import { WindowActor } from '../drill/window-actor.ts'
import { type RunningApp, startApp } from '../driver.ts'
import { axeFindsNothing } from './axe.ts'
import { Hand } from './hand.ts'

// A real window before a camera that the browser plays from a file: what another person's screen shows.

const [WIDTH, HEIGHT] = [1280, 720]
const LONG = { timeout: 30_000 }
let dir: string
let app: RunningApp

/** One picture of 4:2:0 video without colour: a light wall, in its middle a screen with the code, turned round if mirrored. */
function pictureOf({ size, path }: Drawing, mirrored = false): Uint8Array {
  const frame = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128)
  frame.fill(200, 0, WIDTH * HEIGHT)
  const scale = Math.floor(660 / size)
  const [left, top] = [(WIDTH - size * scale) >> 1, (HEIGHT - size * scale) >> 1]
  const fill = (x: number, y: number, width: number, height: number, light: number) => {
    for (let row = y; row < y + height; row++) frame.fill(light, row * WIDTH + x, row * WIDTH + x + width)
  }
  fill(left, top, size * scale, size * scale, 235)
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    const at = mirrored ? size - Number(x) - Number(length) : Number(x)
    fill(left + at * scale, top + Number(y) * scale, Number(length) * scale, scale, 30)
  }
  return frame
}

/** YUV4MPEG2, which the browser plays again and again. */
function filmOf(pictures: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F12:1 Ip A1:1 C420jpeg\n`)
  return Buffer.concat([head, ...pictures.flatMap((picture) => [Buffer.from('FRAME\n'), Buffer.from(picture)])])
}

/** Statements of another organization: the door refuses them by name, which shows that they came that far. */
const vector = (name: string) =>
  readVector(name, readFileSync(new URL(`../../shared/statements/vectors/door/${name}.txt`, import.meta.url))).envelope
const still = pack({ statements: [vector('valid-decision')], blobs: [], notes: [] }, compression)
const long = pack({ statements: [vector('valid-roster'), vector('valid-request')], blobs: [], notes: [] }, compression)

test.beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockbox-codes-'))
  const [one, many] = [codesOf(still), codesOf(long)]
  expect([one.count, many.count]).toEqual([1, 7])
  const stranger = drawn('HTTPS://EXAMPLE.COM/')
  const film = filmOf([
    ...Array.from({ length: 4 }, () => pictureOf(stranger)),
    ...Array.from({ length: 6 }, () => pictureOf(drawn(one.code(1)), true)),
    ...Array.from({ length: 30 }, (_, at) => pictureOf(drawn(many.code(1 + (at >> 1))))),
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
  await raj.found('Example Bank', [{ file: await raj.joinCard(partOf(0)), part: partOf(0) }])
  await raj.endorseFounding()
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

test('a still code, mirrored, and an animated one are read in a row; the camera is open for as long, and no longer', async () => {
  const { page } = app
  expect(await camera()).toBe('denied')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: /^Log/ }).click()
  await page.getByRole('button', { name: 'Scan codes' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('Got 2: 0 new, 0 known, 3 refused, 0 waiting for others.')).toBeVisible(LONG)
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
