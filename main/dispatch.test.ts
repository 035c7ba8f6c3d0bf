import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { LockboxError } from '../shared/errors.ts'
import { ORIGIN } from '../shared/origin.ts'
import { call, connect, event, nothing } from '../shared/wire.ts'
import { dispatcher, type Sender } from './dispatch.ts'

const contract = {
  vault: {
    unlock: call(z.strictObject({ slot: z.string().max(8) }), z.strictObject({ name: z.string() })),
    lock: call(nothing, nothing),
    fail: call(z.enum(['ours', 'foreign', 'wrong answer', 'long answer']), z.strictObject({ name: z.string() })),
    changed: event(nothing),
  },
}

const sender: Sender = { origin: ORIGIN, isMainFrame: true, windowId: 'main' }

function setUp(limit = 1000) {
  const calls: unknown[] = []
  const faults: unknown[] = []
  const dispatch = dispatcher(
    contract,
    {
      vault: {
        unlock: (request) => {
          calls.push(request)
          return { name: 'Ana' }
        },
        lock: () => undefined,
        fail: (how) => {
          if (how === 'ours') throw new LockboxError('not-yet', 'wait for the quorum')
          if (how === 'foreign') throw new Error('a secret path')
          const wrong = { name: 'x', secret: 'k' }
          return how === 'wrong answer' ? wrong : { name: 'x'.repeat(limit) }
        },
      },
    },
    { isKnownWindow: (id) => id === 'main', limit, onFault: (_channel, error) => faults.push(error) },
  )
  return { calls, faults, dispatch }
}

const request = (channel: string, payload?: unknown): string => JSON.stringify({ id: 7, channel, payload })
const good = request('vault.unlock', { slot: 'blue' })

describe('the door from the window', () => {
  it('carries a call to its handler and the answer back', async () => {
    const { dispatch, calls } = setUp()
    const outcome = await dispatch(sender, good)
    expect(outcome).toEqual({ reply: '{"id":7,"result":{"name":"Ana"}}', refused: null })
    expect(calls).toEqual([{ slot: 'blue' }])
  })

  it.each<[string, Sender]>([
    ['another origin', { ...sender, origin: 'https://lockbox.localhost.example' }],
    ['our origin over http', { ...sender, origin: 'http://lockbox.localhost' }],
    ['our origin with a port', { ...sender, origin: 'https://lockbox.localhost:8443' }],
    ['an opaque origin', { ...sender, origin: 'null' }],
    ['a sub-frame', { ...sender, isMainFrame: false }],
    ['a window that we did not open', { ...sender, windowId: null }],
    ['a window that is closed', { ...sender, windowId: 'old' }],
  ])('does not answer %s', async (_who, stranger) => {
    const { dispatch, calls } = setUp()
    expect(await dispatch(stranger, good)).toEqual({ reply: null, refused: 'foreign-sender' })
    expect(calls).toEqual([])
  })

  it.each([
    ['too-large', 'a text over the limit', `${good}${' '.repeat(1000)}`],
    ['malformed', 'what is not JSON', good.slice(1)],
    ['malformed', 'a text that is not an object', '7'],
    ['malformed', 'no id', JSON.stringify({ channel: 'vault.lock' })],
    ['malformed', 'a negative id', JSON.stringify({ id: -1, channel: 'vault.lock' })],
    ['malformed', 'a field too many', JSON.stringify({ id: 7, channel: 'vault.lock', extra: 1 })],
  ])('drops as %s %s', async (refused, _what, text) => {
    const { dispatch, calls } = setUp()
    expect(await dispatch(sender, text)).toEqual({ reply: null, refused })
    expect(calls).toEqual([])
  })

  it.each([
    ['unknown-channel', 'a call that does not exist', request('vault.open', {})],
    ['unknown-channel', 'a group', request('vault', {})],
    ['unknown-channel', 'a name that every object has', request('constructor', {})],
    ['unknown-channel', 'a path into the prototype', request('vault.__proto__', {})],
    ['unknown-channel', 'an event', request('vault.changed')],
    ['malformed', 'a request of another shape', request('vault.unlock', { slot: 5 })],
    ['malformed', 'a request with a field too many', request('vault.unlock', { slot: 'blue', x: 1 })],
    ['malformed', 'a request over a limit of its schema', request('vault.unlock', { slot: 'b'.repeat(9) })],
    ['malformed', 'a request where none is due', request('vault.lock', {})],
    ['malformed', 'no request where one is due', request('vault.unlock')],
    ['too-large', 'an answer over the limit', request('vault.fail', 'long answer')],
  ])('refuses as %s %s, and says so to the caller', async (refused, _what, text) => {
    const { dispatch, calls } = setUp()
    const outcome = await dispatch(sender, text)
    expect(outcome.refused).toBe(refused)
    expect(JSON.parse(outcome.reply ?? '')).toMatchObject({ id: 7, error: { code: refused } })
    expect(calls).toEqual([])
  })

  it('does not repeat a refused value to anyone', async () => {
    const { reply } = await setUp().dispatch(sender, request('vault.unlock', { slot: 'AKIAIOSFODNN7EXAMPLE' }))
    expect(reply).not.toContain('AKIA')
  })

  it('sends code and message of our own errors', async () => {
    const { reply } = await setUp().dispatch(sender, request('vault.fail', 'ours'))
    expect(reply).toBe('{"id":7,"error":{"code":"not-yet","message":"wait for the quorum"}}')
  })

  it('sends nothing of a foreign error, and tells main of it', async () => {
    const { dispatch, faults } = setUp()
    const { reply } = await dispatch(sender, request('vault.fail', 'foreign'))
    expect(JSON.parse(reply ?? '')).toMatchObject({ error: { code: 'internal' } })
    expect(reply).not.toContain('secret')
    expect(faults).toHaveLength(1)
  })

  it('keeps back an answer that breaks the contract', async () => {
    const { dispatch, faults } = setUp()
    const { reply } = await dispatch(sender, request('vault.fail', 'wrong answer'))
    expect(JSON.parse(reply ?? '')).toMatchObject({ error: { code: 'internal' } })
    expect(faults).toHaveLength(1)
  })

  it('serves the window end of the same contract', async () => {
    const { dispatch } = setUp()
    let receive: (text: string) => void = () => {}
    const client = connect(contract, {
      listen: (to) => {
        receive = to
      },
      send: (text) => void dispatch(sender, text).then(({ reply }) => receive(reply ?? '')),
    })
    await expect(client.vault.unlock({ slot: 'blue' })).resolves.toEqual({ name: 'Ana' })
    await expect(client.vault.lock()).resolves.toBeUndefined()
    await expect(client.vault.fail('ours')).rejects.toMatchObject({ code: 'not-yet' })
  })

  it('does not start with a handler missing', () => {
    const { dispatch: _, ...rest } = setUp()
    expect(rest.calls).toEqual([])
    const incomplete: Parameters<typeof dispatcher<typeof contract>>[1] = JSON.parse('{"vault":{}}') as never
    expect(() => dispatcher(contract, incomplete, { isKnownWindow: () => true })).toThrow('no handler for vault.unlock')
  })
})
