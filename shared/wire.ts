import { LockboxError } from './errors.ts'
import { MAX_WIRE_CHARACTERS, pack, unpack, WireError, within } from './wire-text.ts'
import * as z from './zod.ts'

/** A failed call as the window sees it: the code and message of main's `LockboxError`, or `internal`. */
export class CallError extends LockboxError {}

/** One call that the window may make. */
export interface CallSpec<Request extends z.ZodType = z.ZodType, Response extends z.ZodType = z.ZodType> {
  readonly is: 'call'
  readonly request: Request
  readonly response: Response
}

/** One event that main may push. */
export interface EventSpec<Payload extends z.ZodType = z.ZodType> {
  readonly is: 'event'
  readonly payload: Payload
}

/** Calls and events in named groups; `contract.vault.unlock` crosses as the channel `vault.unlock`. */
export interface Contract {
  readonly [name: string]: CallSpec | EventSpec | Contract
}

/** Declares a call: what main parses on arrival, and what the window parses on return. */
export function call<Request extends z.ZodType, Response extends z.ZodType>(
  request: Request,
  response: Response,
): CallSpec<Request, Response> {
  return { is: 'call', request, response }
}

/** Declares an event: what the window parses on arrival. */
export function event<Payload extends z.ZodType>(payload: Payload): EventSpec<Payload> {
  return { is: 'event', payload }
}

/** The schema of a call without a request or without a response. */
export const nothing = z.void()

/** The schema of a byte string of at most so many bytes. */
export function bytes(maxBytes: number): z.ZodType<Uint8Array, Uint8Array> {
  return z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= maxBytes)
}

type NothingOr<Value> = [Value] extends [void] ? [] : [value: Value]

/** What main implements: one function for each call, given the parsed request. */
export type MainHandlers<C extends Contract> = {
  readonly [Name in keyof C as C[Name] extends EventSpec ? never : Name]: C[Name] extends CallSpec<
    infer Request,
    infer Response
  >
    ? (request: z.output<Request>) => z.input<Response> | Promise<z.input<Response>>
    : C[Name] extends Contract
      ? MainHandlers<C[Name]>
      : never
}

/** What main may push: one function for each event. */
export type MainEvents<C extends Contract> = {
  readonly [Name in keyof C as C[Name] extends CallSpec ? never : Name]: C[Name] extends EventSpec<infer Payload>
    ? (...payload: NothingOr<z.input<Payload>>) => void
    : C[Name] extends Contract
      ? MainEvents<C[Name]>
      : never
}

/** What the window uses: calls return promises; events take a listener and give back the way to stop it. */
export type WindowClient<C extends Contract> = {
  readonly [Name in keyof C]: C[Name] extends CallSpec<infer Request, infer Response>
    ? (...request: NothingOr<z.input<Request>>) => Promise<z.output<Response>>
    : C[Name] extends EventSpec<infer Payload>
      ? (listener: (payload: z.output<Payload>) => void) => () => void
      : C[Name] extends Contract
        ? WindowClient<C[Name]>
        : never
}

/** The channels of a contract by their full name. A name is letters and digits, so that the dots are ours. */
export function channelsOf(contract: Contract): Readonly<Record<string, CallSpec | EventSpec>> {
  const channels: Record<string, CallSpec | EventSpec> = {}
  const visit = (group: Contract, prefix: string): void => {
    for (const [name, entry] of Object.entries(group)) {
      if (!/^[a-z][A-Za-z0-9]*$/.test(name)) throw new TypeError(`not a name for a call or group: ${prefix}${name}`)
      if (isSpec(entry)) channels[prefix + name] = entry
      else visit(entry, `${prefix}${name}.`)
    }
  }
  visit(contract, '')
  return channels
}

function isSpec(entry: CallSpec | EventSpec | Contract): entry is CallSpec | EventSpec {
  return entry['is'] === 'call' || entry['is'] === 'event'
}

/**
 * Builds an object of the contract's shape with one function for each channel that `make` answers for. Which of
 * the types above it fits, its caller knows.
 */
export function shapeOf(
  contract: Contract,
  make: (channel: string, spec: CallSpec | EventSpec) => ((value?: unknown) => unknown) | null,
): unknown {
  const visit = (group: Contract, prefix: string): unknown =>
    Object.fromEntries(
      Object.entries(group).flatMap(([name, entry]) => {
        const made = isSpec(entry) ? make(prefix + name, entry) : visit(entry, `${prefix}${name}.`)
        return made === null ? [] : [[name, made]]
      }),
    )
  return visit(contract, '')
}

/**
 * The functions with which main pushes events; each text goes to `send`. Payloads are checked before they leave.
 * What is pushed while no window listens is lost: a window that starts asks for a snapshot first.
 */
export function eventsOf<C extends Contract>(
  contract: C,
  send: (text: string) => void,
  limit: number = MAX_WIRE_CHARACTERS,
): MainEvents<C> {
  const events = shapeOf(contract, (channel, spec) =>
    spec.is === 'event'
      ? (value) => send(within(pack({ event: channel, payload: spec.payload.parse(value) }), limit))
      : null,
  )
  return events as MainEvents<C>
}

/** What a shell gives to the window as `globalThis.lockbox`: texts out, texts in, nothing else. */
export interface WindowTransport {
  send(text: string): void
  /** Sets the one receiver of texts from main. */
  listen(receive: (text: string) => void): void
}

const fromMain = z.union([
  z.strictObject({ id: z.int(), result: z.unknown().optional() }),
  z.strictObject({ id: z.int(), error: z.strictObject({ code: z.string(), message: z.string() }) }),
  z.strictObject({ event: z.string(), payload: z.unknown().optional() }),
])

type Listener = (payload: unknown) => void

interface Pending {
  readonly response: z.ZodType
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * The window's end of a contract. A text from main that does not parse throws out of the transport's receiver:
 * main is trusted, so that is a fault of ours and belongs into the console.
 */
export function connect<C extends Contract>(
  contract: C,
  transport: WindowTransport,
  limit: number = MAX_WIRE_CHARACTERS,
): WindowClient<C> {
  const pending = new Map<number, Pending>()
  const listeners = new Map<string, Set<Listener>>()
  const channels = channelsOf(contract)
  let lastId = 0

  const settle = (id: number, act: (call: Pending) => void): void => {
    const waiting = pending.get(id)
    pending.delete(id)
    if (waiting) act(waiting)
  }
  transport.listen((text) => {
    const message = fromMain.parse(unpack(text, limit))
    if ('event' in message) {
      const spec = Object.hasOwn(channels, message.event) ? channels[message.event] : undefined
      if (spec?.is !== 'event') return
      const payload = spec.payload.parse(message.payload)
      for (const listener of listeners.get(message.event) ?? []) listener(payload)
    } else if ('error' in message) {
      settle(message.id, (waiting) => waiting.reject(new CallError(message.error.code, message.error.message)))
    } else {
      settle(message.id, (waiting) => {
        const parsed = waiting.response.safeParse(message.result)
        if (parsed.success) waiting.resolve(parsed.data)
        else waiting.reject(new WireError('malformed', 'main answered with something else than the contract says'))
      })
    }
  })

  const invoke = (channel: string, spec: CallSpec, request: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      const text = within(pack({ id, channel, payload: request }), limit)
      pending.set(id, { response: spec.response, resolve, reject })
      transport.send(text)
    })
  const subscribe = (channel: string, listener: unknown): (() => void) => {
    const set = listeners.get(channel) ?? new Set()
    listeners.set(channel, set)
    const heard = (payload: unknown): void => (listener as Listener)(payload)
    set.add(heard)
    return () => void set.delete(heard)
  }
  return shapeOf(contract, (channel, spec) =>
    spec.is === 'call' ? (request) => invoke(channel, spec, request) : (listener) => subscribe(channel, listener),
  ) as WindowClient<C>
}
