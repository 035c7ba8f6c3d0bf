import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * Forbids a process, and all that it starts, to leave its memory in a core file. Call it before any secret is
 * touched. What it has started already is forbidden too: Electron's windows are forked from a process that is older
 * than our code. On Linux it takes `prlimit` of util-linux; macOS writes none unless asked to, Windows has none.
 *
 * @returns whether it is forbidden; if not, say so to people.
 */
export async function forbidCoreDumps(pid: number = process.pid): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const forbid = async (one: number) => {
    // Whoever was started without is asked nothing: a program for each would be a tenth of the app's start.
    if (await isForbidden(one)) return
    await promisify(execFile)('prlimit', ['--pid', String(one), '--core=0:0'])
  }
  try {
    await forbid(pid)
  } catch {
    return false
  }
  for (const one of await descendants(pid)) {
    try {
      await forbid(one)
    } catch {
      if (await isThere(one)) return false
    }
  }
  return true
}

async function isForbidden(pid: number): Promise<boolean> {
  const limits = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '')
  return /^Max core file size\s+0\s+0\s/m.test(limits)
}

async function descendants(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  )
  const children = lists.flatMap((list) => list.split(' ').filter((word) => word !== '')).map(Number)
  const below = await Promise.all(children.map(descendants))
  return [...children, ...below.flat()]
}

async function isThere(pid: number): Promise<boolean> {
  return (await readdir(`/proc/${pid}/task`).catch(() => [])).length > 0
}
