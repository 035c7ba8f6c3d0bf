import { expect, it } from 'vitest'
import { type Digest, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { sealBox } from '../../shared/secrets/box.ts'
import { generateBoxKey } from '../../shared/secrets/box-key.ts'
import { person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import { sessionBytes } from '../issuers/aws/session.ts'
import { TestTime } from '../sessions/testing/test-time.ts'
import { randomBytes } from '../vault/sodium.ts'
import type { Device } from './device.ts'
import { Notes } from './notes.ts'
import type { Host } from './ports.ts'
import { Sessions } from './using.ts'

/** A session was handed over to Alice's device; `start` is her app, with all that its vault holds, started once more. */
async function handedOver(lockEndsSession: boolean) {
  const { publicKey, privateKey } = generateBoxKey(randomBytes)
  const recipient = toBase64Url(publicKey)
  const told = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan: { lockEndsSession } })
  const { story } = told
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { recipient })
  const { organization, basis, device: from, accessKeyId, expires } = grant.payload
  const { deposit, ready } = basis
  const { device: to } = person('alice')
  const context = {
    purpose: 'handover',
    organization,
    deposit,
    request: request.id,
    ready,
    from,
    to,
    index: null,
  } as const
  const session = { accessKeyId, expiration: expires, region: 'eu-central-1' }
  const secret = {
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    sessionToken: 'FwoGZXIvYXdzEXAMPLETOKEN==',
  }
  const box = await sealBox(publicKey, context, sessionBytes({ ...session, ...secret }))
  await story.handOver('bob', grant)
  const keys = new Map([['the key', privateKey]])
  const kept = async function* (table: string) {
    if (table === 'recipient') yield { key: recipient, value: utf8('the key') }
  }
  const written: unknown[] = []
  const time = new TestTime(story.now)
  const device = {
    id: to,
    org: () => story.org(),
    currentCases: () => [story.case(request)],
    pen: () => ({}),
    standing: { maySign: true },
    shelf: { has: () => true, look: async () => box, delete: async () => undefined },
    vault: {
      journal: { records: kept },
      blobs: {
        get: async (id: string) => keys.get(id)?.slice() ?? null,
        delete: async (id: string) => void keys.delete(id),
      },
    },
    author: {
      write: async (
        _: string,
        __: unknown,
        said: { readonly request: Digest; readonly grant: Digest; how: 'done' },
      ) => {
        const { request: _of, grant: _id, ...rest } = said
        written.push(rest)
        await story.end('alice', grant, rest)
      },
    },
    notes: new Notes(() => time.now()),
  } as unknown as Device
  const host = { handoutCommand: null, clearClipboard: async () => true } as unknown as Host
  const start = () => new Sessions(time, host, null)
  return { id: request.id, device, written, start, at: story.now }
}

it('is ended by a lock for good where its plan says so, also if the app is stopped before the next unlock', async () => {
  const { id, device, written, start, at } = await handedOver(true)
  const app = start()
  await app.turn(device, [])
  expect(app.isUsable(id)).toBe(true)
  await app.locked()
  expect([app.isUsable(id), written]).toEqual([false, []])
  const restarted = start()
  await restarted.turn(device, [])
  expect(restarted.isUsable(id)).toBe(false)
  expect(written).toEqual([{ how: 'done', confirmation: 'none', wiped: true, at }])
  expect(restarted.views(device)).toEqual([])
  expect(device.notes.all()).toEqual([])
})

it('is ended by a lock while it is being opened, where its plan says so', async () => {
  const { id, device, written, start, at } = await handedOver(true)
  const app = start()
  const opening = app.turn(device, [])
  await app.locked()
  await opening
  expect(app.isUsable(id)).toBe(false)
  await app.turn(device, [])
  expect(written).toEqual([{ how: 'done', confirmation: 'none', wiped: true, at }])
})

it('lives over a lock and a restart where its plan does not say so', async () => {
  const { id, device, written, start } = await handedOver(false)
  const app = start()
  await app.turn(device, [])
  await app.locked()
  expect(app.isUsable(id)).toBe(true)
  const restarted = start()
  await restarted.turn(device, [])
  expect([restarted.isUsable(id), written]).toEqual([true, []])
})
