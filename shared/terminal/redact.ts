/** What stands in a recording in the place of a secret. */
export const REDACTED = '[redacted]'

/**
 * Takes secrets out of a stream of text, wherever it was cut. Finds a secret that stands there whole and letter for letter, and no
 * other spelling of it.
 */
export class Redactor {
  /** Longest first: where one begins with another, the longer is looked for before. */
  readonly #secrets: readonly string[]
  #held = ''

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter((secret) => secret !== '').toSorted((a, b) => b.length - a.length)
  }

  /** The text that may be kept by now. What may be the beginning of a secret is held until more came. */
  push(text: string): string {
    let rest = this.#held + text
    let out = ''
    for (let found = this.#first(rest); found !== null; found = this.#first(rest)) {
      out += rest.slice(0, found.at) + REDACTED
      rest = rest.slice(found.at + found.length)
    }
    const from = this.#heldFrom(rest)
    this.#held = rest.slice(from)
    return out + rest.slice(0, from)
  }

  /** What was held: nothing more comes, so it is no secret. */
  end(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }

  /** The secret that stands first, and of several there the longest. */
  #first(text: string): { readonly at: number; readonly length: number } | null {
    let first: { at: number; length: number } | null = null
    for (const { length, at } of this.#secrets.map((secret) => ({ length: secret.length, at: text.indexOf(secret) })))
      if (at >= 0 && (first === null || at < first.at)) first = { at, length }
    return first
  }

  /** Where the longest end begins that some secret begins with. */
  #heldFrom(text: string): number {
    const longest = this.#secrets[0]?.length ?? 0
    for (let from = Math.max(0, text.length - longest + 1); from < text.length; from++) {
      const end = text.slice(from)
      if (this.#secrets.some((secret) => secret.length > end.length && secret.startsWith(end))) return from
    }
    return text.length
  }
}
