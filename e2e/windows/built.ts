import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

/** Builds the small app of the shell's own tests, once before all of them: several may run it at the same time. */
export default function build(): void {
  execFileSync(process.execPath, ['build/build.mjs', '--fixture'], {
    cwd: resolve(import.meta.dirname, '../..'),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
