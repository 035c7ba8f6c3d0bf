import type { Located } from './journal-disk.ts'
import type { IndexFile, IndexHead } from './journal-index.ts'
import type { JournalOptions } from './journal-options.ts'
import { Places } from './journal-places.ts'
import type { JournalIdentity } from './journal-record.ts'
import { readCovered, readPlaces, readTail, type Tail } from './journal-resume.ts'
import { EMPTY_SCAN, type HeadMarker, type Problem, type Scan, scanJournal } from './journal-scan.ts'
import { isReadable } from './journal-version.ts'

/** A journal as it was read. */
export interface Reading extends Pick<Scan, 'next' | 'length' | 'newestVersion'> {
  readonly places: Places
  readonly problems: readonly Problem[]
  /** Bytes at its end that are to be cut off. */
  readonly tornBytes: number
  /** How many records an index of these very rules covers. */
  readonly vouched: number
}

interface Sources {
  readonly identity: JournalIdentity
  readonly located: Located
  readonly marker: HeadMarker
  readonly index: IndexFile
  readonly options: Pick<JournalOptions, 'create' | 'rules' | 'reading'>
}

/** Reads a journal with the help of its index, if there is one that fits; else every record is opened. */
export async function readJournal(sources: Sources): Promise<Reading> {
  if (sources.options.create) return readingOf(EMPTY_SCAN, 0)
  return (await resumed(sources)) ?? readAll(sources)
}

async function readAll({ identity, located: { file }, marker }: Sources): Promise<Reading> {
  const content = await file.read(0, await file.size())
  const scan = scanJournal(identity, content, marker)
  return readingOf(scan, content.length - scan.length)
}

function readingOf({ entries, problems, next, length, newestVersion }: Scan, tornBytes: number): Reading {
  return { places: new Places(entries), problems, next, length, newestVersion, tornBytes, vouched: 0 }
}

async function resumed(sources: Sources): Promise<Reading | null> {
  const { identity, located, marker, index, options } = sources
  const { file } = located
  const found = await index.read()
  if (found === null || found.head.rules !== options.rules) return null
  const { end } = found.head
  const tail = await readTail(identity, file, marker, end)
  const shapes = tail && found.shapes()
  if (tail === null || shapes === null) return null
  await tellEarly(sources, found.head, tail)
  const places = await readCovered(file, end, shapes, (read) => {
    options.reading?.signal.throwIfAborted()
    options.reading?.onProgress(read, shapes.count)
  })
  if (places === null) return null
  for (const entry of tail.entries) places.add(entry)
  const last = tail.entries.at(-1) ?? end
  return {
    places,
    problems: [],
    next: { position: places.size, previous: last.hash },
    length: last === end ? end.length : last.at + last.length,
    newestVersion: tail.newestVersion,
    tornBytes: 0,
    vouched: end.position + 1,
  }
}

/** Tells what can be known before everything that the index covers was compared with it, which takes long where there is much. */
async function tellEarly({ identity, located, options }: Sources, head: IndexHead, tail: Tail): Promise<void> {
  // Of a journal of another version nothing is shown, not even for a moment.
  if (options.reading === undefined || !isReadable(tail.newestVersion)) return
  await options.reading.onGlimpse({
    glimpse: head.glimpse,
    size: head.end.position + 1 + tail.entries.length,
    tail: tail.records(),
    records: (places) => readPlaces(identity, located.file, places),
  })
  options.reading.signal.throwIfAborted()
}
