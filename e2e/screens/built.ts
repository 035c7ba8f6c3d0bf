import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { buildVerifier } from '../../build/verifier.mjs'

const root = resolve(import.meta.dirname, '../..')

/** Where the built stories lie. */
export const STORIES = resolve(root, 'out/stories')

/** Builds them and the page that verifies, once before all tests. */
export default async function build(): Promise<void> {
  execFileSync(process.execPath, ['build/build.mjs', '--stories'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await buildVerifier()
}
