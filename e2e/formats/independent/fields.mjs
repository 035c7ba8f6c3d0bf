import { fromText } from './bytes.mjs'

// statements.md §4: checks of one value each, as functions from a parsed value to a boolean.

export const integer = (least, most) => (value) => Number.isSafeInteger(value) && value >= least && value <= most
export const boolean = (value) => typeof value === 'boolean'
export const only =
  (...values) =>
  (value) =>
    values.includes(value)
export const orNull = (check) => (value) => value === null || check(value)
export const either =
  (...checks) =>
  (value) =>
    checks.some((check) => check(value))

/** base64url of so many bytes, which may have to pass a further check. */
export const bytes =
  (least, most = least, check = () => true) =>
  (value) => {
    const had = fromText(value)
    return had !== null && had.length >= least && had.length <= most && check(had)
  }

export const digest = bytes(32)
export const name = bytes(16)
export const time = integer(0, 7_258_118_400_000)
export const difference = integer(-7_258_118_400_000, 7_258_118_400_000)
export const natural = integer(0, Number.MAX_SAFE_INTEGER)

const REFUSED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u

const plain = (value) => value === value.normalize('NFC') && value === value.trim() && !REFUSED.test(value)

export const line = (most) => (value) =>
  typeof value === 'string' && value.length >= 1 && value.length <= most && plain(value)
export const lineOrEmpty = (most) => either(only(''), line(most))
/** As a line, but line feeds may stand inside. */
export const text =
  (most, least = 0) =>
  (value) =>
    typeof value === 'string' &&
    value.length >= least &&
    value.length <= most &&
    value === value.trim() &&
    plain(value.replaceAll('\n', ' ').trim())

export const matches = (pattern) => (value) => typeof value === 'string' && pattern.test(value)
export const slug = matches(/^[a-z][a-z-]{0,63}$/)
export const group = matches(/^[a-z][a-z0-9-]{0,31}$/)

/** An array of so many that pass. @param rise - what MUST ascend strictly along it, if anything. */
export const list = (check, least, most, rise) => (value) =>
  Array.isArray(value) &&
  value.length >= least &&
  value.length <= most &&
  value.every(check) &&
  (rise === undefined || value.every((one, at) => at === 0 || rise(value[at - 1]) < rise(one)))
export const set = (check, least, most) => list(check, least, most, (one) => one)

/** Each once, in the order that counts. */
export const distinct = (check, least, most) => (value) =>
  list(check, least, most)(value) && new Set(value).size === value.length

const OPTIONAL = Symbol('optional')
/** A field that is left out where it says nothing. */
export const unlessLeftOut = (check) => Object.assign((value) => check(value), { [OPTIONAL]: true })

/** A closed object: these fields, all of them that may not be left out, and no other. */
export const object = (fields) => (value) =>
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  Object.keys(fields).every((key) => Object.hasOwn(value, key) || fields[key][OPTIONAL]) &&
  Object.keys(value).every((key) => Object.hasOwn(fields, key) && fields[key](value[key]))
