import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { onTestFinished, vi } from 'vitest'
import { makeCredentials, type TlsCredentials } from '../certificate.ts'
import type { CloseReason, ExchangeEvent, Peer } from '../exchange.ts'
import { LanExchange } from '../lan.ts'
import type { ExchangeHost } from '../lan-options.ts'
import type { ExchangeLimits } from '../limits.ts'
import { TLS_OPTIONS } from '../tls.ts'
import { helloFrame } from './hello.ts'
import { MemoryStore } from './memory-store.ts'
import { identityOf, ORGANIZATION, type Person, person } from './people.ts'

/** One app in this process: its exchange, its stand-in store, and all that happened. */
export interface TestApp {
  readonly person: Person
  readonly store: MemoryStore
  readonly lan: LanExchange
  readonly events: ExchangeEvent[]
  readonly logged: string[]
  readonly address: string
}

/** What may be different about an app. */
export interface AppOptions {
  readonly limits?: Partial<ExchangeLimits>
  readonly host?: Partial<ExchangeHost>
  readonly organization?: string
  readonly store?: MemoryStore
}

/** Starts an app that listens on the loopback address, and stops it when the test is over. */
export async function startApp(who: Person, roster: () => readonly Peer[], options: AppOptions = {}): Promise<TestApp> {
  const { limits, host, organization = ORGANIZATION, store = new MemoryStore() } = options
  const lan = new LanExchange({ tickMs: 20, retryMs: 50, ...limits }, host)
  const events: ExchangeEvent[] = []
  const logged: string[] = []
  lan.subscribe((event) => events.push(event))
  const identity = identityOf(who, roster, organization)
  await lan.start({ identity, store, host: '127.0.0.1', discover: false, log: (line) => logged.push(line) })
  onTestFinished(() => lan.stop())
  return { person: who, store, lan, events, logged, address: `127.0.0.1:${lan.port}` }
}

/** Starts an app for each name; all know one another. `roster` may be changed by the test. */
export async function startTeam<const Names extends readonly string[]>(
  names: Names,
  options: AppOptions = {},
): Promise<{ apps: { [Name in Names[number]]: TestApp }; roster: Peer[] }> {
  const people = names.map(person)
  const roster = people.map(({ peer }) => peer)
  const started = await Promise.all(
    people.map(async (who) => [who.peer.name, await startApp(who, () => roster, options)]),
  )
  return { apps: Object.fromEntries(started) as { [Name in Names[number]]: TestApp }, roster }
}

/** Waits until something is so; fails with what was expected if it never is. */
export function until(isSo: () => boolean): Promise<void> {
  return vi.waitFor(
    () => {
      if (!isSo()) throw new Error(`never came to be: ${isSo.toString()}`)
    },
    { timeout: 20_000, interval: 2 },
  )
}

/** Whether an app has a connection to another. */
export function isConnected(app: TestApp, to: TestApp): boolean {
  return app.lan.peersState().some(({ device }) => device === to.person.peer.device)
}

/** Connects one app to the others, and waits until both ends know. */
export async function join(app: TestApp, ...others: readonly TestApp[]): Promise<void> {
  for (const other of others) app.lan.addAddress(other.address)
  await until(() => others.every((other) => isConnected(app, other) && isConnected(other, app)))
}

/** The reasons for which an app refused connections or ended them. */
export function reasons(app: TestApp, event: 'refused' | 'disconnected'): CloseReason[] {
  return app.events.flatMap((one) => (one.event === event ? [one.reason] : []))
}

/** A connection made by hand: somebody's key, but none of our protocol behind it. */
export interface RawPeer {
  readonly socket: TLSSocket
  /** What the app sent so far. */
  received(): Buffer
  /** Resolves when the app closed the connection. */
  readonly closed: Promise<unknown>
}

/** Shakes hands with an app as somebody; `hello` also greets, as that somebody's app would. */
export async function rawPeer(
  app: Pick<TestApp, 'address'>,
  who: Person | null,
  options: { readonly hello?: boolean; readonly from?: string; readonly credentials?: TlsCredentials } = {},
): Promise<RawPeer> {
  const own = who === null ? {} : await makeCredentials(who.tlsPrivateKey, who.peer.tls)
  const credentials = options.credentials ?? own
  const port = Number(app.address.split(':').at(-1))
  const there = { host: '127.0.0.1', port, localAddress: options.from ?? '127.0.0.1' }
  const socket = connect({ ...TLS_OPTIONS, ...credentials, ...there, servername: '' })
  onTestFinished(() => void socket.destroy())
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => socket.destroy())
  // Also by a reset: what was written to whoever has closed already is answered so.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await once(socket, 'secureConnect')
  if (options.hello === true) socket.write(helloFrame())
  return { socket, received: () => Buffer.concat(chunks), closed }
}
