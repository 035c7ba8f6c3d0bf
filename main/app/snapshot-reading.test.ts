import { expect, it } from 'vitest'
import { leafHash } from '../../shared/ledger/merkle.ts'
import { person } from '../../shared/testing/keys.ts'
import { setup } from '../../shared/testing/setup.ts'
import { MOST_STATEMENTS } from '../../shared/views/shown.ts'
import { signatureChecks } from '../checks.ts'
import type { JournalRecord } from '../vault/journal.ts'
import { writeHeard } from './arrivals.ts'
import { EarlyLog } from './early-log.ts'
import { glimpseBytes, MOST_SHOWN } from './glimpse.ts'
import { whileReading } from './snapshot-reading.ts'

it('shows no more cases, and of none more statements, than when all was read', async () => {
  const { story, plan } = await setup('alice', 'bob', 'carol', 'dave', 'erin')
  const open = await story.ask('alice', plan)
  for (let times = 0; times < MOST_STATEMENTS; times++) await story.decide('dave', open)
  for (let count = 0; count <= MOST_SHOWN; count++) {
    story.pass(1)
    await story.withdraw('alice', await story.ask('alice', plan))
  }
  const { statements } = story
  const records: JournalRecord[] = statements.map(({ id, envelope }, position) => {
    const value = writeHeard({ heard: 1, from: { by: 'lan', device: null }, envelope })
    return { position, table: 'statement', key: id, version: 1, value }
  })
  const { member, device } = person('alice')
  const glimpse = glimpseBytes({
    cases: statements.filter(({ kind }) => kind === 'request').map(({ id }) => id),
    device,
    entries: statements.length,
    member,
    pin: story.roster.id,
    since: null,
    rows: statements.map(({ envelope }, position) => ({ position, at: position, length: 1, leaf: leafHash(envelope) })),
  })
  const reading = {
    glimpse,
    size: records.length,
    tail: [],
    records: async (places: readonly { readonly position: number }[]) =>
      places.flatMap(({ position }) => records[position] ?? []),
  }
  const early = await EarlyLog.from(reading, signatureChecks, story.now)
  if (early === null) throw new Error('nothing is shown')
  const { cases = [] } = whileReading({ early, progress: { doing: 'reading', read: 0, of: 1 } }, story.now)
  // The newest, and one that is still open, which is older than all of them.
  expect([cases.length, cases.at(-1)?.id]).toEqual([MOST_SHOWN + 1, open.id])
  expect([cases.at(-1)?.timeline.length, cases.at(-1)?.untold]).toEqual([MOST_STATEMENTS, 1])
})
