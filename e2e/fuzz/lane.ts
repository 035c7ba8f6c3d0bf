import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { corpusOf } from './corpus.ts'
import { Broken, MOST_MS, type Tally, tryOne } from './fuzz.ts'
import { fileOf, inputOf } from './mutations.ts'

// A lane is a process of its own, so that its time and memory are its own too: a thread in it verifies, the other one watches.

/** What a lane verifies: the inputs of `seed`, `seed + step`, and so on. */
export interface Order {
  readonly seed: number
  readonly step: number
  readonly inputs: number
  readonly seconds: number
}

/** What a lane tells of itself. */
export type Told =
  | { readonly what: 'tally'; readonly tally: Tally }
  | { readonly what: 'broken'; readonly seed: number; readonly says: string; readonly file: string }

type FromThread = { readonly tally: Tally } | { readonly broken: { readonly seed: number; readonly says: string } }

interface ThreadOrder extends Order {
  /** The seed that is being tried, so that a hang or a crash can be told of: `[seed, how many so far]`. */
  readonly now: Uint32Array<SharedArrayBuffer>
}

const TELL_EVERY_MS = 2000
/** A million inputs a night must not fill a heap; what one input takes is far below. */
const HEAP_MB = 192
const OUT = join('out', 'fuzz')

/** The seed so many steps behind another. Seeds are whole numbers below 2^32, and begin again there. */
export function seedAfter({ seed, step }: Pick<Order, 'seed' | 'step'>, inputs: number): number {
  return (seed + step * inputs) % 2 ** 32
}

/**
 * Verifies what is ordered, in this process.
 *
 * @param program - runs again in a thread, where it has to call {@link serveThread}.
 * @returns once all is done, or something broke.
 */
export async function runLane(order: Order, program: URL, tell: (told: Told) => void): Promise<void> {
  const now = new Uint32Array(new SharedArrayBuffer(8))
  const worker = new Worker(program, {
    workerData: { ...order, now } satisfies ThreadOrder,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 64 },
  })
  const failing: Promise<void>[] = []
  const fail = (seed: number, says: string) => {
    if (failing.length > 0) return
    const told = worker
      .terminate()
      .then(() => kept(seed))
      .then((file) => tell({ what: 'broken', seed, says, file }))
    failing.push(told)
  }
  const current = () => Atomics.load(now, 0)
  let last = 0
  let since = process.cpuUsage()
  // By the time of the core, not of the clock: at night other programs run too.
  const hangs = setInterval(() => {
    const count = Atomics.load(now, 1)
    const { user, system } = process.cpuUsage(since)
    if (count !== last) since = process.cpuUsage()
    else if (count > 0 && user + system > 2 * MOST_MS * 1000) fail(current(), `seed ${current()}: hangs`)
    last = count
  }, MOST_MS)
  worker.on('message', (told: FromThread) => {
    if ('broken' in told) fail(told.broken.seed, told.broken.says)
    else tell({ what: 'tally', tally: told.tally })
  })
  worker.on('error', (error) => fail(current(), `seed ${current()}: ${String(error)}`))
  await new Promise((resolve) => worker.once('exit', resolve))
  clearInterval(hangs)
  await Promise.all(failing)
}

/** Verifies in a lane's thread, if this is one. */
export function serveThread(): Promise<void> | null {
  if (parentPort === null) return null
  const port: MessagePort = parentPort
  return verifyAll(workerData as ThreadOrder, (told) => port.postMessage(told, []))
}

async function verifyAll(order: ThreadOrder, tell: (told: FromThread) => void): Promise<void> {
  const { inputs, seconds, now } = order
  const corpus = await corpusOf()
  const tally: Tally = { inputs: 0, readable: 0, verified: 0 }
  const end = Date.now() + seconds * 1000
  for (let told = Date.now(); tally.inputs < inputs && Date.now() < end; ) {
    const seed = seedAfter(order, tally.inputs)
    Atomics.store(now, 0, seed)
    Atomics.store(now, 1, tally.inputs + 1)
    try {
      await tryOne(corpus, seed, tally)
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? ''}` : ''
      return tell({ broken: { seed, says: error.message + cause } })
    }
    if (Date.now() < told + TELL_EVERY_MS) continue
    told = Date.now()
    tell({ tally })
  }
  tell({ tally })
}

/** Keeps the file of a seed, and gives its path. */
async function kept(seed: number): Promise<string> {
  const { originals } = await corpusOf()
  mkdirSync(OUT, { recursive: true })
  const path = join(OUT, `broken-${seed}.bundle`)
  writeFileSync(path, fileOf(inputOf(originals, seed)))
  return path
}
