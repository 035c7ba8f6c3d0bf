import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'

/** A file that only grows, with nothing around it. */
export interface BareFile {
  /** Writes at the end and waits until it is on the medium: two calls of the system. */
  append(bytes: Uint8Array): void
  close(): void
}

export function bareFile(path: string): BareFile {
  const file = openSync(path, 'w', 0o600)
  let at = 0
  return {
    append: (bytes) => {
      at += writeSync(file, bytes, 0, bytes.length, at)
      fdatasyncSync(file)
    },
    close: () => closeSync(file),
  }
}
