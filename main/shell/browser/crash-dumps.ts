import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const TRIES = 200
const BETWEEN_TRIES_MS = 25

/**
 * Keeps a running browser from writing crash dumps. Its crash handler makes the directory `new` when it starts and
 * opens each dump in there; with a file of that name in its place there is nowhere to write, for root as well. A
 * handler that starts only later finds no database and writes nothing either.
 */
export async function blockCrashDumps(directory: string): Promise<void> {
  const place = join(directory, 'new')
  for (let attempt = 0; attempt < TRIES && !(await isDirectory(place)); attempt++) await delay(BETWEEN_TRIES_MS)
  await rm(place, { recursive: true, force: true })
  await writeFile(place, '', { mode: 0o400 })
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  return found?.isDirectory() ?? false
}
