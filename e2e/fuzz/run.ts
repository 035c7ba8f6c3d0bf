import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Tally } from './fuzz.ts'
import { type Order, runLane, seedAfter, serveThread, type Told } from './lane.ts'

// npm run fuzz -- [--inputs N] [--seconds N] [--seed N] [--workers N|all]: by night, with another seed each time. It says every
// minute how far it is, and with which words it goes on from there. A failure names its seed, and leaves the file in out/fuzz/;
// `--seed N --inputs 1` does it again.

const SAY_EVERY_MS = 60_000
const NOTHING: Tally = { inputs: 0, readable: 0, verified: 0 }

const lane = process.env['LOCKBOX_FUZZ_LANE']
const thread = serveThread()
if (thread !== null) await thread
else if (lane !== undefined)
  await runLane(JSON.parse(lane) as Order, new URL(import.meta.url), (told) => process.send?.(told))
else await main()

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '1000000' },
      seconds: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
      workers: { type: 'string', default: '1' },
    },
  })
  const [inputs, seconds, seed] = [Number(values.inputs), Number(values.seconds), Number(values.seed)]
  const workers = values.workers === 'all' ? availableParallelism() : Number(values.workers)
  if (![inputs, seconds, seed].every((value) => value >= 0) || !(Number.isSafeInteger(workers) && workers > 0))
    throw new TypeError('expected numbers')
  console.log(`up to ${inputs} inputs from seed ${seed}, ${workers} at a time`)
  await runAll({ inputs, seconds, seed, workers })
}

interface Whole {
  readonly inputs: number
  readonly seconds: number
  readonly seed: number
  readonly workers: number
}

/** All lanes, each with every n-th seed, and what they say together. */
async function runAll({ inputs, seconds, seed, workers }: Whole): Promise<void> {
  const began = Date.now()
  const tallies: Tally[] = Array.from({ length: workers }, () => NOTHING)
  const say = () => console.log(progressOf(tallies, { seed, inputs }, (Date.now() - began) / 1000))
  const saying = setInterval(say, SAY_EVERY_MS)
  const lanes: ChildProcess[] = []
  let isBroken = false
  const ended = Array.from({ length: workers }, (_, at) => {
    const own = Math.ceil((inputs - at) / workers)
    const order: Order = { seed: seedAfter({ seed, step: 1 }, at), step: workers, inputs: own, seconds }
    const child = laneOf(order)
    lanes.push(child)
    child.on('message', (told: Told) => {
      if (told.what === 'tally') tallies[at] = told.tally
      else {
        isBroken = true
        console.log(
          `BROKEN ${told.says}\nagain: npm run fuzz -- --seed ${told.seed} --inputs 1\nits file: ${told.file}`,
        )
        for (const one of lanes) if (one !== child) one.kill()
      }
    })
    return new Promise<void>((resolve) => {
      child.once('exit', (code) => {
        // One that says nothing and ends has broken too; those that were ended because of another did not.
        if (code !== 0 && !isBroken) {
          isBroken = true
          console.log(`BROKEN a process ended with ${code} before it was done`)
          for (const one of lanes) one.kill()
        }
        resolve()
      })
    })
  })
  await Promise.all(ended)
  clearInterval(saying)
  say()
  if (isBroken) process.exitCode = 1
}

function laneOf(order: Order): ChildProcess {
  // `Infinity` is no JSON; nobody waits for so many seconds.
  const finite = { ...order, seconds: Math.min(order.seconds, Number.MAX_SAFE_INTEGER) }
  const environment = { ...process.env, LOCKBOX_FUZZ_LANE: JSON.stringify(finite) }
  return fork(fileURLToPath(import.meta.url), [], { env: environment, execArgv: process.execArgv })
}

function progressOf(
  tallies: readonly Tally[],
  { seed, inputs }: { seed: number; inputs: number },
  seconds: number,
): string {
  const sum = (of: keyof Tally) => tallies.reduce((all, tally) => all + tally[of], 0)
  // Every seed before this one is done: the lane that is least far decides.
  const whole = Math.min(...tallies.map((tally) => tally.inputs)) * tallies.length
  const from = seedAfter({ seed, step: 1 }, whole)
  const done = sum('inputs')
  const rate = Math.round(done / seconds)
  const told = `${done} inputs, ${rate} a second; ${sum('readable')} could be read, ${sum('verified')} verified and say what the original says`
  return done >= inputs ? told : `${told}; to go on: --seed ${from} --inputs ${inputs - whole}`
}
