import { concat } from '../../shared/bytes.ts'
import { type EarlyPart, earlyPart } from '../../shared/case/early.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { digestField, nameField, timeField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import type { Lying } from '../vault/journal.ts'
import type { Device } from './device.ts'

// What the journal's index keeps for the next opening, docs/formats/journal.md §9.1:
//
//   length of the head u32 | head, JCS | for each statement of the part: position u32 | at u64 | length u32 | leaf hash 32

/** How many of the newest cases a window is shown. */
export const MOST_SHOWN = 40

const ROW = 4 + 8 + 4 + 32
/** More would take longer than is worth while: then the next opening shows nothing before it has read everything. */
const MOST_STATEMENTS = 20_000
const MOST_AWAITED = 1000

const headField = z.strictObject({
  cases: z.array(digestField),
  device: digestField,
  entries: z.int().min(0),
  member: nameField,
  pin: digestField,
  since: timeField.nullable(),
})

/** Where a statement lies, and which it is. */
export interface GlimpseRow extends Lying {
  /** The hash of its leaf in the ledger. */
  readonly leaf: Uint8Array
}

/** What an app knew of its log when an index was made of it, as far as it needs it to show the newest cases. */
export type Glimpse = z.infer<typeof headField> & { readonly rows: readonly GlimpseRow[] }

/** Makes one of all that this device has; empty where there is nothing to show, or too much. */
export function glimpseOf(device: Device): Uint8Array {
  const { store, pin } = device
  const org = device.org()
  if (org === null || pin === null || store.awaited().size > MOST_AWAITED) return new Uint8Array()
  const newest = device.newestCases(MOST_SHOWN)
  const hasAll = org.collection.of('request').length === newest.length
  const part = earlyPart(org, newest, device.currentCases(), store.awaited(), hasAll)
  if (part.statements.size > MOST_STATEMENTS) return new Uint8Array()
  return glimpseBytes({
    cases: [...part.cases],
    since: part.since,
    device: device.id,
    entries: store.ledger.size,
    member: device.profile.member,
    pin,
    rows: rowsOf(device, part),
  })
}

function rowsOf({ store, vault: { journal } }: Device, { statements }: EarlyPart): GlimpseRow[] {
  const rows = [...statements].flatMap((id) => {
    const [position, leaf] = [store.position(id), store.leaf(id)]
    const place = position === undefined ? undefined : journal.placeOf(position)
    return place === undefined || leaf === undefined ? [] : [{ ...place, leaf: store.ledger.leaf(leaf) }]
  })
  return rows.sort((a, b) => a.position - b.position)
}

/** The bytes of one: docs/formats/journal.md §9.1. */
export function glimpseBytes({ rows, ...head }: Glimpse): Uint8Array {
  const json = jcs(head)
  const length = new DataView(new ArrayBuffer(4))
  length.setUint32(0, json.length)
  const table = new Uint8Array(rows.length * ROW)
  const view = new DataView(table.buffer)
  for (const [at, row] of rows.entries()) {
    view.setUint32(at * ROW, row.position)
    view.setBigUint64(at * ROW + 4, BigInt(row.at))
    view.setUint32(at * ROW + 12, row.length)
    table.set(row.leaf, at * ROW + 16)
  }
  return concat(new Uint8Array(length.buffer), json, table)
}

/** Reads one; null for anything else. */
export function parseGlimpse(bytes: Uint8Array): Glimpse | null {
  if (bytes.length < 4) return null
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const table = bytes.subarray(4 + length)
  if (4 + length > bytes.length || table.length % ROW !== 0) return null
  const head = headField.safeParse(parsed(bytes.subarray(4, 4 + length)))
  if (!head.success) return null
  const view = new DataView(table.buffer, table.byteOffset, table.length)
  const rows = Array.from({ length: table.length / ROW }, (_, at) => ({
    position: view.getUint32(at * ROW),
    at: Number(view.getBigUint64(at * ROW + 4)),
    length: view.getUint32(at * ROW + 12),
    leaf: table.slice(at * ROW + 16, (at + 1) * ROW),
  }))
  return { ...head.data, rows }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseJcs(bytes)
  } catch {
    return null
  }
}
