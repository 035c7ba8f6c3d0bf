import { asDiskError } from './disk-error.ts'
import type { VaultFile, VaultFs } from './files.ts'

/** A disk that takes longer than this for one call is slow, and people are told what they wait for. */
export const SLOW_MS = 1000

/**
 * A disk whose errors are ours (`disk-error.ts`), and which tells when it is slow. Slow is no failure: every call waits as
 * long as it takes.
 *
 * @param onSlow - told true when a call takes long, false when none does any more.
 */
export function watchedFs(fs: VaultFs, onSlow: (isSlow: boolean) => void): VaultFs {
  let late = 0
  const watch = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      if (++late === 1) onSlow(true)
    }, SLOW_MS)
    // What is waited for keeps the app alive by itself.
    timer.unref()
    try {
      return await act()
    } catch (error) {
      throw asDiskError(error)
    } finally {
      clearTimeout(timer)
      if (isLate && --late === 0) onSlow(false)
    }
  }
  const watched = (file: VaultFile): VaultFile => ({
    size: () => watch(() => file.size()),
    read: (at, length) => watch(() => file.read(at, length)),
    write: (bytes, at) => watch(() => file.write(bytes, at)),
    truncate: (length) => watch(() => file.truncate(length)),
    sync: () => watch(() => file.sync()),
    close: () => watch(() => file.close()),
  })
  return {
    makeDir: (path) => watch(() => fs.makeDir(path)),
    open: (async (path: string, mode: 'create') => {
      const file = await watch<VaultFile | null>(() => fs.open(path, mode))
      return file === null ? null : watched(file)
    }) as VaultFs['open'],
    readAll: (path) => watch(() => fs.readAll(path)),
    look: (path) => watch(() => fs.look(path)),
    list: (path) => watch(() => fs.list(path)),
    rename: (from, to) => watch(() => fs.rename(from, to)),
    remove: (path) => watch(() => fs.remove(path)),
    syncDir: (path) => watch(() => fs.syncDir(path)),
  }
}
