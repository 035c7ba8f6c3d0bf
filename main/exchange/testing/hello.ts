import { encodeFrame } from '../../../shared/carriers/frame.ts'
import { encodeMessage, FRAME, VERSIONS } from '../messages.ts'
import { ORGANIZATION } from './people.ts'

/** A hello that fits, or differs in something. */
export function helloFrame(change: Record<string, unknown> = {}): Uint8Array {
  const hello = {
    clock: Date.now(),
    connected: false,
    connection: 0,
    organization: ORGANIZATION,
    run: Buffer.alloc(16, 1).toString('base64url'),
    versions: [...VERSIONS],
  }
  if (Object.keys(change).length === 0) return encodeMessage({ type: 'hello', hello })
  return encodeFrame(FRAME.hello, Buffer.from(JSON.stringify({ ...hello, ...change })))
}
