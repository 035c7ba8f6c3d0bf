import { exchangeStoreOf } from '../../../main/app/meeting.ts'
import type { ExchangeStore } from '../../../main/exchange/exchange.ts'
import { LanExchange } from '../../../main/exchange/lan.ts'
import { identityOf, person } from '../../../main/exchange/testing/people.ts'
import { concat, type Digest } from '../../../shared/bytes.ts'
import { parse } from '../../../shared/statements/envelope.ts'
import type { Exported } from '../../../shared/verify/testing/exported.ts'
import { bareEntries, verifyBare } from '../bare/signatures.ts'
import { BareTls } from '../bare/tls.ts'
import type { BenchCase } from '../case.ts'
import { lineOf } from '../line.ts'
import { logOf } from '../log.ts'
import { interleaved, timed } from '../measure.ts'
import { emptyDevice } from '../one-device.ts'

const BARE = 'one TLS connection, all the bytes over it, every signature verified'
const [EARLY, LATE] = [person('early'), person('late')]
const PEERS = [EARLY.peer, LATE.peer]

/** A device that was off meets one that has everything: from the first dial to the last statement accepted and durable. */
export const sync: BenchCase = {
  name: 'sync',
  async run({ effort, worker, say }) {
    const size = effort.size(1000)
    say(`sync: writing a log of ${size} statements first`)
    const log = await logOf(size)
    const entries = bareEntries(log.entries)
    const bytes = concat(...log.entries)
    const early = await EarlyDevice.start(log)
    const tls = await BareTls.listen(() => undefined)
    const rounds = await interleaved(effort.rounds(7), {
      ours: () => lateJoiner(early, log, worker),
      bare: () =>
        timed(async () => {
          const connection = await tls.connect()
          await connection.send(bytes)
          for (const entry of entries) verifyBare(entry)
          await connection.close()
        }),
    })
    await tls.close()
    await early.stop()
    const what = `a late joiner takes ${log.entries.length} statements`
    return [lineOf({ name: 'sync', what, bareIs: BARE, unit: 'ms', targets: [{ times: 2 }] }, rounds)]
  },
}

/** Hands out what it has over the exchange; takes nothing. */
class EarlyDevice {
  readonly #lan = new LanExchange()

  static async start({ entries, organization }: Exported): Promise<EarlyDevice> {
    const early = new EarlyDevice()
    const envelopes = new Map<Digest, Uint8Array>(entries.map((envelope) => [parse(envelope).id, envelope]))
    const identity = identityOf(EARLY, () => PEERS, organization)
    await early.#lan.start({
      identity,
      store: handsOut(envelopes),
      host: '127.0.0.1',
      discover: false,
      log: () => undefined,
    })
    return early
  }

  get address(): string {
    return `127.0.0.1:${this.#lan.port}`
  }

  stop(): Promise<void> {
    return this.#lan.stop()
  }
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

/** The whole app but for its window, with nothing in its log. */
async function lateJoiner(
  early: EarlyDevice,
  { entries, organization, pin }: Exported,
  worker: string,
): Promise<number> {
  const { party, device, close } = await emptyDevice(worker)
  const lan = new LanExchange()
  try {
    await device().movePin(pin)
    const store = exchangeStoreOf(device(), party.running.app.desk().notary)
    const identity = identityOf(LATE, () => PEERS, organization)
    await lan.start({ identity, store, host: '127.0.0.1', discover: false, log: () => undefined })
    return await timed(async () => {
      const all = new Promise<void>((resolve) =>
        device().store.onAccepted(() => device().store.ids().length === entries.length && resolve()),
      )
      lan.addAddress(early.address)
      await all
    })
  } finally {
    await lan.stop()
    await close()
  }
}
