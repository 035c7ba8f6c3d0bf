// npm run nodes: the whole of npm test under each version of Node that we promise, the lowest first. The versions come
// from the package registry. `npm run nodes -- 22 24` takes only those; words after a second `--` go to npm test:
// `npm run nodes -- 24 -- unit`.
import { mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { checkNode, ensurePackages, root, run } from './prepare.mjs'

/** The lowest that `engines` names, and the newest of each line that is kept up. */
const VERSIONS = ['20.19.0', '22', '24']

const given = process.argv.slice(2)
const cut = given.indexOf('--')
const named = cut < 0 ? given : given.slice(0, cut)
const words = cut < 0 ? [] : given.slice(cut + 1)

checkNode()
ensurePackages()
for (const version of named.length > 0 ? named : VERSIONS) {
  const place = join(root, 'out/nodes', version)
  mkdirSync(place, { recursive: true })
  const system = process.platform === 'win32' ? 'win' : process.platform
  const node = `node-${system}-${process.arch}`
  run('npm', ['install', '--prefix', place, '--no-save', '--no-fund', '--no-audit', `${node}@${version}`])
  const bin = join(place, 'node_modules', node, 'bin')
  console.log(`\n==== Node ${version}`)
  run('node', ['--version'], { PATH: `${bin}${delimiter}${process.env['PATH']}` })
  run('node', [join(root, 'build/test.mjs'), ...words], { PATH: `${bin}${delimiter}${process.env['PATH']}` })
}
console.log('\nall of them passed')
