import { mkdirSync } from 'node:fs'
import { utf8 } from '../../../shared/bytes.ts'
import { Journal } from '../journal.ts'

// Run as a process of its own and killed by journal-kill.test.ts: prints each position once it was acknowledged.
const dir = process.argv[2]
if (dir === undefined) throw new TypeError('expected a directory')
mkdirSync(dir, { recursive: true })
const { journal } = await Journal.open({
  dir,
  vaultId: new Uint8Array(32).fill(1),
  key: new Uint8Array(32).fill(2),
  headKey: new Uint8Array(32).fill(3),
  reserveLength: 4096,
  create: process.argv[3] === 'create',
})
for (;;) {
  const next = journal.size
  const value = utf8(`value ${next} ${'x'.repeat((next * 37) % 3000)}`)
  const position = await journal.append('statements', `s${next}`, value)
  process.stdout.write(`${position}\n`)
}
