import { LinkFailure } from './failure.ts'

/** What a broker may cost (docs/formats/relay.md §5). */
export const BROKER_BOUNDS = {
  lineBytes: 32 * 1024,
  messageBytes: 128 * 1024,
  bytesBurst: 8 * 1024 * 1024,
  bytesPerSecond: 1024 * 1024,
  unreadBytes: 2 * 1024 * 1024,
  /** What a write costs whatever its length: many short ones are what a broker can have us write. */
  unreadWrite: 256,
} as const

const SAYS = {
  'too-large': 'it sent more at once than any message of ours has',
  flood: 'it sent more than anybody can read',
  unread: 'it does not read what is sent to it',
  'not-nats': 'what answers there does not speak NATS',
  'before-tls': 'it said more than its first line before TLS was there',
} as const

/** Why a broker is left. */
export type BoundsFault = keyof typeof SAYS

/** A fault as the reason why there is no link any more. */
export function faultOf(fault: BoundsFault): LinkFailure {
  return new LinkFailure(SAYS[fault], true)
}
