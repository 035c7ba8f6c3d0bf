import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { LocalApp } from '../in-process/local-app.ts'
import type { Party } from '../in-process/party.ts'
import { endlessLog, type Signed } from './log.ts'
import { returnTo, writeProfile } from './profile.ts'

// How long after the touch an app shows its newest cases, and how long until it has read everything, with few statements in its
// journal and with many; and what one statement more costs it. Each opening is a program of its own, as after a start.

const MEGABYTE = 1e6
const OPENINGS = 5
const APPENDED = 300
const PATIENCE_MS = 3_600_000

/** One opening. Milliseconds from the key's answer; bytes. */
interface Opening {
  readonly shownMs: number
  readonly shownCpuMs: number
  readonly cases: number
  readonly openMs: number
  readonly openCpuMs: number
  /** The longest that nothing else could be done meanwhile. */
  readonly stillMs: number
  readonly heap: number
  readonly resident: number
  readonly peak: number
}

/** Measures both and prints it. Profiles are written once and kept. */
export async function measureOpening(kept: string, few: number, many: number, openings = OPENINGS): Promise<void> {
  for (const size of [few, many]) await profileOf(kept, size)
  if (openings > 0) await measureOpenings(kept, few, many, openings)
  await measureAppending(kept, few, many)
}

async function measureOpenings(kept: string, few: number, many: number, openings: number): Promise<void> {
  const taken = new Map<number, Opening[]>([few, many].map((size) => [size, []]))
  for (let round = 0; round < openings; round++)
    for (const size of round % 2 === 0 ? [few, many] : [many, few])
      taken.get(size)?.push(await openedBy(dirOf(kept, size), size))
  for (const [size, rounds] of taken) {
    const of = (what: keyof Opening) => median(rounds.map((one) => one[what]))
    console.log(
      `${size} statements: ${of('cases')} cases shown after ${of('shownMs').toFixed(0)} ms (${of('shownCpuMs').toFixed(0)} ms of computing); open after ${seconds(of('openMs'))} (${seconds(of('openCpuMs'))} of computing), at most ${of('stillMs').toFixed(0)} ms at once; heap ${mb(of('heap'))}, resident ${mb(of('resident'))}, at most ${mb(of('peak'))} MB`,
    )
  }
  const ratio = (what: keyof Opening) => {
    const [one, other] = [few, many].map((size) => median((taken.get(size) ?? []).map((opening) => opening[what])))
    return ((other ?? 0) / (one ?? 1)).toFixed(2)
  }
  console.log(`newest cases: ${ratio('shownMs')} × in time, ${ratio('shownCpuMs')} × of computing (target 1.5)`)
}

/** Processor time of the whole program since then, which other programs do not change much. */
function cpuSince(then: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(then)
  return (user + system) / 1000
}

const dirOf = (kept: string, size: number) => join(kept, `profile-${size}`)
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`
const mb = (bytes: number) => (bytes / MEGABYTE).toFixed(0)
const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

async function profileOf(kept: string, size: number): Promise<void> {
  const dir = dirOf(kept, size)
  const isThere = await stat(dir).then(
    () => true,
    () => false,
  )
  if (isThere) return
  console.log(`writing a profile with ${size} statements to ${dir}`)
  await writeProfile(dir, size)
}

/** One opening by a program of its own. */
async function openedBy(dir: string, size: number): Promise<Opening> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--expose-gc', resolve(process.argv[1] ?? ''), '--open', dir, '--statements', `${size}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`expected the profile to open, not exit code ${code}`)
  return JSON.parse(said) as Opening
}

/** Opens a profile once and prints what it took. */
export async function openOnce(dir: string, size: number): Promise<void> {
  const party = await returnTo(dir, size)
  const loop = monitorEventLoopDelay({ resolution: 5 })
  const began = performance.now()
  const cpu = process.cpuUsage()
  loop.enable()
  const unlocked = party.unlock()
  const cases = await party.until('the newest cases', ({ cases }) => cases.length > 0 && cases.length, PATIENCE_MS)
  const shownMs = performance.now() - began
  const shownCpuMs = cpuSince(cpu)
  await unlocked
  await party.until('the whole log', ({ stage }) => stage === 'member', PATIENCE_MS)
  const openMs = performance.now() - began
  const openCpuMs = cpuSince(cpu)
  loop.disable()
  globalThis.gc?.()
  const { heapUsed: heap, rss: resident } = process.memoryUsage()
  const peak = process.resourceUsage().maxRSS * 1024
  const found = {
    shownMs,
    shownCpuMs,
    cases,
    openMs,
    openCpuMs,
    stillMs: loop.max / 1e6,
    heap,
    resident,
    peak,
  }
  console.log(JSON.stringify(found satisfies Opening))
  await party.quit()
}

/** One statement more in each of two apps, in turns: from the bytes that came to the medium, and all that follows. */
async function measureAppending(kept: string, few: number, many: number): Promise<void> {
  const apps: {
    size: number
    party: Party<LocalApp>
    more: Iterator<Signed, undefined>
    ms: number[]
    cpu: number[]
  }[] = []
  for (const size of [few, many]) {
    const party = await returnTo(dirOf(kept, size), size)
    await party.unlock()
    await party.until('the whole log', ({ stage }) => stage === 'member', PATIENCE_MS)
    apps.push({ size, party, more: await after(party), ms: [], cpu: [] })
  }
  for (let round = 0; round < APPENDED; round++)
    for (const app of round % 2 === 0 ? apps : apps.toReversed()) {
      const next = app.more.next()
      if (next.done) throw new TypeError('the log has no end')
      const { store } = app.party.running.app.desk().device
      const began = performance.now()
      const cpu = process.cpuUsage()
      const receipt = await store.receive(next.value.envelope, { by: 'lan', device: null })
      app.cpu.push(cpuSince(cpu))
      app.ms.push(performance.now() - began)
      if (receipt.verdict !== 'new') throw new Error(`expected a statement that is new, not ${receipt.verdict}`)
    }
  for (const { size, ms, cpu } of apps)
    console.log(
      `one statement more: ${median(ms).toFixed(3)} ms with ${size}, ${median(cpu).toFixed(3)} ms of computing`,
    )
  const ratios = (of: 'ms' | 'cpu') => median((apps[1]?.[of] ?? []).map((took, at) => took / (apps[0]?.[of][at] ?? 1)))
  console.log(
    `median of the ratios: ${ratios('ms').toFixed(2)} in time, ${ratios('cpu').toFixed(2)} of computing (target 1.2)`,
  )
  for (const { party } of apps) await party.quit()
}

/** The statements that follow those of a profile; some may have been appended by an earlier run. */
async function after({ running }: Party<LocalApp>): Promise<Iterator<Signed, undefined>> {
  const { store } = running.app.desk().device
  const more = (await endlessLog()).statements[Symbol.iterator]()
  for (let at = 0; at < store.ids().length; at++) more.next()
  return more
}
