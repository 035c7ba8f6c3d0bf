// npm run bench:large: a generated log of as many statements as is said (--statements 1000000), verified by the command line,
// and with --page by the page that verifies.
import { checkNode, ensurePackages, run } from './prepare.mjs'

checkNode()
ensurePackages()

const { buildBeside, buildMain } = await import('./build.mjs')
const { buildVerifier } = await import('./verifier.mjs')
await buildMain({ programs: { lockbox: 'main/cli/lockbox.ts' }, outdir: 'out/main', e2e: false })
await buildVerifier()
const words = process.argv.slice(2)
const { path } = words.includes('--page') ? await (await import('./find-browser.mjs')).ensureBrowser() : { path: '' }
run(process.execPath, [await buildBeside('large'), ...words], path === '' ? {} : { LOCKBOX_BROWSER: path })
