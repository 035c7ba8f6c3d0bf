import { spawnSync } from 'node:child_process'

// Real file systems for tests, where this machine lets us mount them. Where it does not, tests go by a disk that is made
// to fail (`faulty-fs.ts`), and say what they left out.

/** A file system that was mounted over a directory. */
export interface Mounted {
  /** From now on it can be read only. @returns false if it is in use for writing. */
  makeReadOnly(): boolean
  makeWritable(): void
  unmount(): void
}

function run(command: string, ...words: string[]): boolean {
  return spawnSync(command, words, { stdio: 'ignore' }).status === 0
}

function mounted(dir: string, remount: string): Mounted {
  return {
    makeReadOnly: () => run('mount', '-o', `${remount},ro`, dir),
    makeWritable: () => void run('mount', '-o', `${remount},rw`, dir),
    // Lazily: a browser that is on its way out must not keep a test from ending.
    unmount: () => void run('umount', '--lazy', dir),
  }
}

/** A small disk over an empty directory, or null, which is said, where mounting is not permitted. */
export function mountSmallDisk(dir: string, size: string): Mounted | null {
  if (run('mount', '-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', dir)) return mounted(dir, 'remount')
  return leftOut('a small disk')
}

/** A directory as a mount of its own, which can be made read-only; null, which is said, where that is not permitted. */
export function mountOver(dir: string): Mounted | null {
  if (run('mount', '--bind', dir, dir)) return mounted(dir, 'remount,bind')
  return leftOut('a read-only disk')
}

function leftOut(what: string): null {
  console.warn(`left out: ${what} of the real kind, since mounting is not permitted here`)
  return null
}
