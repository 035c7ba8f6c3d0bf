import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { credentialsProgram } from './credentials-program.ts'

const top = mkdtempSync(join(tmpdir(), 'lockbox-installed-'))
afterAll(() => rmSync(top, { recursive: true }))

it.each([
  ['the script of an installed package', 'usr/lib/lockbox/main', 'usr/bin/lockbox-credentials', true],
  ['Node from a source that has such a script above it', 'home/lockbox/out/main', 'bin/lockbox-credentials', false],
  ['Node where an installed package lacks it', 'opt/lib/lockbox/main', null, false],
])('sessions are handed out by %s', (_what, folder, script, isScript) => {
  const main = join(top, folder)
  if (script !== null) {
    mkdirSync(dirname(join(top, script)), { recursive: true })
    writeFileSync(join(top, script), '')
  }
  const node = ['/usr/bin/node', join(main, 'lockbox-credentials.cjs')]
  expect(credentialsProgram(main, '/usr/bin/node')).toEqual(isScript ? [join(top, script ?? '')] : node)
})
