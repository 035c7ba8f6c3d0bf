import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Forbids this process, and all that it starts, to leave its memory in a core file. Call it before any secret is
 * touched. On Linux it takes `prlimit` of util-linux; macOS writes none unless asked to, Windows has none.
 *
 * @returns whether it is forbidden; if not, say so to people.
 */
export async function forbidCoreDumps(): Promise<boolean> {
  if (process.platform !== 'linux') return true
  try {
    await promisify(execFile)('prlimit', ['--pid', String(process.pid), '--core=0:0'])
    return true
  } catch {
    return false
  }
}
