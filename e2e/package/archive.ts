import { readFileSync } from 'node:fs'

// Electron's own formats, read by their description and not with the tools that wrote them.

/** A file of an asar archive, by its path. */
export type Archive = ReadonlyMap<string, Buffer>

interface Folder {
  readonly files: Readonly<Record<string, Folder | File>>
}

interface File {
  readonly size: number
  /** In decimal, from the end of the header. */
  readonly offset: string
}

/**
 * Reads an asar archive: four numbers of 32 bits (4, the header's length, and twice the lengths inside it), the header as
 * JSON, the files one after the other. A file that lies outside the archive, a link or a program mark is refused, since
 * ours has none.
 */
export function readArchive(path: string): Archive {
  const bytes = readFileSync(path)
  const start = 8 + bytes.readUInt32LE(4)
  const header = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as Folder
  const found = new Map<string, Buffer>()
  const walk = ({ files }: Folder, above: string): void => {
    for (const [name, entry] of Object.entries(files)) {
      const at = `${above}${name}`
      if ('files' in entry) {
        walk(entry, `${at}/`)
        continue
      }
      const odd = Object.keys(entry).filter((key) => !['size', 'offset', 'integrity'].includes(key))
      if (odd.length > 0) throw new Error(`${at} has ${odd.join(', ')}`)
      const from = start + Number(entry.offset)
      found.set(at, bytes.subarray(from, from + entry.size))
    }
  }
  walk(header, '')
  return found
}

const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

/** In the order of Electron's fuses, version 1. */
const FUSES = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'nodeInspect',
  'archiveIntegrity',
  'onlyArchive',
  'ownSnapshot',
  'filePrivileges',
  'wasmTraps',
] as const

/** Which fuses of an Electron program are on: behind a text stand the version, their number, and a digit for each. */
export function readFuses(program: string): Partial<Record<(typeof FUSES)[number], string>> {
  const bytes = readFileSync(program)
  const at = bytes.indexOf(SENTINEL)
  if (at < 0 || bytes.includes(SENTINEL, at + 1)) throw new Error(`${program} has not exactly one set of fuses`)
  const [version, count = 0] = bytes.subarray(at + SENTINEL.length)
  if (version !== 1) throw new Error(`the fuses of ${program} are of version ${version}`)
  const digits = bytes.toString('latin1', at + SENTINEL.length + 2, at + SENTINEL.length + 2 + count)
  return Object.fromEntries(Array.from(digits, (digit, index) => [FUSES[index] ?? `fuse ${index}`, digit]))
}
