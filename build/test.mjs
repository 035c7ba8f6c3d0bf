// npm test: every check, one stage after the other, each with its time; the first failure ends it.
// What the machine lacks is looked after first: nobody should wait for minutes to hear of it.
// `npm test -- lint unit` runs only the stages named. Words after `--` go to the last stage named.
import { needsOfTests } from './needs.mjs'
import { checkNode, ensurePackages, run } from './prepare.mjs'

/** @type {Record<string, string>} */
const forWindows = {}

/** @type {Record<string, (words: readonly string[]) => void | Promise<void>>} */
const STAGES = {
  typecheck: () => run('npm', ['run', '--silent', 'typecheck']),
  lint: () => run('npm', ['run', '--silent', 'lint']),
  unit: (words) => {
    const projects = ['node', 'apps', 'dom'].flatMap((name) => ['--project', name])
    run('npx', ['--no-install', 'vitest', 'run', ...projects, ...words])
  },
  // Whole apps on several hosts, in network namespaces; one file after the other, since they wait for the time that silence takes.
  network: (words) =>
    run('npx', ['--no-install', 'vitest', 'run', '--project', 'network', '--no-file-parallelism', ...words]),
  build: async () => {
    const { buildApp } = await import('./build.mjs')
    await buildApp()
    await buildApp({ e2e: true, reuseWindow: true })
  },
  // Every screen in every state against its approved picture and tree.
  screens: (words) =>
    run('npx', ['--no-install', 'playwright', 'test', '-c', 'e2e/screens/playwright.config.ts', ...words], forWindows),
  e2e: (words) =>
    run('npx', ['--no-install', 'playwright', 'test', '-c', 'e2e/playwright.config.ts', ...words], forWindows),
  // Each case of the bench once: that it works, not how fast.
  bench: () => run(process.execPath, ['build/bench.mjs', '--once'], forWindows),
  // Everything that is given to people: made twice, compared, installed, started.
  package: (words) => run('npx', ['--no-install', 'vitest', 'run', '--project', 'package', ...words], forWindows),
  // A whole break-glass with real windows; short, but nothing left out.
  drill: () =>
    run(process.execPath, ['build/drill.mjs', '--members', '4', '--threshold', '2', '--session-seconds', '60']),
}

const given = process.argv.slice(2)
const cut = given.indexOf('--')
const names = cut < 0 ? given : given.slice(0, cut)
const words = cut < 0 ? [] : given.slice(cut + 1)
const unknown = names.filter((name) => !Object.hasOwn(STAGES, name))
if (unknown.length > 0) {
  console.error(`no stage ${unknown.join(', ')}; there are ${Object.keys(STAGES).join(', ')}`)
  process.exit(1)
}

checkNode()
ensurePackages()
const chosen = names.length > 0 ? names : Object.keys(STAGES)
const needs = needsOfTests(chosen, { isRoot: process.getuid?.() === 0 })
if (needs.length > 0) {
  const { ensureNeeds } = await import('./find-browser.mjs')
  const browser = await ensureNeeds(needs)
  if (browser) forWindows['LOCKBOX_BROWSER'] = browser.path
}
const times = []
for (const name of chosen) {
  console.log(`\n== ${name}`)
  const started = performance.now()
  await STAGES[name]?.(name === chosen.at(-1) ? words : [])
  times.push(`${name} ${((performance.now() - started) / 1000).toFixed(1)} s`)
  console.log(`== ${times.at(-1)}`)
}
console.log(`\nall passed: ${times.join(' · ')}`)
