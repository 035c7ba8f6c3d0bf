import { mkdirSync } from 'node:fs'
import { utf8 } from '../../../shared/bytes.ts'
import { Journal } from '../journal.ts'

// Run as a process of its own and killed by journal-kill.test.ts: appends, prints each position once it was acknowledged,
// and again and again writes the journal anew, with short records in the places of every other one.
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
for (;;) {
  for (let times = 0; times < 5; times++) {
    const next = journal.size
    const position = await journal.append('statements', `s${next}`, utf8(`value ${next} ${'x'.repeat(2000)}`))
    process.stdout.write(`${position}\n`)
  }
  await journal.rewrite({
    instead: ({ table, key, position }) =>
      table === 'statements' && position % 2 === 1 ? { table: 'stubs', key, value: utf8(`stub ${position}`) } : null,
    after: () => [],
  })
}
