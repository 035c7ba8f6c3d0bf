import { describe, expect, it } from 'vitest'
import { type Digest, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { sealBox } from '../../shared/secrets/box.ts'
import { generateBoxKey } from '../../shared/secrets/box-key.ts'
import { digestOf, person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import { carefulAccess } from '../../shared/testing/usual-plan.ts'
import { namesIn } from '../../shared/views/people.ts'
import { sessionBytes } from '../issuers/aws/session.ts'
import { TestTime } from '../sessions/testing/test-time.ts'
import { randomBytes } from '../vault/sodium.ts'
import type { Device } from './device.ts'
import { Notes } from './notes.ts'
import type { Host } from './ports.ts'
import { Sessions } from './using.ts'

const MINUTE = 60_000

/**
 * A session was handed over to Alice's device; `start` is her app, with all that its vault holds, started once more.
 *
 * @param revokerMs - how long what may deny the session is good from now on; null where its plan has none.
 */
async function handedOver(lockEndsSession: boolean, revokerMs: number | null = null) {
  const { publicKey, privateKey } = generateBoxKey(randomBytes)
  const recipient = toBase64Url(publicKey)
  // Nobody is asked about a session in a test.
  const endpoint = 'http://127.0.0.1:9'
  const access = { ...carefulAccess, regions: [{ region: 'eu-central-1', endpoint }] }
  const granted = revokerMs === null ? {} : { endpoint }
  const plan = { lockEndsSession, ...(revokerMs === null ? {} : { access }) }
  const told = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan })
  const { story } = told
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { recipient }, granted)
  if (revokerMs !== null) {
    const boxes = [{ device: person('carol').device, sealed: digestOf('box') }]
    const revoker = { userId: 'AROAEXAMPLEEXAMPLE00:lb-case-1', expires: story.now + revokerMs, boxes }
    await story.care('bob', grant, { revoker: [], rotator: ['carol'] }, { revoker })
  }
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
  /** Every copy of it that was read. */
  const opening: Uint8Array[] = []
  const kept = async function* (table: string) {
    if (table === 'recipient') yield { key: recipient, value: utf8('the key') }
  }
  const written: unknown[] = []
  const time = new TestTime(story.now)
  const device = {
    id: to,
    org: () => story.org(),
    currentCases: () => [story.case(request)],
    case: () => story.case(request),
    names: () => namesIn(story.org()),
    pen: () => ({}),
    standing: { maySign: true },
    shelf: { has: () => true, look: async () => box, delete: async () => undefined },
    vault: {
      journal: { records: kept },
      blobs: {
        get: async (id: string) => {
          const copy = keys.get(id)?.slice() ?? null
          if (copy !== null) opening.push(copy)
          return copy
        },
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
  const host = {
    handoutCommand: null,
    clearClipboard: async () => true,
    notify: async () => undefined,
  } as unknown as Host
  const start = () => new Sessions(time, host, null)
  return { id: request.id, device, written, opening, start, at: story.now, story, grant, time }
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

describe('a program', () => {
  const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

  it('is given nothing from the moment on at which its owner gave it up, though AWS is still asked about it', async () => {
    const { id, device, start } = await handedOver(false, MINUTE)
    const app = start()
    await app.turn(device, [])
    expect(app.handOut(null)).toEqual(app.handOut(id))
    await app.done(id, device)
    expect(app.views(device)).toMatchObject([{ state: 'ending' }])
    expect(() => app.handOut(id)).toThrow(code('over'))
    expect(() => app.handOut(null)).toThrow(code('no-session'))
    await app.close()
  })

  it('is given nothing once its time is over, by the clock of the moment at which it asks', async () => {
    const { id, device, start, time } = await handedOver(false)
    const app = start()
    await app.turn(device, [])
    time.jump(60 * MINUTE)
    expect(() => app.handOut(null)).toThrow(code('no-session'))
    expect(() => app.handOut(id)).toThrow(code('over'))
    await app.close()
  })

  it('is given nothing by an app that ended', async () => {
    const { id, device, start } = await handedOver(false)
    const app = start()
    await app.turn(device, [])
    await app.close()
    expect(() => app.handOut(id)).toThrow(code('over'))
  })

  it('that names a case of which nothing is here is told where to look', async () => {
    const { device, start } = await handedOver(false)
    const app = start()
    await app.turn(device, [])
    const said = {
      code: 'no-session',
      message: expect.stringContaining('take the profile that its screen shows') as string,
    }
    expect(() => app.handOut(digestOf('an earlier case'))).toThrow(expect.objectContaining(said) as Error)
    await app.close()
  })
})

it.each([true, false])('leaves nothing of the key that opened it, a lock ends it: %s', async (lockEnds) => {
  const { device, start, opening } = await handedOver(lockEnds)
  const app = start()
  await app.turn(device, [])
  expect(opening.length).toBeGreaterThan(0)
  expect(opening.every((copy) => copy.every((byte) => byte === 0))).toBe(true)
  await app.close()
})

describe('what its owner gives up', () => {
  const done = { how: 'done', confirmation: 'none', wiped: true }

  it('is wiped at once where what could deny it has ended', async () => {
    const { id, device, written, start, at } = await handedOver(false, 0)
    const app = start()
    await app.turn(device, [])
    await app.done(id, device)
    expect(written).toEqual([{ ...done, at }])
  })

  it('is asked about while somebody may deny it, and wiped once nobody may and nobody says that they did', async () => {
    const { id, device, written, start, at, time, story } = await handedOver(false, MINUTE)
    const app = start()
    await app.turn(device, [])
    await app.done(id, device)
    expect(written).toEqual([{ ...done, wiped: false, at }])
    expect(app.views(device)).toMatchObject([{ state: 'ending', deniable: true }])
    story.pass(1)
    time.jump(MINUTE)
    await app.turn(device, [])
    await app.turn(device, [])
    expect(written).toEqual([
      { ...done, wiped: false, at },
      { ...done, at },
    ])
  })

  it('is asked about on where somebody says that AWS has the deny, though nobody may put it any more', async () => {
    const { id, device, written, start, at, time, story, grant } = await handedOver(false, MINUTE)
    const app = start()
    await app.turn(device, [])
    await app.done(id, device)
    await story.revoked('carol', grant)
    story.pass(1)
    time.jump(MINUTE)
    await app.turn(device, [])
    await app.turn(device, [])
    expect(written).toEqual([{ ...done, wiped: false, at }])
    expect(app.views(device)).toMatchObject([{ state: 'ending', deniable: false }])
    await app.close()
  })
})
