import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Where the built stories lie. */
export const STORIES = resolve(root, 'out/stories')

/** Builds them, once before all tests. */
export default function build(): void {
  execFileSync(process.execPath, ['build/build.mjs', '--stories'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
