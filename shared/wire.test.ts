import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { LockboxError } from './errors.ts'
import { bytes, CallError, call, channelsOf, connect, event, eventsOf, nothing } from './wire.ts'
import { crossing, pack, unpack, WireError } from './wire-text.ts'

const contract = {
  vault: {
    unlock: call(z.strictObject({ secret: bytes(64) }), z.strictObject({ name: z.string() })),
    lock: call(nothing, nothing),
    changed: event(z.strictObject({ count: z.int() })),
  },
}

/** A transport whose other end is in the test's hands. */
function transport() {
  const sent: string[] = []
  let receive: (text: string) => void = () => {}
  return {
    sent,
    deliver: (text: string) => receive(text),
    send: (text: string) => void sent.push(text),
    listen: (to: (text: string) => void) => {
      receive = to
    },
  }
}

const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return error instanceof WireError ? error.code : 'another error'
  }
  return 'no error'
}

describe('the text that crosses', () => {
  it('gives back every value of plain data and bytes (property)', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array({ maxLength: 40 }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          fc.string().filter((key) => key !== '$bytes'),
          tie('value'),
          { maxKeys: 4, noNullPrototype: true },
        ),
      ),
    })).value
    fc.assert(
      fc.property(value, (given) => {
        expect(unpack(pack(given))).toEqual(given)
      }),
    )
  })

  it.each([
    ['', '{"__proto__":{"admin":true}}'],
    [', with bytes in it', '{"__proto__":{"admin":{"$bytes":"AQ"}}}'],
    [', which is bytes', '{"__proto__":{"$bytes":"AQ"}}'],
  ])('keeps a key named __proto__ a plain key%s', (_what, text) => {
    const given: unknown = unpack(text)
    expect(given).not.toHaveProperty('admin')
    expect(Object.getPrototypeOf(given)).toBe(Object.prototype)
    expect(Object.keys(given as object)).toEqual(['__proto__'])
    expect(pack(given)).toBe(text)
  })

  it('never fails otherwise than by a refusal, whatever text arrives (property)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['no error', 'malformed']).toContain(codeOf(() => unpack(text)))
      }),
    )
  })

  it.each([
    ['too-large', 'a text over the limit', () => unpack('"aaaa"', 5)],
    ['malformed', 'what is not JSON', () => unpack('{')],
    ['malformed', 'bytes with another key beside them', () => unpack('{"$bytes":"AA","x":1}')],
    ['malformed', 'bytes that are not text', () => unpack('{"$bytes":1}')],
    ['malformed', 'bytes in a padded form', () => unpack('{"$bytes":"AA=="}')],
    ['malformed', 'a value nested 100,000 deep', () => unpack('['.repeat(100_000) + ']'.repeat(100_000))],
  ])('refuses as %s %s', (code, _what, act) => {
    expect(codeOf(act)).toBe(code)
  })

  it('does not quote a text that it could not read', () => {
    expect(() => unpack('{"key":"AKIAIOSFODNN7EXAMPLE')).toThrow(/^expected JSON$/)
  })

  it.each([
    ['a reserved key', { $bytes: 'AA' }],
    ['a number that is not finite', Number.NaN],
    ['a function', () => 1],
    ['a class instance', new Map()],
  ])('does not pack %s', (_what, value) => {
    expect(() => pack(value)).toThrow(TypeError)
  })
})

describe('errors that cross', () => {
  it('carries code and message of our own errors', () => {
    expect(crossing(new LockboxError('not-yet', 'wait for the quorum'))).toEqual({
      code: 'not-yet',
      message: 'wait for the quorum',
    })
  })

  it('tells nothing of any other error', () => {
    const { code, message } = crossing(new Error('secret path'))
    expect(code).toBe('internal')
    expect(message).not.toContain('secret')
  })
})

describe('the window end', () => {
  it('sends a call by its full name and gives back the parsed answer', async () => {
    const wire = transport()
    const lockbox = connect(contract, wire)
    const answer = lockbox.vault.unlock({ secret: new Uint8Array([1, 2]) })
    expect(wire.sent).toEqual(['{"id":1,"channel":"vault.unlock","payload":{"secret":{"$bytes":"AQI"}}}'])
    wire.deliver('{"id":1,"result":{"name":"Ana"}}')
    await expect(answer).resolves.toEqual({ name: 'Ana' })
  })

  it('answers each call with its own answer, whatever their order', async () => {
    const wire = transport()
    const lockbox = connect(contract, wire)
    const secret = new Uint8Array()
    const both = Promise.all([lockbox.vault.unlock({ secret }), lockbox.vault.unlock({ secret })])
    wire.deliver('{"id":2,"result":{"name":"second"}}')
    wire.deliver('{"id":1,"result":{"name":"first"}}')
    await expect(both).resolves.toEqual([{ name: 'first' }, { name: 'second' }])
  })

  it('makes a call without a request and without an answer', async () => {
    const wire = transport()
    const done = connect(contract, wire).vault.lock()
    expect(wire.sent).toEqual(['{"id":1,"channel":"vault.lock"}'])
    wire.deliver('{"id":1}')
    await expect(done).resolves.toBeUndefined()
  })

  it('rejects with the code and message that main sent', async () => {
    const wire = transport()
    const done = connect(contract, wire).vault.lock()
    wire.deliver('{"id":1,"error":{"code":"not-yet","message":"wait"}}')
    const error: unknown = await done.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CallError)
    expect(error).toMatchObject({ code: 'not-yet', message: 'wait' })
  })

  it('rejects an answer that breaks the contract', async () => {
    const wire = transport()
    const done = connect(contract, wire).vault.unlock({ secret: new Uint8Array() })
    wire.deliver('{"id":1,"result":{"name":"Ana","key":"secret"}}')
    await expect(done).rejects.toMatchObject({ code: 'malformed' })
  })

  it('does not send a request over the limit', async () => {
    const wire = transport()
    const done = connect(contract, wire, 60).vault.unlock({ secret: new Uint8Array(60) })
    await expect(done).rejects.toBeInstanceOf(WireError)
    expect(wire.sent).toEqual([])
  })

  it('gives events to those who listen, until they stop', () => {
    const wire = transport()
    const heard: number[] = []
    const stop = connect(contract, wire).vault.changed(({ count }) => heard.push(count))
    const events = eventsOf(contract, (text) => wire.deliver(text))
    events.vault.changed({ count: 1 })
    stop()
    events.vault.changed({ count: 2 })
    expect(heard).toEqual([1])
  })

  it('does not let an event leave that breaks the contract', () => {
    const sent: string[] = []
    const events = eventsOf(contract, (text) => void sent.push(text))
    expect(() => events.vault.changed({ count: 0.5 })).toThrow(z.ZodError)
    expect(sent).toEqual([])
  })
})

it('names each channel by its path, and refuses names that would blur it', () => {
  expect(Object.keys(channelsOf(contract))).toEqual(['vault.unlock', 'vault.lock', 'vault.changed'])
  expect(() => channelsOf({ 'vault.unlock': call(nothing, nothing) })).toThrow(TypeError)
})
