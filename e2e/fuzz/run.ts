import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { corpusOf } from './corpus.ts'
import { Broken, MOST_MS, type Tally, tryOne } from './fuzz.ts'
import { fileOf, inputOf } from './mutations.ts'

// npm run fuzz -- [--inputs N] [--seconds N] [--seed N]: by night, with another seed each time. A failure names its seed, and
// leaves the file in out/fuzz/. `--seed N --inputs 1` does it again.

/** What the thread that verifies is given. */
interface Order {
  readonly inputs: number
  readonly seconds: number
  readonly seed: number
  /** The seed that is being tried, so that a hang or a crash can be told of: `[seed, how many so far]`. */
  readonly now: Uint32Array<SharedArrayBuffer>
}

type Told = { readonly tally: Tally } | { readonly broken: { readonly seed: number; readonly says: string } }

const TELL_EVERY_MS = 60_000
/** A million inputs a night must not fill a heap; what one input takes is far below. */
const HEAP_MB = 192
const OUT = join('out', 'fuzz')

async function verifyAll({ inputs, seconds, seed, now }: Order, tell: (told: Told) => void): Promise<void> {
  const corpus = await corpusOf()
  const tally: Tally = { inputs: 0, readable: 0, verified: 0 }
  const end = Date.now() + seconds * 1000
  for (let told = Date.now(); tally.inputs < inputs && Date.now() < end; ) {
    const one = (seed + tally.inputs) % 2 ** 32
    Atomics.store(now, 0, one)
    Atomics.store(now, 1, tally.inputs + 1)
    try {
      await tryOne(corpus, one, tally)
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? ''}` : ''
      return tell({ broken: { seed: one, says: error.message + cause } })
    }
    if (Date.now() < told + TELL_EVERY_MS) continue
    told = Date.now()
    tell({ tally })
  }
  tell({ tally })
}

async function watch(order: Order): Promise<void> {
  const began = Date.now()
  const worker = new Worker(new URL(import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  await new Promise<void>((resolve) => {
    const fail = (seed: number, says: string) => {
      process.exitCode = 1
      console.log(`BROKEN ${says}\nagain: npm run fuzz -- --seed ${seed} --inputs 1`)
      void kept(seed).then((path) => console.log(`its file: ${path}`))
      void worker.terminate()
    }
    const current = () => Atomics.load(order.now, 0)
    let last = 0
    let since = process.cpuUsage()
    // By the time of the core, not of the clock: at night other programs run too.
    const hangs = setInterval(() => {
      const count = Atomics.load(order.now, 1)
      const { user, system } = process.cpuUsage(since)
      if (count !== last) since = process.cpuUsage()
      else if (count > 0 && user + system > 2 * MOST_MS * 1000) fail(current(), `seed ${current()}: hangs`)
      last = count
    }, MOST_MS)
    worker.on('message', (told: Told) => {
      if ('broken' in told) return fail(told.broken.seed, told.broken.says)
      const { inputs, readable, verified } = told.tally
      const rate = Math.round(inputs / ((Date.now() - began) / 1000))
      console.log(
        `${inputs} inputs, ${rate} a second; ${readable} could be read, ${verified} verified and say what the original says`,
      )
    })
    worker.on('error', (error) => fail(current(), `seed ${current()}: ${String(error)}`))
    worker.on('exit', () => {
      clearInterval(hangs)
      resolve()
    })
  })
}

/** Keeps the file of a seed, and gives its path. */
async function kept(seed: number): Promise<string> {
  const { originals } = await corpusOf()
  mkdirSync(OUT, { recursive: true })
  const path = join(OUT, `broken-${seed}.bundle`)
  writeFileSync(path, fileOf(inputOf(originals, seed)))
  return path
}

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '1000000' },
      seconds: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    },
  })
  const [inputs, seconds, seed] = [Number(values.inputs), Number(values.seconds), Number(values.seed)]
  if (![inputs, seconds, seed].every((value) => value >= 0)) throw new TypeError('expected numbers')
  console.log(`up to ${inputs} inputs from seed ${seed}`)
  await watch({ inputs, seconds, seed, now: new Uint32Array(new SharedArrayBuffer(8)) })
} else {
  const port = parentPort as MessagePort
  await verifyAll(workerData as Order, (told) => port.postMessage(told, []))
}
