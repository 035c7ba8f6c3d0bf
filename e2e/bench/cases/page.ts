import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compressed } from '../../../main/bundle-file.ts'
import { exportedBytes } from '../../../shared/verify/testing/exported.ts'
import { bareEntries, hashBare, verifyBare } from '../bare/signatures.ts'
import type { BenchCase } from '../case.ts'
import { lineOf } from '../line.ts'
import { logOf } from '../log.ts'
import { interleaved, type Round, timed } from '../measure.ts'
import { verifyInPage } from '../page.ts'

/** From where on a browser calls a task long (W3C Long Tasks). */
const LONG_TASK_MS = 50
/** How long the page's thread may do nothing else: below what people take for frozen. */
const MOST_BUSY_MS = 200

/** What the page that verifies takes for an exported log, the 12 words included, and how long it does not answer meanwhile. */
export const page: BenchCase = {
  name: 'page',
  async run({ effort, browser, say }) {
    if (browser === null) throw new Error('the page is opened in a browser, and there is none')
    const size = effort.size(3000)
    say(`page: writing a log of ${size} statements first`)
    const log = await logOf(size)
    const entries = bareEntries(log.entries)
    const dir = await mkdtemp(join(tmpdir(), 'lockbox-bench-'))
    const path = join(dir, 'log.bundle')
    await writeFile(path, compressed([await exportedBytes(log)]))
    const busy: Round[] = []
    const rounds = await interleaved(effort.rounds(5), {
      ours: async () => {
        const { ms, busyMs, says } = await verifyInPage(browser.path, path)
        if (!/verified/i.test(says)) throw new Error(`expected the log to verify, not: ${says}`)
        busy.push({ ours: busyMs, bare: LONG_TASK_MS })
        return ms
      },
      bare: () =>
        timed(async () => {
          await readFile(path)
          for (const entry of entries) hashBare(entry)
          for (const entry of entries) verifyBare(entry)
        }),
    })
    await rm(dir, { recursive: true })
    const shared = { name: 'page', unit: 'ms' } as const
    const what = `lockbox-verifier.html with an exported log of ${log.entries.length} statements`
    return [
      lineOf({ ...shared, what, bareIs: BARE, targets: [] }, rounds),
      lineOf(
        { ...shared, what: BUSY, bareIs: BUSY_BARE, targets: [{ most: MOST_BUSY_MS }] },
        busy.slice(-rounds.length),
      ),
    ]
  },
}

const BARE = 'read the file, hash every entry, verify every signature, by Node'
const BUSY = 'longest time in which the page answers nothing'
const BUSY_BARE = 'what browsers call a long task'
