import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, rename, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { verifyInPage } from '../bench/page.ts'
import { checkOnAllCores, serveBare } from './bare.ts'
import { measureGrowth } from './growth.ts'
import { writeLargeLog } from './log.ts'
import { measureOpening, openOnce } from './opening.ts'

// npm run bench:large: `lockbox verify` of a generated log against the bare work of its signatures, and its memory; then the page
// that verifies, with the same file. A log is written once and kept in out/large for the next time. With --growth: what one
// statement more costs an app in memory, with a thousand and with so many. With --opening: how soon an app with so many in its journal
// shows the newest cases, beside one with a thousand, and what one statement more costs it.

const MEGABYTE = 1e6
const KEPT = 'out/large'

if (!serveBare()) await main()

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      statements: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '3' },
      page: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      opening: { type: 'boolean', default: false },
      open: { type: 'string' },
    },
  })
  const statements = Number(values.statements)
  if (values.growth) return measureGrowth(1000, statements)
  if (values.open !== undefined) return openOnce(values.open, statements)
  if (values.opening) return measureOpening(KEPT, 1000, statements, Number(values.rounds))
  const path = join(KEPT, `${statements}.bundle`)
  await mkdir(KEPT, { recursive: true })
  if (!(await isThere(path))) {
    console.log(`writing a log of ${statements} statements to ${path}`)
    // Under another name until it is whole: a run may be ended.
    await writeLargeLog(`${path}.part`, statements)
    await rename(`${path}.part`, path)
  }
  const { size } = await stat(path)
  console.log(`${statements} statements, ${(size / MEGABYTE).toFixed(0)} MB`)
  const ratios: number[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const bare = await checkOnAllCores(statements, new URL(import.meta.url))
    const ours = await verifyWith(path)
    ratios.push(ours.ms / bare)
    console.log(
      `bare ${seconds(bare)}; lockbox verify ${seconds(ours.ms)}, ${ours.peakMB.toFixed(0)} MB; ${(ours.ms / bare).toFixed(2)} ×`,
    )
  }
  if (ratios.length > 0)
    console.log(
      `median ${ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]?.toFixed(2)} × (wanted: 1.5 ×, 300 MB)`,
    )
  const browser = process.env['LOCKBOX_BROWSER']
  if (!values.page || browser === undefined) return
  const { ms, busyMs, steps, says } = await verifyInPage(browser, path)
  console.log(`page ${seconds(ms)}, busy for ${busyMs.toFixed(0)} ms at once, ${steps} steps of progress: ${says}`)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Runs the product's command line; how long it took, and the most memory that it had resident. */
async function verifyWith(path: string): Promise<{ ms: number; peakMB: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, [resolve('out/main/lockbox.js'), 'verify', path], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid ?? 0))
  }, 50)
  const [code] = (await once(child, 'exit')) as [number]
  clearInterval(watch)
  if (code !== 0) throw new Error(`expected the log to verify, not exit code ${code}`)
  return { ms: performance.now() - began, peakMB: peak }
}

/** The most memory that a process had resident so far (VmHWM), in 10^6 bytes; 0 where there is no /proc. */
function peakOf(pid: number): number {
  try {
    return (Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024) / MEGABYTE
  } catch {
    return 0
  }
}
