import { constants } from 'node:fs'
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { diskFault, osErrorCode } from './disk-error.ts'

/** An open file, written at places we choose. Errors are Node's, with a `code` such as `ENOSPC`. */
export interface VaultFile {
  size(): Promise<number>
  /** Up to `length` bytes; fewer at the end of the file. */
  read(at: number, length: number): Promise<Uint8Array>
  /** Returns how many bytes were written, which may be fewer than given. */
  write(bytes: Uint8Array, at: number): Promise<number>
  truncate(length: number): Promise<void>
  /** Returns once the bytes, and the size needed to read them, are on the medium (fdatasync). */
  sync(): Promise<void>
  close(): Promise<void>
}

/** What a path leads to: another file there, or another length, shows that somebody else was at work. */
export interface FileFacts {
  readonly size: number
  /** Names the file on its disk; a copy of it has another name, whatever its path. */
  readonly file: string
  /** When it was made, or null where the file system does not keep that. Copies are younger. */
  readonly born: string | null
}

/**
 * All that the vault asks of a disk, so that tests can have a disk that is full, that fails to sync, writes half, or
 * dies at a chosen byte.
 */
export interface VaultFs {
  /** Makes the directory, for its owner only. */
  makeDir(path: string): Promise<void>
  /**
   * Opens for reading and writing; `create` makes an absent file (0600), otherwise absence is `null`; `new` makes one (0600) that
   * nobody has, else it is `null`.
   */
  open(path: string, mode: 'existing' | 'new'): Promise<VaultFile | null>
  open(path: string, mode: 'create'): Promise<VaultFile>
  /** The whole file, or null if there is none. */
  readAll(path: string): Promise<Uint8Array | null>
  /** What lies at a path now, or null if nothing does. */
  look(path: string): Promise<FileFacts | null>
  /** Names in a directory, or null if there is none. */
  list(path: string): Promise<string[] | null>
  rename(from: string, to: string): Promise<void>
  /** Removes a file or a whole directory; absence is no error. */
  remove(path: string): Promise<void>
  /** Makes names created, renamed or removed in this directory durable. */
  syncDir(path: string): Promise<void>
}

/** Whether an error says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  return diskFault(error) === 'disk-full'
}

/** Writes all bytes from `at`, however many pieces the system makes of them. */
export async function writeFully(file: VaultFile, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const written = await file.write(bytes.subarray(done), at + done)
    if (written <= 0) throw Object.assign(new Error('the disk took no bytes'), { code: 'EIO' })
    done += written
  }
}

/** A whole file, as it shall be. */
export interface NewFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Writes a whole file so that after a crash either the old or the new one is there (write aside, sync, rename). */
export function replaceFile(fs: VaultFs, path: string, bytes: Uint8Array): Promise<void> {
  return replaceFiles(fs, [{ path, bytes }])
}

/**
 * The same with several files of one directory: the disk is given all of them to sync at once, and the directory once.
 * Each gets its name in turn; on an error some may have got theirs, and nothing is left aside to take up room.
 */
export async function replaceFiles(fs: VaultFs, files: readonly NewFile[]): Promise<void> {
  const [first] = files
  if (first === undefined) return
  try {
    mustAllBeDone(await Promise.allSettled(files.map((file) => writeAside(fs, file))))
    for (const { path } of files) await fs.rename(asideOf(path), path)
  } catch (error) {
    for (const { path } of files) await fs.remove(asideOf(path)).catch(() => undefined)
    throw error
  }
  await fs.syncDir(dirname(first.path))
}

/**
 * Writes whole files of one directory under names that nobody has yet. The disk is given all of them, and the directory, to sync at
 * once: after a crash each is there, absent or cut short, so this is for what shows by itself whether it is whole. On an error none
 * of them is left.
 *
 * @returns those that were there already, and are as they were.
 */
export async function newFiles(fs: VaultFs, files: readonly NewFile[]): Promise<readonly NewFile[]> {
  const [first] = files
  if (first === undefined) return []
  const opened = await Promise.allSettled(files.map(({ path }) => fs.open(path, 'new')))
  const made = files.flatMap((file, at) => {
    const one = opened[at]
    return one?.status === 'fulfilled' && one.value !== null ? [{ ...file, open: one.value }] : []
  })
  try {
    mustAllBeDone(opened)
    mustAllBeDone(await Promise.allSettled(made.map(({ open, bytes }) => writeFully(open, bytes, 0))))
    if (made.length > 0)
      mustAllBeDone(await Promise.allSettled([...made.map(({ open }) => open.sync()), fs.syncDir(dirname(first.path))]))
  } catch (error) {
    await Promise.allSettled(made.map(({ open }) => open.close()))
    for (const { path } of made) await fs.remove(path).catch(() => undefined)
    throw error
  }
  await Promise.all(made.map(({ open }) => open.close()))
  return files.filter((file) => !made.some(({ path }) => path === file.path))
}

function mustAllBeDone(all: readonly PromiseSettledResult<unknown>[]): void {
  const failed = all.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** Where a file is made whole before it gets its name. */
export const asideOf = (path: string): string => `${path}.new`

async function writeAside(fs: VaultFs, { path, bytes }: NewFile): Promise<void> {
  const aside = asideOf(path)
  await fs.remove(aside)
  const file = await fs.open(aside, 'create')
  try {
    await writeFully(file, bytes, 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

class DiskFile implements VaultFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(length)
    let done = 0
    while (done < length) {
      const { bytesRead } = await this.#handle.read(buffer, done, length - done, at + done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    return buffer.subarray(0, done)
  }

  async write(bytes: Uint8Array, at: number): Promise<number> {
    return (await this.#handle.write(bytes, 0, bytes.length, at)).bytesWritten
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length)
  }

  sync(): Promise<void> {
    return this.#handle.datasync()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

async function orNull<Value>(work: Promise<Value>): Promise<Value | null> {
  try {
    return await work
  } catch (error) {
    if (osErrorCode(error) === 'ENOENT') return null
    throw error
  }
}

async function openFile(path: string, mode: 'existing' | 'create' | 'new'): Promise<DiskFile | null> {
  if (mode === 'new') return newFile(path)
  const flags = constants.O_RDWR | (mode === 'create' ? constants.O_CREAT : 0)
  const handle = await orNull(open(path, flags, 0o600))
  return handle === null ? null : new DiskFile(handle)
}

async function newFile(path: string): Promise<DiskFile | null> {
  try {
    return new DiskFile(await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600))
  } catch (error) {
    if (osErrorCode(error) === 'EEXIST') return null
    throw error
  }
}

/** The real disk. */
export const diskFs: VaultFs = {
  async makeDir(path) {
    await mkdir(path, { recursive: true, mode: 0o700 })
    // An older directory, or a strange umask, must not leave the vault readable by others.
    if (((await stat(path)).mode & 0o777) !== 0o700) await chmod(path, 0o700)
  },
  open: openFile as VaultFs['open'],
  readAll: (path) => orNull(readFile(path)),
  async look(path) {
    const found = await orNull(stat(path, { bigint: true }))
    if (found === null) return null
    const { size, ino, birthtimeNs } = found
    return { size: Number(size), file: String(ino), born: birthtimeNs === 0n ? null : String(birthtimeNs) }
  },
  list: (path) => orNull(readdir(path)),
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  async syncDir(path) {
    // Windows neither allows nor needs it: NTFS journals names.
    if (process.platform === 'win32') return
    const handle = await open(path, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}
