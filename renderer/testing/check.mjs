// Opens every story under the product's Content-Security-Policy, in every size and both colour schemes, and fails on
// anything axe, the policy or the console complains about, and on content wider than the window:
// `node renderer/testing/check.mjs [--pictures=<folder>] [--sizes=1280,640] [story…]`.
import { mkdir } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { serveStories } from './serve.mjs'

const SIZES = [
  { name: '1280', width: 1280, height: 800 },
  { name: '900', width: 900, height: 620 },
  { name: '640', width: 640, height: 800 },
  // 1280 × 800 at 200 %
  { name: '200', width: 640, height: 400, deviceScaleFactor: 2 },
]

const args = process.argv.slice(2)
const pictures = args.find((arg) => arg.startsWith('--pictures='))?.slice('--pictures='.length)
const wanted = args.filter((arg) => !arg.startsWith('--'))
const sizes = args
  .find((arg) => arg.startsWith('--sizes='))
  ?.slice('--sizes='.length)
  .split(',')
const { url, stop } = await serveStories()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
})
const problems = []
if (pictures) await mkdir(pictures, { recursive: true })

const list = await (await browser.newPage()).goto(url).then(async (response) => {
  const page = response.frame().page()
  await page.getByRole('link').first().waitFor()
  return page.getByRole('link').allTextContents()
})

for (const size of SIZES.filter(({ name }) => sizes?.includes(name) ?? true)) {
  for (const colorScheme of size.name === '1280' || size.name === '640' ? ['light', 'dark'] : ['light']) {
    const context = await browser.newContext({
      viewport: { width: size.width, height: size.height },
      deviceScaleFactor: size.deviceScaleFactor ?? 1,
      colorScheme,
      reducedMotion: 'reduce',
    })
    for (const name of list.filter((each) => wanted.length === 0 || wanted.includes(each))) {
      const where = `${name} ${size.name} ${colorScheme}`
      const page = await context.newPage()
      page.on(
        'console',
        (message) => ['error', 'warning'].includes(message.type()) && problems.push(`${where}: ${message.text()}`),
      )
      page.on('pageerror', (error) => problems.push(`${where}: ${error.message}`))
      await page.goto(`${url}#/${name}`)
      await page
        .getByRole('heading')
        .first()
        .waitFor({ timeout: 5000 })
        .catch(() => problems.push(`${where}: nothing shown`))
      // Opened rows and finished movements; what moves without end (the waiting key) is no reason to wait.
      await page.waitForFunction(
        () =>
          ![...document.querySelectorAll('[role=status]')].some((one) => one.textContent?.startsWith('Opening')) &&
          document
            .getAnimations()
            .every((one) => one.playState !== 'running' || one.effect?.getTiming().iterations === Infinity),
      )
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      if (wide > 0) problems.push(`${where}: ${wide} px wider than the window`)
      if (size.name === '1280') {
        const { violations } = await new AxeBuilder({ page }).analyze()
        for (const { id, nodes } of violations)
          problems.push(`${where}: axe ${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)
      }
      if (pictures)
        await page.screenshot({
          path: `${pictures}/${name}-${size.name}-${colorScheme}.png`,
          fullPage: args.includes('--whole'),
        })
      await page.close()
    }
    await context.close()
  }
}
await browser.close()
stop()
for (const problem of new Set(problems)) console.log(problem)
console.log(`${list.length} stories, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
