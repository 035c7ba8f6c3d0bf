import { ORIGIN } from '../shared/origin.ts'
import { type CallSpec, type Contract, channelsOf, type MainHandlers, shapeOf } from '../shared/wire.ts'
import {
  crossing,
  MAX_WIRE_CHARACTERS,
  pack,
  unpack,
  WireError,
  type WireErrorCode,
  within,
} from '../shared/wire-text.ts'
import * as z from '../shared/zod.ts'

/** Who sent a text, as the shell knows it from the browser, never from the text. */
export interface Sender {
  /** Serialized origin of the frame's document (`null` for opaque ones). */
  readonly origin: string
  readonly isMainFrame: boolean
  /** The shell's name for the window, or null if the shell did not open it. */
  readonly windowId: string | null
}

/** What to send back (null: no answer, for strangers and what cannot be answered) and why it was refused, if it was. */
export interface Outcome {
  readonly reply: string | null
  readonly refused: WireErrorCode | null
}

export interface DispatchOptions {
  /** Whether a window is one that this app opened and still shows. */
  readonly isKnownWindow: (windowId: string) => boolean
  /** Largest text in UTF-16 units. */
  readonly limit?: number
  /** Told of errors that are not `LockboxError`s, which reach the window without text. */
  readonly onFault?: (channel: string, error: unknown) => void
}

const fromWindow = z.strictObject({ id: z.int().nonnegative(), channel: z.string(), payload: z.unknown().optional() })

type Handler = (request: unknown) => unknown

/**
 * The one door from the window: sender, channel, request, handler, response, in this order. Both shells feed it,
 * so a text that got in through a sub-frame or a stray window meets the same refusals everywhere.
 */
export function dispatcher<C extends Contract>(
  contract: C,
  handlers: MainHandlers<C>,
  options: DispatchOptions,
): (sender: Sender, text: string) => Promise<Outcome> {
  const channels = channelsOf(contract)
  const handlerOf = handlersByChannel(contract, handlers)
  const limit = options.limit ?? MAX_WIRE_CHARACTERS
  return async (sender, text) => {
    if (!isOurs(sender, options.isKnownWindow)) return { reply: null, refused: 'foreign-sender' }
    let message: z.output<typeof fromWindow>
    try {
      message = parse(fromWindow, unpack(text, limit))
    } catch (error) {
      return { reply: null, refused: error instanceof WireError ? error.code : 'malformed' }
    }
    try {
      const spec = Object.hasOwn(channels, message.channel) ? channels[message.channel] : undefined
      const handler = handlerOf.get(message.channel)
      if (spec?.is !== 'call' || !handler) throw new WireError('unknown-channel', 'there is no such call')
      const result = await answer(spec, handler, message.payload)
      return { reply: within(pack({ id: message.id, result }), limit), refused: null }
    } catch (error) {
      const sent = crossing(error)
      if (sent.code === 'internal') options.onFault?.(message.channel, error)
      return { reply: pack({ id: message.id, error: sent }), refused: error instanceof WireError ? error.code : null }
    }
  }
}

function isOurs(sender: Sender, isKnownWindow: (windowId: string) => boolean): boolean {
  return sender.origin === ORIGIN && sender.isMainFrame && sender.windowId !== null && isKnownWindow(sender.windowId)
}

async function answer(spec: CallSpec, handler: Handler, payload: unknown): Promise<unknown> {
  const result = await handler(parse(spec.request, payload))
  const response = spec.response.safeParse(result)
  // A response that breaks the contract stays here: it may hold what the window must not see.
  if (!response.success) throw new TypeError('the handler answered with something else than the contract says')
  return response.data
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  // Where, not what: the value may be secret.
  const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ')
  throw new WireError('malformed', `the request does not fit the contract at: ${where}`)
}

function handlersByChannel<C extends Contract>(contract: C, handlers: MainHandlers<C>): Map<string, Handler> {
  const found = new Map<string, Handler>()
  shapeOf(contract, (channel, spec) => {
    if (spec.is !== 'call') return null
    let at: unknown = handlers
    for (const name of channel.split('.'))
      at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined
    if (typeof at !== 'function') throw new TypeError(`no handler for ${channel}`)
    const handler: unknown = at
    found.set(channel, (request) => (handler as Handler)(request))
    return null
  })
  return found
}
