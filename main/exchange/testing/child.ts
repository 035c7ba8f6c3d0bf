// One app as a process of its own, for tests: reads orders from its input, tells what happens on its output.
import { createInterface } from 'node:readline'
import type { Peer } from '../exchange.ts'
import { LanExchange } from '../lan.ts'
import type { ExchangeLimits } from '../limits.ts'
import { MemoryStore } from './memory-store.ts'
import { identityOf } from './people.ts'

/** What a test may order; a JSON object a line. */
export type Order =
  | {
      readonly order: 'start'
      readonly peer: Peer
      /** PKCS #8 DER, base64url. Made for the test. */
      readonly key: string
      readonly roster: readonly Peer[]
      readonly host: string | null
      readonly discover: boolean
      readonly limits: Partial<ExchangeLimits>
    }
  | { readonly order: 'add'; readonly texts: readonly string[] }
  | { readonly order: 'dial'; readonly address: string }
  | { readonly order: 'stop' }

/** What a child tells; a JSON object a line. */
export type Report =
  | { readonly report: 'started'; readonly port: number }
  | { readonly report: 'added' }
  | { readonly report: 'received'; readonly text: string }
  | { readonly report: 'event'; readonly event: string; readonly name: string; readonly reason: string }
  | { readonly report: 'log'; readonly line: string }

const store = new MemoryStore()
let lan = new LanExchange()
const tell = (report: Report) => process.stdout.write(`${JSON.stringify(report)}\n`)

async function obey(order: Order): Promise<void> {
  switch (order.order) {
    case 'start':
      return start(order)
    case 'add':
      lan.announce(store.add(...order.texts))
      return void tell({ report: 'added' })
    case 'dial':
      return lan.addAddress(order.address)
    case 'stop':
      await lan.stop()
      return process.exit(0)
  }
}

async function start({ peer, key, roster, host, discover, limits }: Order & { order: 'start' }): Promise<void> {
  lan = new LanExchange(limits)
  lan.subscribe((event) => {
    const name = 'peer' in event && event.peer !== null ? event.peer.name : ''
    const reason = 'reason' in event ? event.reason : event.event === 'discovery' ? JSON.stringify(event.state) : ''
    tell({ report: 'event', event: event.event, name, reason })
  })
  const receive = store.receive.bind(store)
  store.receive = async (envelope, from) => {
    const receipt = await receive(envelope, from)
    if (receipt === 'new') tell({ report: 'received', text: Buffer.from(envelope).toString() })
    return receipt
  }
  const identity = identityOf({ peer, tlsPrivateKey: Buffer.from(key, 'base64url') }, () => roster)
  await lan.start({
    identity,
    store,
    discover,
    log: (line) => tell({ report: 'log', line }),
    ...(host === null ? {} : { host }),
  })
  tell({ report: 'started', port: lan.port ?? 0 })
}

createInterface({ input: process.stdin }).on('line', (line) => void obey(JSON.parse(line) as Order))
process.stdin.on('end', () => process.exit(0))
