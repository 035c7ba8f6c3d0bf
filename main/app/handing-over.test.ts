import { expect, it } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import type { Device } from './device.ts'
import { finishHandovers, keepSealed } from './handing-over.ts'

const SEALED = utf8('a sealed session')

/** What Bob's device writes after a restart about a grant of its that a full disk kept from being handed over, or a crash. */
async function afterRestart({ isKept = true, isRecorded = true, laterMs = 0 }) {
  const told = await setupWith(['alice', 'bob', 'carol', 'dave'], {})
  const { story } = told
  const { request, ready, grant } = await grantedCase(told, 'alice', ['carol', 'dave'], 'bob')
  const records: { table: string; key: string; value: Uint8Array }[] = []
  const written: unknown[] = []
  const device = {
    id: person('bob').device,
    pen: () => ({}),
    clock: () => ({ wall: story.now + laterMs, monotonic: 0 }),
    shelf: { put: async () => digest(SEALED), get: async () => (isKept ? SEALED : null) },
    vault: {
      journal: {
        append: async (table: string, key: string, value: Uint8Array) => void records.push({ table, key, value }),
        records: async function* () {
          yield* records
        },
      },
    },
    author: { write: async (kind: string, _: unknown, fields: object) => void written.push({ kind, ...fields }) },
  } as unknown as Device
  if (isRecorded) await keepSealed(device, ready.id, SEALED)
  await finishHandovers(device, story.case(request))
  return { written, grant: grant.id }
}

it('hands over what is still sealed on the disk', async () => {
  const { written, grant } = await afterRestart({})
  expect(written).toMatchObject([{ kind: 'handover', grant, sealed: digest(SEALED) }])
})

it.each([
  ['the sealed session is gone from the disk', { isKept: false }],
  ['nothing says which it is', { isRecorded: false }],
  ['its time is over', { laterMs: 60 * 60_000 }],
])('says that the session is lost when %s', async (_, how) => {
  const { written, grant } = await afterRestart(how)
  expect(written).toMatchObject([{ kind: 'ended', grant, how: 'lost', confirmation: 'none', wiped: true }])
})
