import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { checkOnAllCores, serveBare } from './bare.ts'
import { writeLargeLog } from './log.ts'

// npm run bench:large: `lockbox verify` of a generated log against the bare work of its signatures, and its memory.

const MEBIBYTE = 1024 ** 2

if (!serveBare()) await main()

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      statements: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '3' },
      file: { type: 'string' },
    },
  })
  const dir = await mkdtemp(join(tmpdir(), 'lockbox-large-'))
  const path = values.file ?? join(dir, 'log.bundle')
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  if (!isThere) await writeLargeLog(path, Number(values.statements))
  const { size } = await stat(path)
  console.log(`${values.statements} statements, ${(size / MEBIBYTE).toFixed(0)} MiB`)
  const ratios: number[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const bare = await checkOnAllCores(Number(values.statements), new URL(import.meta.url))
    const ours = await verifyWith(path)
    ratios.push(ours.ms / bare)
    console.log(
      `bare ${(bare / 1000).toFixed(2)} s; lockbox verify ${(ours.ms / 1000).toFixed(2)} s, ${ours.peakMiB.toFixed(0)} MiB; ${(ours.ms / bare).toFixed(2)} ×`,
    )
  }
  console.log(
    `median ${ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]?.toFixed(2)} × (target 1.5 ×, 300 MiB)`,
  )
  await rm(dir, { recursive: true })
}

/** Runs the product's command line; how long it took, and the most memory that it had resident. */
async function verifyWith(path: string): Promise<{ ms: number; peakMiB: number }> {
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
  return { ms: performance.now() - began, peakMiB: peak }
}

/** VmHWM of a process that runs; 0 where there is no /proc. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
