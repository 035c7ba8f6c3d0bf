import { fromUtf8 } from '../bytes.ts'
import { LockboxError } from '../errors.ts'
import type { Json } from '../jcs.ts'
import type * as z from '../zod.ts'

// Nearly every payload is laid out in one way: keys in order, no escapes, texts in ASCII, numbers well within their bounds. One
// regular expression for each kind finds that out, made from the schema itself; what it takes is canonical JSON and fits the
// schema by its very shape. Whatever it does not take goes the long way, whether or not something is wrong with it.

/** How a value looks in canonical JSON where it is plain. */
interface Form {
  /** A regular expression, without anchors. Never takes what the schema refuses, but for what `checks` find. */
  readonly pattern: string
  /** What is left to be looked at, by the path to it. */
  readonly checks: readonly Check[]
}

interface Check {
  readonly path: readonly string[]
  readonly holds: (text: string) => boolean
}

const forms = new WeakMap<z.ZodType, Form>()

/**
 * Says how the texts of a schema look where they are plain, since nobody can see that from a schema that asks a function.
 *
 * @param pattern - a regular expression for the text between its quotes: of printable ASCII without `"` and `\`, and, but for
 *   what `holds` finds, of nothing that the schema refuses.
 */
export function plainly<Schema extends z.ZodType<string>>(
  schema: Schema,
  pattern: string,
  holds: ((text: string) => boolean) | null = null,
): Schema {
  forms.set(schema, { pattern: `"${pattern}"`, checks: holds === null ? [] : [{ path: [], holds }] })
  return schema
}

/** Canonical base64url of so many bytes: the bits that are left over in the last character are zero. */
export function base64UrlPattern(bytes: number): string {
  const last = ['[\\w-]', '[AQgw]', '[AEIMQUYcgkosw048]'][bytes % 3] as string
  return `[\\w-]{${Math.ceil((bytes * 4) / 3) - 1}}${last}`
}

/** A line in ASCII without escapes and without space around it, of at most `max` characters. */
export function linePattern(max: number, min: number): string {
  const mark = '[!#-\\[\\]-~]'
  const line = `(?:${mark}(?:[ !#-\\[\\]-~]{0,${max - 2}}${mark})?)`
  return min === 0 ? `${line}?` : line
}

/** Reads plain payloads of one schema: its value, or null for what has to go the long way. */
export type PlainReader = (payload: Uint8Array) => Json | null

/** A reader for the payloads of a schema; of one that has parts of which nobody said how they look, it takes nothing. */
export function plainReader(schema: z.ZodType): PlainReader {
  const form = formOf(schema)
  if (form === null) return () => null
  const whole = new RegExp(`^${form.pattern}$`)
  return (payload) => {
    const text = textOf(payload)
    if (text === null || !whole.test(text)) return null
    const value = JSON.parse(text) as Json
    return form.checks.every((check) => holdsIn(value, check)) ? value : null
  }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return fromUtf8(bytes)
  } catch (error) {
    if (error instanceof LockboxError) return null
    throw error
  }
}

function holdsIn(value: Json, { path, holds }: Check): boolean {
  let at: Json | undefined = value
  for (const name of path) at = (at as { readonly [key: string]: Json } | null)?.[name]
  return typeof at === 'string' ? holds(at) : at === null || at === undefined
}

/** What of a schema's definition is looked at. */
interface Definition {
  readonly type: string
  readonly format?: string
  readonly checks?: readonly z.core.$ZodCheck[]
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly catchall?: z.ZodType
  readonly innerType?: z.ZodType
  readonly element?: z.ZodType
  readonly entries?: Readonly<Record<string, string>>
}

/** What one check of a schema asks for. */
interface Ask {
  readonly check: string
  readonly minimum?: number
  readonly maximum?: number
  readonly value?: number
  readonly inclusive?: boolean
}

function formOf(schema: z.ZodType): Form | null {
  const known = forms.get(schema)
  if (known !== undefined) return known
  const { type, format, checks = [], shape, catchall, innerType, element, entries } = schema.def as Definition
  const asks: readonly Ask[] = checks.map((check) => check._zod.def)
  if (type === 'object' && shape && catchall?.def.type === 'never' && asks.length === 0) return objectForm(shape)
  if (type === 'nullable' && innerType) return either(formOf(innerType))
  if (type === 'array' && element) return listForm(formOf(element), asks)
  if (type === 'number' && format === 'safeint') return integerForm(asks)
  if (type === 'boolean') return { pattern: '(?:true|false)', checks: [] }
  if (type === 'enum' && entries && Object.values(entries).every((one) => /^[a-z-]+$/.test(one)))
    return { pattern: `"(?:${Object.values(entries).join('|')})"`, checks: [] }
  return null
}

function objectForm(shape: Readonly<Record<string, z.ZodType>>): Form | null {
  const fields: string[] = []
  const checks: Check[] = []
  // RFC 8785 §3.2.3: by UTF-16 code units, as this sorts.
  for (const name of Object.keys(shape).sort()) {
    const form = formOf(shape[name] as z.ZodType)
    if (form === null || !/^[A-Za-z][A-Za-z0-9]*$/.test(name)) return null
    fields.push(`"${name}":${form.pattern}`)
    checks.push(...form.checks.map(({ path, holds }) => ({ path: [name, ...path], holds })))
  }
  return { pattern: `\\{${fields.join(',')}\\}`, checks }
}

const either = (form: Form | null): Form | null => form && { ...form, pattern: `(?:null|${form.pattern})` }

function listForm(item: Form | null, asks: readonly Ask[]): Form | null {
  let minimum = 0
  let maximum = 0
  for (const ask of asks)
    if (ask.check === 'min_length' && ask.minimum !== undefined) minimum = ask.minimum
    else if (ask.check === 'max_length' && ask.maximum !== undefined) maximum = ask.maximum
    else return null
  if (item === null || item.checks.length > 0 || maximum < 1) return null
  const items = `${item.pattern}(?:,${item.pattern}){${Math.max(minimum - 1, 0)},${maximum - 1}}`
  return { pattern: minimum === 0 ? `\\[(?:${items})?\\]` : `\\[${items}\\]`, checks: [] }
}

/** Whole numbers whose first digit shows that they are within their bounds. */
function integerForm(asks: readonly Ask[]): Form | null {
  let minimum = Number.MIN_SAFE_INTEGER
  let maximum = Number.MAX_SAFE_INTEGER
  for (const { check, value, inclusive } of asks)
    if (value === undefined || inclusive !== true) return null
    else if (check === 'greater_than') minimum = value
    else if (check === 'less_than') maximum = value
    else return null
  const sign = minimum === -maximum ? '-?' : ''
  if (maximum < 1 || (sign === '' && minimum !== 0 && minimum !== 1)) return null
  const digits = String(maximum)
  const first = Number(digits[0])
  const most = digits.length > 1 ? first - 1 : first
  const ways = minimum === 1 ? [] : ['0']
  if (digits.length > 1) ways.push(`${sign}[1-9]\\d{0,${digits.length - 2}}`)
  if (most > 0) ways.push(`${sign}[1-${most}]\\d{${digits.length - 1}}`)
  return { pattern: `(?:${ways.join('|')})`, checks: [] }
}
