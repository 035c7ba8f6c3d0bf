/**
 * The keys of a text that is one JSON object, or null when it is not, or when any object in it repeats a key.
 * `JSON.parse` keeps the last of two equal keys, other parsers the first: such client data could mean two things.
 */
export function nestedJsonKeys(text: string): string[] | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const written = keysWritten(text)
  return written.length === countKeys(value) ? written : null
}

// In valid JSON a string followed by a colon is a key, and nothing else is.
function keysWritten(text: string): string[] {
  const strings = /"(?:[^"\\]|\\.)*"(\s*:)?/g
  return [...text.matchAll(strings)]
    .filter((match) => match[1] !== undefined)
    .map((match) => JSON.parse(match[0].slice(0, match[0].lastIndexOf('"') + 1)) as string)
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value).reduce<number>((sum, part) => sum + countKeys(part), 0)
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length)
}
