import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compressed, decompressed, fileChunks } from '../../../main/bundle-file.ts'
import { tools } from '../../../main/cli/tools.ts'
import { exportedBytes } from '../../../shared/verify/testing/exported.ts'
import { verifyBundle } from '../../../shared/verify/verify-bundle.ts'
import { bareEntries, hashBare, verifyBare } from '../bare/signatures.ts'
import type { BenchCase } from '../case.ts'
import { lineOf } from '../line.ts'
import { logOf } from '../log.ts'
import { interleaved, timed } from '../measure.ts'

const BARE = 'read the file, hash every entry, verify every signature'

/**
 * What `lockbox verify` does with an exported log. Left out is what would be the same however large it is: the start of Node, and
 * the 12 words (half a second); so nothing of that excuses the ratio.
 */
export const verify: BenchCase = {
  name: 'verify',
  async run({ effort, say }) {
    const size = effort.size(2000)
    say(`verify: writing a log of ${size} statements first`)
    const log = await logOf(size)
    const entries = bareEntries(log.entries)
    const dir = await mkdtemp(join(tmpdir(), 'lockbox-bench-'))
    const path = join(dir, 'log.bundle')
    await writeFile(path, compressed([await exportedBytes(log)]))
    const rounds = await interleaved(effort.rounds(15), {
      ours: () =>
        timed(async () =>
          expectVerified((await verifyBundle(decompressed(fileChunks(path)), { ...tools, wordsOf: noWords })).verdict),
        ),
      bare: () =>
        timed(async () => {
          await readFile(path)
          for (const entry of entries) hashBare(entry)
          for (const entry of entries) verifyBare(entry)
        }),
    })
    await rm(dir, { recursive: true })
    const what = `an exported log of ${log.entries.length} statements`
    return [lineOf({ name: 'verify', what, bareIs: BARE, unit: 'ms', targets: [{ times: 1.5 }] }, rounds)]
  },
}

const noWords = () => Promise.resolve([])

function expectVerified(verdict: string): void {
  if (verdict !== 'verified') throw new Error(`expected the log to verify, not to be ${verdict}`)
}
