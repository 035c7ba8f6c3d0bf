import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameDecoder } from '../../shared/carriers/frame.ts'
import { ConnectionError } from './exchange.ts'
import { decodeMessage, encodeMessage, FRAME, FRAME_LIMITS, type Message } from './messages.ts'
import { SUMMARY_BYTES } from './reconcile.ts'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
const ids = fc.array(id, { maxLength: 20 })
const time = fc.nat(2_000_000_000)
const note = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
const text = fc.constantFrom('stopped', 'duplicate', 'not-in-roster')
const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((all) => Uint8Array.from(all))

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    hello: fc.record({
      clock: time,
      connected: fc.boolean(),
      connection: fc.nat(),
      organization: id,
      run: bytes(16, 16).map((run) => Buffer.from(run).toString('base64url')),
      versions: fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 16 }),
    }),
  }),
  fc.record({ type: fc.constant('summary' as const), summary: bytes(SUMMARY_BYTES, SUMMARY_BYTES) }),
  fc.record({ type: fc.constantFrom('have' as const, 'want' as const, 'blobsWanted' as const), ids }),
  fc.record({ type: fc.constant('statement' as const), id, envelope: bytes(1, 100) }),
  fc.record({ type: fc.constant('blob' as const), blob: bytes(0, 100) }),
  fc.record({ type: fc.constant('note' as const), note }),
  fc.record({
    type: fc.constant('witness' as const),
    witness: fc.record({ from: fc.nat(), id: fc.nat(), note, proof: ids }),
  }),
  fc.record({
    type: fc.constant('witnessed' as const),
    witnessed: fc.oneof(
      fc.record({ cosigned: note, id: fc.nat() }),
      fc.record({ id: fc.nat(), last: note, refused: text }),
      fc.record({ id: fc.nat(), refused: text }),
    ),
  }),
  fc.record({ type: fc.constant('ping' as const), sent: time }),
  fc.record({ type: fc.constant('pong' as const), clock: time, sent: time }),
  fc.record({ type: fc.constant('bye' as const), reason: text }),
  fc.record({
    type: fc.constant('mailbox' as const),
    mailbox: fc.record({
      key: bytes(65, 65).map((key) => Buffer.from(key).toString('base64url')),
      port: fc.integer({ min: 1, max: 65_535 }),
      proof: bytes(64, 64).map((proof) => Buffer.from(proof).toString('base64url')),
    }),
  }),
  fc.record({ type: fc.constant('mail' as const), id, urgent: fc.boolean(), box: bytes(48, 100) }),
  fc.record({ type: fc.constant('mailed' as const), id }),
)

/** The code with which a frame is refused, null if it is not, or whatever else was thrown. */
function faultOf(type: number, payload: Uint8Array): unknown {
  try {
    decodeMessage({ type, payload })
    return null
  } catch (error) {
    return error instanceof ConnectionError ? error.code : error
  }
}

const plain = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? [...part] : part))

describe('a message', () => {
  it('comes out of its frame as it went in', () => {
    fc.assert(
      fc.property(message, (one) => {
        const { frames, fault } = createFrameDecoder(FRAME_LIMITS).push(encodeMessage(one))
        expect([frames.length, fault]).toEqual([1, null])
        const [frame] = frames
        const read = frame === undefined ? null : decodeMessage(frame)
        expect(JSON.parse(plain(read))).toEqual(JSON.parse(plain(one)))
      }),
    )
  })

  it('that cannot be read is malformed, whatever its bytes are', () => {
    const type = fc.constantFrom(...Object.values(FRAME), 0, 99)
    const json = fc.json().map((one) => Uint8Array.from(Buffer.from(one)))
    fc.assert(
      fc.property(type, fc.oneof(fc.uint8Array({ maxLength: 200 }), json), (type, payload) => {
        expect([null, 'malformed']).toContain(faultOf(type, payload))
      }),
    )
  })

  it('may be as large as its type allows', () => {
    for (const type of Object.values(FRAME)) expect(FRAME_LIMITS.get(type)).toBeGreaterThan(0)
    expect(Math.max(...FRAME_LIMITS.values())).toBe(256 * 1024)
  })
})
