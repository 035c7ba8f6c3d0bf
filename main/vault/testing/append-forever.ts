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
  indexKey: new Uint8Array(32).fill(4),
  rules: 'these',
  indexEvery: 3,
  reserveLength: 4096,
  create: process.argv[3] === 'create',
})
journal.indexWith(() => new Uint8Array(1000))
const appended = async (position: number): Promise<void> => {
  const value = utf8(`value ${position} ${'x'.repeat((position * 37) % 3000)}`)
  process.stdout.write(`${await journal.append('statements', `s${position}`, value)}\n`)
}
// Alone, and several at once.
for (let count = 1; ; count = (count % 5) + 1) {
  const next = journal.size
  await Promise.all(Array.from({ length: count }, (_, at) => appended(next + at)))
}
