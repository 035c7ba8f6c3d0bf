import { lengthInBase64Url, type UnixMilliseconds } from '../bytes.ts'
import * as z from '../zod.ts'
import { base64UrlPattern, linePattern, plainly } from './plain.ts'

/** Bytes in canonical base64url, between `min` and `max` bytes long. */
export function bytesField(min: number, max = min) {
  const field = z
    .string()
    .max(Math.ceil((max * 4) / 3))
    .refine(
      (text) => {
        const length = lengthInBase64Url(text)
        return length !== null && length >= min && length <= max
      },
      {
        error: `expected ${min === max ? min : `${min} to ${max}`} bytes in canonical base64url`,
        // What is checked behind this decodes the text again, and must not meet one that cannot be decoded.
        abort: true,
      },
    )
  return min === max ? plainly(field, base64UrlPattern(min)) : field
}

// Control characters, line and paragraph separators, bidirectional controls, invisible joiners and the byte
// order mark: a name shown on a 3 a.m. screen must not be able to reorder or hide its neighbours.
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u
const FORBIDDEN_BUT_NEWLINE = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]|(?!\n)\p{Cc}/u

/** One line of text from a person: NFC, trimmed, no control or bidirectional characters. */
export function lineField(max: number, min = 1) {
  const field = z
    .string()
    .min(min)
    .max(max)
    .refine((text) => text === text.normalize('NFC') && text === text.trim() && !FORBIDDEN.test(text), {
      message: 'expected one line of NFC text without control characters or surrounding space',
    })
  return plainly(field, linePattern(max, min))
}

/** Text of several lines: as a line, but `\n` is allowed inside. */
export function textField(max: number, min = 0) {
  const field = z
    .string()
    .min(min)
    .max(max)
    .refine((text) => text === text.normalize('NFC') && text === text.trim() && !FORBIDDEN_BUT_NEWLINE.test(text), {
      message: 'expected NFC text without control characters or surrounding space',
    })
  return plainly(field, linePattern(max, min))
}

/** A word that names a choice of ours: lower-case letters and hyphens. */
export const slugField = plainly(z.string().regex(/^[a-z][a-z-]{0,63}$/), '[a-z][a-z-]{0,63}')

/** Array without two equal entries, in ascending order of `key` (UTF-16 code units). */
export function sortedSet<T>(item: z.ZodType<T>, key: (value: T) => string, max: number, min = 0) {
  return z
    .array(item)
    .min(min)
    .max(max)
    .refine((items) => items.every((value, at) => at === 0 || key(items[at - 1] as T) < key(value)), {
      message: 'expected entries sorted and without repetition',
    })
}

/** SHA-256 in base64url. */
export const digestField = bytesField(32)
/** 16 random bytes that name a member, plan or credential for good. */
export const nameField = bytesField(16)
/** The first moment of the year 2200. */
const LAST_TIME = 7_258_118_400_000

/** Whole milliseconds since 1970; up to the year 2200, so that sums stay safe. */
export const timeField: z.ZodType<UnixMilliseconds> = z.int().min(0).max(LAST_TIME)

/** Milliseconds between two times: what comes of a time by such a difference still stands in every calendar. */
export const differenceField: z.ZodType<number> = z.int().min(-LAST_TIME).max(LAST_TIME)

/** Roles, as DESIGN §2 and the issue name them. */
export const roleField = z.enum(['admin', 'approver', 'auditor', 'commander'])
export type Role = z.infer<typeof roleField>

/** A group of members, such as "security": lower-case letters, digits and hyphens. */
export const groupField = z
  .string()
  .max(32)
  .regex(/^[a-z][a-z0-9-]*$/)

/** Size and root of the author's ledger before this statement entered it. */
export const ledgerHeadField = z.strictObject({ size: z.int().min(0), root: digestField })

/**
 * What every statement says of itself. `organization` and `roster` are absent in a genesis roster alone.
 */
export const commonFields = {
  organization: digestField,
  roster: digestField,
  member: nameField,
  device: digestField,
  time: timeField,
  sequence: z.int().min(0),
  previous: digestField.nullable(),
  ledger: ledgerHeadField,
}
