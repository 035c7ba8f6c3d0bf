import { checkServerIdentity } from 'node:tls'
import { jetstream, jetstreamManager, type MsgRequest } from '@nats-io/jetstream'
import { credsAuthenticator, type Subscription, usernamePasswordAuthenticator } from '@nats-io/nats-core'
import { utf8 } from '../../shared/bytes.ts'
import type { BrokerForm } from '../../shared/carriers/broker.ts'
import { formatAddress } from '../exchange/addresses.ts'
import { trustOf } from '../outlets/transports/trust.ts'
import { whereIs } from './address.ts'
import { type Connection, connectBounded } from './client.ts'
import { LinkFailure } from './failure.ts'
import { hasNoJetStream, natsFailure } from './nats-failure.ts'
import { askStream, hasNoStream, makeStream, STREAM, type StreamFacts } from './stream.ts'
import type { ServerEnd } from './transport.ts'

const TIMEOUT_MS = 10_000

/** A message as a broker's stream has it. */
export interface Stored {
  readonly seq: number
  readonly bytes: Uint8Array
}

/** An open connection to one broker. */
export interface Link {
  /** Resolves when the broker says that it keeps it. */
  publish(subject: string, bytes: Uint8Array): Promise<void>
  /** The first message of a subject from a place in the stream on, or null. */
  next(subject: string, from: number): Promise<Stored | null>
  stream(): Promise<StreamFacts>
  /** Says that something came under a subject, of these from now on; what, is read by `next`. */
  watch(subjects: readonly string[]): void
  /** Settles when the connection is over, with the reason. */
  readonly over: Promise<unknown>
  close(): Promise<void>
}

/**
 * Opens a link.
 *
 * @param signal - ends it, also while it is being opened: then nothing more is sent, credentials least of all.
 * @throws whatever keeps it from being opened; `linkWords` says it.
 */
export type OpenLink = (settings: BrokerForm, onHint: (subject: string) => void, signal: AbortSignal) => Promise<Link>

/** A link over NATS, to a broker with JetStream. */
export const openNatsLink: OpenLink = async (settings, onHint, signal) => {
  let connection: Connection | null = null
  try {
    connection = await connectBounded(serverEnd(settings, signal), clientOptions(settings))
    return await linkOver(connection, onHint)
  } catch (error) {
    const why = connection?.whyOver() ?? error
    await connection?.client.close().catch(() => undefined)
    throw natsFailure(why)
  }
}

/** Where a broker is, and how it must prove itself. */
export function serverEnd({ url, ca }: BrokerForm, signal: AbortSignal): ServerEnd {
  const { address, isPlain } = whereIs(url)
  return {
    ...address,
    tls: isPlain
      ? null
      : {
          ...trustOf(ca),
          // Also where the server is an address, for which TLS asks no name.
          checkServerIdentity: (_, certificate) => checkServerIdentity(address.host, certificate),
        },
    signal,
  }
}

/** How the client is to deal with a broker, and who it is there. */
export function clientOptions({ url, credentials }: BrokerForm) {
  const authenticator = authenticatorOf(credentials)
  return {
    servers: formatAddress(whereIs(url).address),
    ...(authenticator === null ? {} : { authenticator }),
    // One connection each: when to try again, and where, is not the broker's to say.
    reconnect: false,
    ignoreClusterUpdates: true,
    timeout: TIMEOUT_MS,
    pingInterval: 20_000,
    maxPingOut: 2,
  }
}

function authenticatorOf(credentials: BrokerForm['credentials']) {
  switch (credentials.as) {
    case 'nobody':
      return null
    case 'user':
      return usernamePasswordAuthenticator(credentials.user, credentials.password)
    case 'file':
      return credsAuthenticator(utf8(credentials.text))
  }
}

async function linkOver({ client, whyOver }: Connection, onHint: (subject: string) => void): Promise<Link> {
  let unheard: Error | null = null
  // Whatever goes wrong, in words of ours; all fails that was going on when the connection went over.
  const said = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      throw natsFailure(unheard ?? whyOver() ?? error)
    })
  /** Without hints all would come, minutes later, and nobody would know why. */
  const cannotHear = (error: Error) => {
    unheard ??= error
    void client.close()
  }
  const manager = await jetstreamManager(client, { checkAPI: false, timeout: TIMEOUT_MS })
  const stored = jetstream(client, { timeout: TIMEOUT_MS })
  await askStream(client, TIMEOUT_MS).catch(async (error: unknown) => {
    if (hasNoStream(error)) return makeStream(manager)
    throw hasNoJetStream(error) ? new LinkFailure('JetStream is not enabled there, so it keeps nothing') : error
  })
  const watched = new Map<string, Subscription>()
  return {
    publish: async (subject, bytes) => {
      await said(stored.publish(subject, bytes, { timeout: TIMEOUT_MS }))
    },
    next: async (subject, from) => {
      // As the server has it since 2.9; the client's types leave it to its direct requests, which no older server answers.
      const query = { next_by_subj: subject, seq: from } as unknown as MsgRequest
      const found = await said(manager.streams.getMessage(STREAM, query))
      if (found === null) return null
      if (!Number.isSafeInteger(found.seq) || found.seq < from)
        throw new LinkFailure('it answers what was not asked', true)
      return { seq: found.seq, bytes: found.data }
    },
    stream: () => said(askStream(client, TIMEOUT_MS)),
    watch: (subjects) => {
      for (const [subject, subscription] of watched)
        if (!subjects.includes(subject)) {
          subscription.unsubscribe()
          watched.delete(subject)
        }
      for (const subject of subjects)
        if (!watched.has(subject))
          watched.set(
            subject,
            client.subscribe(subject, { callback: (error) => (error === null ? onHint(subject) : cannotHear(error)) }),
          )
    },
    over: client.closed().then((error) => natsFailure(unheard ?? whyOver() ?? error)),
    close: () => client.close(),
  }
}
