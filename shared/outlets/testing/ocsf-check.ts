import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as z from '../../zod.ts'

const folder = fileURLToPath(new URL('../vectors/ocsf/', import.meta.url))

const enumField = z.record(z.string(), z.object({ caption: z.string() }))
const attribute = z.object({
  type: z.string().optional(),
  requirement: z.string().nullish(),
  is_array: z.boolean().optional(),
  enum: enumField.optional(),
  sibling: z.string().optional(),
})
type Attribute = z.infer<typeof attribute>
const definition = z.object({
  uid: z.int().optional(),
  name: z.string(),
  caption: z.string(),
  extends: z.string().optional(),
  attributes: z.record(z.string(), z.unknown()),
  constraints: z.object({ at_least_one: z.array(z.string()).optional() }).optional(),
})
type Definition = z.infer<typeof definition>

function read(path: string): unknown {
  return JSON.parse(readFileSync(folder + path, 'utf8'))
}

const load = (...paths: string[]): Map<string, Definition> =>
  new Map(
    paths.map((path) => {
      const read_ = definition.parse(read(path))
      return [read_.name, read_]
    }),
  )
const inFolder = (name: string): string[] => readdirSync(folder + name).map((file) => `${name}/${file}`)

const dictionary = z
  .object({
    attributes: z.record(z.string(), attribute),
    types: z.object({
      attributes: z.record(z.string(), z.object({ type: z.string().optional(), regex: z.string().optional() })),
    }),
  })
  .parse(read('dictionary.json'))
const categories = z
  .object({ attributes: z.record(z.string(), z.object({ uid: z.int(), caption: z.string() })) })
  .parse(read('categories.json')).attributes
const classes = load('base_event.json', ...inFolder('iam'))
const objects = load(...inFolder('objects'))
const profiles = load(...inFolder('profiles'))

/** The version of the definitions. */
export const DEFINED_VERSION = z.object({ version: z.string() }).parse(read('version.json')).version

/**
 * Everything that keeps a value from being an event of the class it names: attributes that the class does not have,
 * required ones that are missing, wrong types, enumerations and their captions, constraints; in objects as well.
 */
export function ocsfProblems(event: Readonly<Record<string, unknown>>): string[] {
  const known = [...classes.values()].find(
    ({ uid, extends: parent }) => parent === 'iam' && uid !== undefined && event['class_uid'] === 3000 + uid,
  )
  if (known === undefined) return [`class_uid: no class ${String(event['class_uid'])}`]
  const wanted = {
    category_uid: categories['iam']?.uid,
    category_name: categories['iam']?.caption,
    class_name: known.caption,
    type_uid: Number(event['class_uid']) * 100 + Number(event['activity_id']),
    type_name: `${known.caption}: ${String(event['activity_name'])}`,
  }
  const wrong = Object.entries(wanted)
    .filter(([name, value]) => event[name] !== value)
    .map(([name, value]) => `${name}: expected ${String(value)}`)
  const metadata = z.object({ profiles: z.array(z.string()).optional() }).parse(event['metadata'])
  const added = (metadata.profiles ?? []).map((name) => profiles.get(name) ?? fail(`no profile ${name}`))
  return [...wrong, ...problemsOf(event, [...lineage(known, classes), ...added], 'event')]
}

function fail(says: string): never {
  throw new TypeError(says)
}

function lineage(one: Definition, among: ReadonlyMap<string, Definition>): Definition[] {
  const parent = one.extends === undefined ? undefined : among.get(one.extends)
  return parent === undefined ? [one] : [...lineage(parent, among), one]
}

const OWN: ReadonlySet<string> = new Set(['category_uid', 'class_uid'])

/** What a value may hold: each attribute as the dictionary has it, and over it what each definition says of it. */
function attributesOf(definitions: readonly Definition[]): Map<string, Attribute> {
  const found = new Map<string, Attribute>()
  for (const { attributes } of definitions)
    for (const [name, raw] of Object.entries(attributes)) {
      if (name === '$include') continue
      const own = attribute.parse(raw)
      const before = found.get(name) ?? dictionary.attributes[name] ?? {}
      // The category and class that the base event names are "none"; the class's own are compared one by one above.
      const values = OWN.has(name) ? {} : { ...before.enum, ...own.enum }
      found.set(name, { ...before, ...own, enum: values })
    }
  return found
}

function problemsOf(value: unknown, definitions: readonly Definition[], at: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: expected an object`]
  const attributes = attributesOf(definitions)
  const given = new Map(Object.entries(value))
  const missing = [...attributes]
    .filter(([name, { requirement }]) => requirement === 'required' && !given.has(name))
    .map(([name]) => `${at}.${name}: required`)
  const oneOf = definitions.findLast(({ constraints }) => constraints?.at_least_one)?.constraints?.at_least_one ?? []
  if (oneOf.length > 0 && !oneOf.some((name) => given.has(name))) missing.push(`${at}: needs one of ${oneOf.join()}`)
  return [
    ...missing,
    ...[...given].flatMap(([name, one]) => {
      const known = attributes.get(name)
      if (known === undefined) return [`${at}.${name}: no such attribute`]
      return attributeProblems(one, known, given, `${at}.${name}`)
    }),
  ]
}

function attributeProblems(value: unknown, known: Attribute, given: ReadonlyMap<string, unknown>, at: string) {
  const type = known.type ?? 'string_t'
  if (known.is_array === true)
    return Array.isArray(value) ? value.flatMap((one) => typeProblems(one, type, at)) : [`${at}: expected an array`]
  return [...typeProblems(value, type, at), ...enumProblems(value, known, given, at)]
}

function enumProblems(value: unknown, known: Attribute, given: ReadonlyMap<string, unknown>, at: string): string[] {
  if (known.enum === undefined || Object.keys(known.enum).length === 0) return []
  const entry = known.enum[String(value)]
  if (entry === undefined) return [`${at}: ${String(value)} is not in the enumeration`]
  const caption = known.sibling === undefined ? undefined : given.get(known.sibling)
  // 99 is "Other": its caption is the source's own word.
  return caption === undefined || value === 99 || caption === entry.caption
    ? []
    : [`${at}: not “${JSON.stringify(caption)}”`]
}

function typeProblems(value: unknown, type: string, at: string): string[] {
  const simple = dictionary.types.attributes[type]
  if (simple === undefined) {
    const object = objects.get(type)
    if (object === undefined) return [`${at}: the definition of ${type} is not here`]
    return object.name === 'object' ? [] : problemsOf(value, lineage(object, objects), at)
  }
  const base = simple.type ?? type
  const fits =
    base === 'json_t' ||
    (base === 'string_t' && typeof value === 'string') ||
    (base === 'boolean_t' && typeof value === 'boolean') ||
    (['integer_t', 'long_t', 'timestamp_t'].includes(base) && Number.isSafeInteger(value))
  if (!fits) return [`${at}: expected ${type}`]
  return simple.regex !== undefined && !new RegExp(simple.regex).test(String(value)) ? [`${at}: not a ${type}`] : []
}
