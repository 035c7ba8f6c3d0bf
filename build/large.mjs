// npm run bench:large: a generated log of as many statements as is said (--statements 1000000), verified by the command line.
import { checkNode, ensurePackages, run } from './prepare.mjs'

checkNode()
ensurePackages()

const { buildBeside, buildMain } = await import('./build.mjs')
await buildMain({ programs: { lockbox: 'main/cli/lockbox.ts' }, outdir: 'out/main', e2e: false })
run(process.execPath, [await buildBeside('large'), ...process.argv.slice(2)])
