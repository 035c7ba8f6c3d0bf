import { createHash } from 'node:crypto'

// statements.md §2 and the conventions of every page: base64url, digests, canonical JSON.

/** Why something was refused, by the code of the page that says so. */
export class Refused extends Error {
  constructor(code) {
    super(code)
    this.code = code
  }
}

/** @returns SHA-256 over the parts, joined. */
export function sha256(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** @returns a digest: SHA-256 in base64url. */
export const digest = (...parts) => sha256(...parts).toString('base64url')

/** @returns the bytes of canonical base64 (or base64url) or null. */
export function fromText(text, encoding = 'base64url') {
  if (typeof text !== 'string') return null
  const bytes = Buffer.from(text, encoding)
  return bytes.toString(encoding) === text ? bytes : null
}

/** @returns RFC 8785 of a parsed value whose numbers are safe integers. */
export function jcs(value) {
  if (Array.isArray(value)) return `[${value.map(jcs).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${jcs(value[key])}`)
  return `{${members.join(',')}}`
}

/** @returns the text of UTF-8 bytes; a byte order mark stays in it, and so refuses the JSON. @throws {Refused} `code` */
export function utf8(bytes, code = 'malformed') {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Refused(code)
  }
}

/** The value of canonical JSON (statements.md §2). @throws {Refused} with the code of the first rule that does not hold */
export function parseCanonical(bytes) {
  const text = utf8(bytes)
  if (depthOf(text) > 16) throw new Refused('too-deep')
  let value
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refused('malformed')
  }
  checkNumbers(value)
  if (/\p{Surrogate}/u.test(everyText(value)) || jcs(value) !== text) throw new Refused('not-canonical')
  return value
}

function depthOf(text) {
  let depth = 0
  let deepest = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth)
    else if (token === '}' || token === ']') depth--
  }
  return deepest
}

function checkNumbers(value) {
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0)))
    throw new Refused('not-an-integer')
  if (value !== null && typeof value === 'object') for (const one of Object.values(value)) checkNumbers(one)
}

function everyText(value) {
  if (typeof value === 'string') return value
  if (value === null || typeof value !== 'object') return ''
  return Object.entries(value)
    .map(([key, one]) => `${key}\n${everyText(one)}`)
    .join('\n')
}

/** Whether JSON text repeats a key in one object, escapes undone, or names a key anywhere. @param text - JSON that parses. */
export function repeatsOrNames(text, forbidden) {
  const objects = []
  for (const [, string, after, brace] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|([{}])/gs)) {
    if (brace === '{') objects.push(new Set())
    else if (brace === '}') objects.pop()
    else if (after !== undefined) {
      const key = JSON.parse(string)
      if (key === forbidden || objects.at(-1).has(key)) return true
      objects.at(-1).add(key)
    }
  }
  return false
}
