import * as z from 'zod'
import type { ExchangeStore } from '../../main/exchange/exchange.ts'
import { LanExchange } from '../../main/exchange/lan.ts'
import { identityOf, type Person, person } from '../../main/exchange/testing/people.ts'
import { concat, type Digest } from '../../shared/bytes.ts'
import { parse } from '../../shared/statements/envelope.ts'
import type { Exported } from '../../shared/verify/testing/exported.ts'
import { BareTls } from './bare/tls.ts'
import { startOwnProcess } from './own-process.ts'

/** By which the bench's program is told that it is the device that has everything. */
export const EARLY_DEVICE = 'early-device'

const peer = z.object({ device: z.string(), member: z.string(), name: z.string(), tls: z.string() })
const start = z.object({ late: peer, organization: z.string(), entries: z.array(z.instanceof(Uint8Array)) })
const started = z.object({ peer, port: z.int(), barePort: z.int() })

/** A device in another process that hands out a log, by the exchange, and by a bare TLS connection. */
export interface EarlyDevice {
  readonly peer: Person['peer']
  readonly port: number
  readonly barePort: number
  stop(): Promise<void>
}

/** Starts one, for one peer. */
export async function startEarlyDevice(
  late: Person['peer'],
  { entries, organization }: Pick<Exported, 'entries' | 'organization'>,
): Promise<EarlyDevice> {
  const own = await startOwnProcess(EARLY_DEVICE, { late, organization, entries })
  return { ...started.parse(own.said), stop: () => own.stop() }
}

/** Is that device: hands out what it has, and takes nothing. */
export async function earlyDevice(given: unknown): Promise<object> {
  const { late, organization, entries } = start.parse(given)
  const me = person('early')
  const lan = new LanExchange()
  const envelopes = new Map<Digest, Uint8Array>(entries.map((envelope) => [parse(envelope).id, envelope]))
  const identity = identityOf(me, () => [me.peer, late], organization)
  await lan.start({ identity, store: handsOut(envelopes), host: '127.0.0.1', discover: false, log: () => undefined })
  const all = concat(...entries)
  const bare = await BareTls.listen(() => all)
  return { peer: me.peer, port: lan.port, barePort: bare.port }
}

/** A store that gives what it has, and takes nothing. */
export function handsOut(envelopes: ReadonlyMap<Digest, Uint8Array>): ExchangeStore {
  return {
    ids: () => [...envelopes.keys()],
    has: (id) => envelopes.has(id),
    envelope: (id) => envelopes.get(id),
    receive: () => Promise.resolve('refused'),
    blobsWith: () => [],
    blobsFor: () => [],
    blobsWanted: () => [],
    likelyAt: () => new Map(),
    blob: () => Promise.resolve(undefined),
    receiveBlob: () => Promise.resolve('unwanted'),
    ownNote: () => null,
    notes: () => [],
    receiveNote: () => Promise.resolve(),
    witness: () => Promise.resolve({ refused: 'not-now' }),
    receiveMailKey: () => Promise.resolve(),
    mailFor: () => Promise.resolve([]),
  }
}
