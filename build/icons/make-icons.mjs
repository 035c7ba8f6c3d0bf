// Draws the icons anew from lockbox.svg: `node build/icons/make-icons.mjs`, after the drawing was changed. What it makes
// is kept in the repository, since a browser of another version draws a few pixels otherwise.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { ensureBrowser } from '../find-browser.mjs'
import { icnsOf, icoOf } from './containers.mjs'

const here = import.meta.dirname
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024]

const drawing = await readFile(join(here, 'lockbox.svg'), 'utf8')
const { path } = await ensureBrowser()
const browser = await chromium.launch({ executablePath: path, chromiumSandbox: process.getuid?.() !== 0 })
const page = await browser.newPage()
/** @type {Map<number, Buffer>} */
const pictures = new Map()
for (const size of SIZES) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(
    `<style>body { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>${drawing}`,
  )
  const picture = await page.screenshot({ omitBackground: true })
  pictures.set(size, picture)
  await writeFile(join(here, `${size}x${size}.png`), picture)
}
await browser.close()
await writeFile(join(here, 'icon.ico'), icoOf(pictures))
await writeFile(join(here, 'icon.icns'), icnsOf(pictures))
