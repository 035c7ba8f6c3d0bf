import { isNestedTooDeeply, MOST_DEPTH } from '../../../shared/evidence/bounds.ts'
import { EvidenceError } from '../../../shared/evidence/event.ts'

/** One answer, bytes: AWS gives at most 50 events, of at most 256 KiB each, as texts within a text. */
const MOST_ANSWER = 32 * 2 ** 20
/** What stands around a record. */
const FRAME_DEPTH = 10

/**
 * Reads the body of an answer, within bounds, and puts the bytes in its place, before a parser sees any of it.
 *
 * @param response - as a client of AWS's library has it.
 * @throws {EvidenceError} `record-too-large`; `bad-record` if it is nested as no answer is.
 */
export async function boundedBody(response: unknown): Promise<void> {
  if (typeof response !== 'object' || response === null) return
  const body: unknown = Reflect.get(response, 'body')
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<unknown>) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    if (length > MOST_ANSWER)
      throw new EvidenceError('record-too-large', `an answer of CloudTrail has more than ${MOST_ANSWER / 2 ** 20} MiB`)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(Buffer.concat(chunks))
  if (isNestedTooDeeply(bytes, MOST_DEPTH + FRAME_DEPTH))
    throw new EvidenceError('bad-record', 'an answer of CloudTrail is nested too deeply')
  Reflect.set(response, 'body', bytes)
}
