// npm run fuzz: at least a million mutated bundles. Options after `--`: --inputs N · --seconds N · --seed N · --workers N|all.
import { checkNode, ensurePackages, run } from './prepare.mjs'

checkNode()
ensurePackages()

const { buildBeside } = await import('./build.mjs')
run(process.execPath, ['--no-warnings', await buildBeside('fuzz'), ...process.argv.slice(2)])
