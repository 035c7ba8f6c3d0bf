import { describe, expect, it } from 'vitest'
import { concat, digest, utf8 } from '../../shared/bytes.ts'
import { type Arrival, OWN } from '../../shared/carriers/arrival.ts'
import { readHeard, writeHeard } from './arrivals.ts'

// docs/formats/journal.md §2.1.

const RAJ = digest(utf8('raj'))
const HEARD = 1_793_592_060_000
const envelope = utf8('{"payload":"e30","payloadType":"x","signatures":[]}')
const time = Uint8Array.from(Buffer.from('000001a19a6ae860', 'hex'))

describe('the record of a statement', () => {
  it.each<[string, number, Arrival]>([
    ['said here', 1, OWN],
    ['over the network', 2, { by: 'lan', device: RAJ }],
    ['by a code', 3, { by: 'code', device: RAJ }],
    ['in a file of several people', 4, { by: 'file', device: null }],
    ['as a pasted text', 5, { by: 'text', device: RAJ }],
    ['left while it was locked', 6, { by: 'mail', device: RAJ }],
    ['by a relay', 7, { by: 'relay', device: RAJ }],
  ])('keeps that it came %s', (_how, carrier, from) => {
    const device = from.device === null ? new Uint8Array(32) : Buffer.from(from.device, 'base64url')
    const record = concat(time, Uint8Array.of(carrier), device, envelope)
    expect(writeHeard({ heard: HEARD, from, envelope })).toEqual(record)
    expect(readHeard(record)).toEqual({ heard: HEARD, from, envelope })
  })

  it('is read where it was written before the way was kept', () => {
    expect(readHeard(concat(time, envelope))).toEqual({ heard: HEARD, from: null, envelope })
  })

  it('gives the envelope also of a way that this version does not know', () => {
    const record = concat(time, Uint8Array.of(8), new Uint8Array(32), envelope)
    expect(readHeard(record)).toEqual({ heard: HEARD, from: null, envelope })
  })
})
