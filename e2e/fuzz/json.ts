import type { Json } from '../../shared/jcs.ts'
import { oneOf, type Random } from './random.ts'

type Branch = Json[] | { [key: string]: Json }
/** Where a value stands. */
interface Spot {
  readonly in: Branch
  readonly key: string | number
}

const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  2 ** 31,
  2 ** 53 - 1,
  1e16,
  10_737_418_240,
  '',
  'A',
  '\u0000',
  '\u202e',
  'e\u0301',
  '\ud83d\ude00',
  '__proto__',
  [],
  {},
  [[]],
]

/** A JSON value with one thing changed, of its own values or of `others`; the given one stays as it is. */
export function changedJson(value: Json, random: Random, others: readonly Json[] = []): Json {
  const root: { value: Json } = { value: structuredClone(value) }
  const spots = spotsIn(root)
  const one = oneOf(spots, random)
  const another = oneOf(spots, random)
  const old = valueAt(one)
  const ways = [
    () => put(one, oneOf(VALUES, random)),
    () => put(one, structuredClone(valueAt(another))),
    () => put(one, structuredClone(others.length === 0 ? valueAt(another) : oneOf(others, random))),
    () => put(one, slightly(old, random)),
    () => put(one, slightly(old, random)),
    () => {
      put(one, structuredClone(valueAt(another)))
      if (!contains(old, another.in)) put(another, old)
    },
    () => remove(one),
    () => insert(one, structuredClone(valueAt(another)), random),
    () => put(one, nested(old, 1 + random(20))),
  ]
  oneOf(ways, random)()
  return root.value ?? null
}

/** Every value that is no object and no list. */
export function leavesOf(value: Json): Json[] {
  if (typeof value !== 'object' || value === null) return [value]
  return Object.values(value as Record<string, Json>).flatMap(leavesOf)
}

function spotsIn(branch: Branch): Spot[] {
  return Object.keys(branch).flatMap((name) => {
    const key = Array.isArray(branch) ? Number(name) : name
    const spot = { in: branch, key }
    const value = valueAt(spot)
    return [spot, ...(typeof value === 'object' && value !== null ? spotsIn(value as Branch) : [])]
  })
}

const valueAt = ({ in: branch, key }: Spot): Json => (branch as Record<string | number, Json>)[key] as Json

function put({ in: branch, key }: Spot, value: Json): void {
  // `__proto__` as a plain key, as JSON.parse makes it.
  Object.defineProperty(branch, key, { value, enumerable: true, writable: true, configurable: true })
}

function remove({ in: branch, key }: Spot): void {
  if (Array.isArray(branch)) branch.splice(Number(key), 1)
  else delete branch[key]
}

function insert({ in: branch, key }: Spot, value: Json, random: Random): void {
  if (Array.isArray(branch)) branch.splice(Number(key), 0, value)
  else put({ in: branch, key: oneOf(['__proto__', 'extra', `${key}2`, ''], random) }, value)
}

const contains = (value: Json, branch: Branch): boolean =>
  value === branch ||
  (typeof value === 'object' &&
    value !== null &&
    Object.values(value as Record<string, Json>).some((one) => contains(one, branch)))

function slightly(value: Json, random: Random): Json {
  if (typeof value === 'number')
    return oneOf([value + 1, value - 1, -value, value * 2, value * 1000, value + 0.5], random)
  if (typeof value === 'string') return slightlyText(value, random)
  if (Array.isArray(value)) {
    const list: readonly Json[] = value
    return oneOf([list.toReversed(), [...list, ...list], list.slice(1), list.slice(0, -1)], random)
  }
  return typeof value === 'boolean' ? !value : value
}

function slightlyText(text: string, random: Random): string {
  const at = random(text.length + 1)
  return oneOf(
    [
      text.slice(0, at) + oneOf(['A', 'z', '-', '=', '+', ' ', '\n', '\u0301'], random) + text.slice(at + 1),
      text.slice(0, at) + text.slice(at + 1),
      text + text,
      `${text}=`,
      text.toUpperCase(),
      text.slice(0, at),
      // The last sign of base64 has bits that nothing uses.
      text.slice(0, -1) + String.fromCharCode((text.charCodeAt(text.length - 1) || 64) + 1),
    ],
    random,
  )
}

function nested(value: Json, deep: number): Json {
  let all = value
  for (let level = 0; level < deep; level++) all = [all]
  return all
}
