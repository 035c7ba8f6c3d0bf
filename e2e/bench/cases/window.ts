import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startDisplay } from '../../display.ts'
import { LocalApp } from '../../in-process/local-app.ts'
import { Party } from '../../in-process/party.ts'
import { Switchboard } from '../../in-process/switchboard.ts'
import type { Bench, BenchCase } from '../case.ts'
import { type Line, lineOf } from '../line.ts'
import { interleaved, type Round } from '../measure.ts'
import { type OpenWindow, openApp, openBareWindow, type Screen } from '../windows.ts'

const BARE = 'the same browser and switches with a page of one word'
/** Long enough for a browser to have done what it does after its start. */
const SETTLE_MS = 4000

/** From the start of the process to the first thing painted, with a vault that waits for its key. */
export const start: BenchCase = {
  name: 'start',
  run: (bench) =>
    withProfiles(bench, async (open) => {
      const largest: number[] = []
      const rounds = await interleaved(bench.effort.rounds(15), {
        ours: () =>
          painted(
            () => open.app(),
            (ms) => largest.push(ms),
          ),
        bare: () => painted(() => open.bare()),
      })
      const screen = rounds.map(({ bare }, at): Round => ({ ours: largest.at(at - rounds.length) ?? 0, bare }))
      const shared = { name: 'start', bareIs: BARE, unit: 'ms' } as const
      return [
        lineOf({ ...shared, what: 'from the start to the first paint', targets: [{ times: 1.5 }] }, rounds),
        lineOf({ ...shared, what: 'from the start to the unlock screen', targets: [] }, screen),
      ]
    }),
}

/** Memory of all processes while the app waits for its key. */
export const memory: BenchCase = {
  name: 'memory',
  run: (bench) =>
    withProfiles(bench, async (open) => {
      const calm = bench.effort.calm(SETTLE_MS)
      const rounds = await interleaved(bench.effort.rounds(5), {
        ours: () => settled(() => open.app(), calm),
        bare: () => settled(() => open.bare(), calm),
      })
      const what = 'PSS of all processes, locked'
      return [lineOf({ name: 'memory', what, bareIs: BARE, unit: 'MiB', targets: [{ times: 1.3 }] }, rounds)]
    }),
}

interface Openers {
  app(): Promise<OpenWindow>
  bare(): Promise<OpenWindow>
}

/** Both on profiles that are there already, as on every start but the first. */
async function withProfiles({ worker, browser }: Bench, use: (open: Openers) => Promise<Line[]>): Promise<Line[]> {
  if (browser === null) throw new TypeError('a window needs a browser')
  const dir = await mkdtemp(join(tmpdir(), 'lockbox-bench-'))
  const display = await startDisplay()
  try {
    const screen: Screen = { display: display.name, browser }
    await vaultIn(dir, worker)
    return await use({
      app: () => openApp(join(dir, 'Ana'), screen),
      bare: () => openBareWindow(join(dir, 'bare'), screen),
    })
  } finally {
    await display.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

async function vaultIn(dir: string, worker: string): Promise<void> {
  const carrier = () => new Switchboard().carrier()
  const party = await Party.arrive({
    name: 'Ana',
    dir,
    launch: (profileDir, hands) => LocalApp.start(profileDir, { worker, carrier }, hands),
  })
  await party.setUp()
  await party.quit()
}

async function painted(
  open: () => Promise<OpenWindow>,
  onLargest: (ms: number) => void = () => undefined,
): Promise<number> {
  const window = await open()
  try {
    const { first, largest } = await window.paints()
    onLargest(largest - window.startedAt)
    return first - window.startedAt
  } finally {
    await window.close()
  }
}

async function settled(open: () => Promise<OpenWindow>, calm: number): Promise<number> {
  const window = await open()
  try {
    await window.paints()
    await delay(calm)
    return await window.pss()
  } finally {
    await window.close()
  }
}
