import { concat, equalBytes, fromUtf8, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import * as z from '../../shared/zod.ts'
import { sha256 } from '../sha256.ts'
import { openRecord, SEAL_OVERHEAD, sealRecord } from './sodium.ts'

// One record on the disk; docs/formats/journal.md §2:
//
//   magic "LBJR" | position u32 | length of label u16 | length of body u32 | previous hash 32 | label | body
//
// Label and body are sealed apart: the label hides table and key from whoever takes the disk (a readable index tells
// who and when), and the body's associated data names them.

const MAGIC = utf8('LBJR')
/** Bytes before the sealed label. */
const HEAD_LENGTH = 4 + 4 + 2 + 4 + 32
/** The largest value of one record: a statement's envelope is far below, and larger things are blobs. */
const MAX_VALUE_LENGTH = 1024 * 1024
const MAX_TABLE_LENGTH = 64
const MAX_NAME_LENGTH = 512

/** The hash that the first record names as its predecessor's. */
export const FIRST_PREVIOUS = new Uint8Array(32)

/** What a record is about. */
export interface Label {
  readonly table: string
  readonly key: string
  readonly version: number
}

/** An opened record. */
export interface JournalRecord extends Label {
  /** Counts from 0 without gaps. */
  readonly position: number
  readonly value: Uint8Array
}

/** Where a record stands on the disk and what it claims, before anything was opened. */
export interface Frame {
  readonly position: number
  readonly previous: Uint8Array
  readonly label: Uint8Array
  readonly body: Uint8Array
  /** All bytes of the record. */
  readonly bytes: Uint8Array
}

/** Key and vault to which a journal belongs. */
export interface JournalIdentity {
  readonly vaultId: Uint8Array
  /** 32 bytes. */
  readonly key: Uint8Array
}

const labelSchema = z.strictObject({
  table: z.string().min(1).max(MAX_TABLE_LENGTH),
  key: z.string().max(MAX_NAME_LENGTH),
  version: z.int().min(0),
})

/** SHA-256 over all bytes of a record: what its successor carries. */
export function recordHash(bytes: Uint8Array): Uint8Array {
  return sha256(bytes)
}

function labelContext(identity: JournalIdentity, position: number, previous: Uint8Array): Uint8Array {
  return jcs({
    position,
    previous: toBase64Url(previous),
    purpose: 'lockbox/journal-label/v1',
    vault: toBase64Url(identity.vaultId),
  })
}

function bodyContext(identity: JournalIdentity, position: number, label: Label): Uint8Array {
  const { key, table, version } = label
  const purpose = 'lockbox/journal-body/v1'
  return jcs({ key, position, purpose, table, vault: toBase64Url(identity.vaultId), version })
}

/**
 * Seals one record for its place in the journal.
 *
 * @throws {TypeError} if table, key or version cannot be a label, or the value is larger than a record may be.
 */
export function sealFrame(
  identity: JournalIdentity,
  place: { readonly position: number; readonly previous: Uint8Array },
  label: Label,
  value: Uint8Array,
): Uint8Array {
  checkRecord(label, value)
  const { key, table, version } = label
  const sealedLabel = sealRecord(
    identity.key,
    jcs({ key, table, version }),
    labelContext(identity, place.position, place.previous),
  )
  const sealedBody = sealRecord(identity.key, value, bodyContext(identity, place.position, label))
  const head = new DataView(new ArrayBuffer(10))
  head.setUint32(0, place.position)
  head.setUint16(4, sealedLabel.length)
  head.setUint32(6, sealedBody.length)
  return concat(MAGIC, new Uint8Array(head.buffer), place.previous, sealedLabel, sealedBody)
}

/** @throws {TypeError} if it cannot be the label of a record, or the value is larger than a record may be. */
export function checkRecord(label: Label, value: Uint8Array): void {
  const { table, key, version } = label
  const isFit = table.length > 0 && table.length <= MAX_TABLE_LENGTH && key.length <= MAX_NAME_LENGTH
  if (!isFit || !Number.isSafeInteger(version) || version < 0)
    throw new TypeError('expected a table of 1 to 64, a key of at most 512 characters and a whole version')
  if (value.length > MAX_VALUE_LENGTH) throw new TypeError(`a record holds at most ${MAX_VALUE_LENGTH} bytes`)
}

/** Reads the record that starts at `at`, or null if no whole record does. Opens nothing. */
export function readFrame(file: Uint8Array, at: number): Frame | null {
  if (file.length - at < HEAD_LENGTH || !equalBytes(file.subarray(at, at + 4), MAGIC)) return null
  const head = new DataView(file.buffer, file.byteOffset + at + 4, 10)
  const labelLength = head.getUint16(4)
  const bodyLength = head.getUint32(6)
  const end = at + HEAD_LENGTH + labelLength + bodyLength
  if (labelLength < SEAL_OVERHEAD || bodyLength < SEAL_OVERHEAD || bodyLength > MAX_VALUE_LENGTH + SEAL_OVERHEAD)
    return null
  if (end > file.length) return null
  const labelAt = at + HEAD_LENGTH
  return {
    position: head.getUint32(0),
    previous: file.subarray(labelAt - 32, labelAt),
    label: file.subarray(labelAt, labelAt + labelLength),
    body: file.subarray(labelAt + labelLength, end),
    bytes: file.subarray(at, end),
  }
}

/** The next place at or after `from` where a record may start, or -1. */
export function nextMagic(file: Uint8Array, from: number): number {
  return Buffer.from(file.buffer, file.byteOffset, file.length).indexOf(MAGIC, from)
}

/** Opens the label of a record where the record says it stands. */
function openLabel(identity: JournalIdentity, frame: Frame): Label {
  const context = labelContext(identity, frame.position, frame.previous)
  return labelSchema.parse(JSON.parse(fromUtf8(openRecord(identity.key, frame.label, context))))
}

/**
 * Opens a record.
 *
 * @throws {SealError} `not-ours` if label or body were altered, or belong to another position or vault.
 */
export function openFrame(identity: JournalIdentity, frame: Frame): JournalRecord {
  const label = openLabel(identity, frame)
  return {
    ...label,
    position: frame.position,
    value: openRecord(identity.key, frame.body, bodyContext(identity, frame.position, label)),
  }
}

/** What is wrong with bytes that should be the record at `position` and are not: altered, moved, or from elsewhere. */
export function whatIsWrong(identity: JournalIdentity, position: number, sealed: Uint8Array): string {
  const frame = readFrame(sealed, 0)
  try {
    if (frame?.bytes.length === sealed.length) {
      openFrame(identity, frame)
      return frame.position === position ? 'is of another copy of this journal' : `is really record ${frame.position}`
    }
  } catch {
    // Told below, whichever check failed.
  }
  return 'was altered'
}
