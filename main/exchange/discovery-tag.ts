import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Digest } from '../../shared/bytes.ts'

const PURPOSE = 'lockbox/discovery/v1'

/** What one start of the app announces: nothing in it outlives the app or tells who runs it. */
export interface Announcement {
  /** DNS-SD instance, 32 hexadecimal digits. */
  readonly instance: string
  /** Host name under `.local`, of its own so that the computer's name stays out of it. */
  readonly host: string
  /** Value of the TXT record's `t`. */
  readonly tag: string
}

/** A fresh announcement. */
export function announcementFor(organization: Digest): Announcement {
  const instance = randomBytes(16).toString('hex')
  return { instance, host: `${randomBytes(16).toString('hex')}.local`, tag: tagOf(organization, instance) }
}

/**
 * HMAC-SHA-256 of the instance name, 16 bytes in base64url, under SHA-256(purpose ‖ 0x00 ‖ organization id). It lets
 * members' apps find one another; whoever does not know the organization's id can neither make it nor link two of
 * them. It proves nothing: the id is in every statement, so former members know it. The TLS pins decide.
 */
export function tagOf(organization: Digest, instance: string): string {
  const key = createHash('sha256').update(PURPOSE).update('\0').update(Buffer.from(organization, 'base64url')).digest()
  return createHmac('sha256', key).update(instance).digest().subarray(0, 16).toString('base64url')
}

/** Whether an announced app says that it is of this organization. */
export function isOurs(organization: Digest, instance: string, tag: unknown): boolean {
  if (typeof tag !== 'string') return false
  const [ours, theirs] = [Buffer.from(tagOf(organization, instance)), Buffer.from(tag)]
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}
