import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeHeard } from '../../main/app/arrivals.ts'
import { PIN, STATEMENTS } from '../../main/app/tables.ts'
import type { Journal } from '../../main/vault/journal.ts'
import { utf8 } from '../../shared/bytes.ts'
import { LocalApp } from '../in-process/local-app.ts'
import { type Keys, Party } from '../in-process/party.ts'
import { Switchboard } from '../in-process/switchboard.ts'
import { softwareKey } from '../keys/software-key.ts'
import { endlessLog, type Signed } from './log.ts'

// The profile of somebody whose device took in a generated log: a real vault, a real journal of real statements.

const NAME = 'Ana'
const KEYS = 'keys.json'
const AT_ONCE = 1024

/** How an app is run on such a profile. */
export interface Run {
  /** From how many records on it shows a log early. */
  readonly earlyFrom?: number
  /** Milliseconds by which both clocks are ahead of what they would be. */
  readonly aheadMs?: () => number
}

/** The person and their app, by a clock that stands a day after the log's last statement when it starts. */
export async function arriveAt(
  dir: string,
  count: number,
  keys?: Keys,
  { aheadMs = () => 0, ...run }: Run = {},
): Promise<Party<LocalApp>> {
  const { timeAt } = await endlessLog()
  const end = timeAt(count) + 86_400_000
  const clock = () => {
    const monotonic = performance.now() + aheadMs()
    return { wall: Math.floor(end + monotonic), monotonic }
  }
  const switchboard = new Switchboard()
  const options = { worker: '', carrier: () => switchboard.carrier(), clock, ...run }
  return Party.arrive({
    name: NAME,
    dir,
    launch: (profileDir, hands) => LocalApp.start(profileDir, options, hands),
    ...(keys === undefined ? {} : { keys }),
  })
}

/** The same for a profile that was written. */
export async function returnTo(dir: string, count: number, run: Run = {}): Promise<Party<LocalApp>> {
  const states = JSON.parse(await readFile(join(dir, KEYS), 'utf8')) as Parameters<typeof softwareKey>[0][]
  return arriveAt(dir, count, states.map(softwareKey) as unknown as Keys, run)
}

/**
 * Writes a profile with a log of so many statements, and opens it once as its owner would, so that it has the index that
 * an app leaves. The statements are put into the journal without being checked, which would take most of the time.
 */
export async function writeProfile(dir: string, count: number): Promise<void> {
  const part = join(dirname(dir), `${basename(dir)}.part`)
  await rm(part, { recursive: true, force: true })
  await mkdir(part, { recursive: true })
  const party = await arriveAt(part, count)
  await party.setUp()
  const { journal } = party.running.app.desk().device.vault
  const { pin, statements, timeAt } = await endlessLog()
  await journal.append(PIN, 'pin', utf8(pin))
  await fill(journal, statements, count, timeAt)
  // Whoever made them may vouch for them.
  journal.indexWith(() => new Uint8Array())
  await party.quit()
  await party.start()
  await party.unlock()
  await party.quit()
  await writeFile(join(part, KEYS), JSON.stringify(party.keys.map(({ state }) => state)))
  await rename(part, dir)
}

async function fill(
  journal: Journal,
  statements: Iterable<Signed>,
  count: number,
  timeAt: (count: number) => number,
): Promise<void> {
  let [waiting, done]: [Promise<number>[], number] = [[], 0]
  for (const { id, envelope } of statements) {
    if (done === count) break
    waiting.push(
      journal.append(
        STATEMENTS,
        id,
        writeHeard({ heard: timeAt(done++), from: { by: 'lan', device: null }, envelope }),
      ),
    )
    if (waiting.length < AT_ONCE) continue
    await Promise.all(waiting)
    waiting = []
  }
  await Promise.all(waiting)
}
