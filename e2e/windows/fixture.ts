import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Builds the small app of the shell's own tests and gives its program. */
export function builtFixture(): string {
  execFileSync(process.execPath, ['build/build.mjs', '--fixture'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return resolve(root, 'out/fixture/main/index.js')
}
