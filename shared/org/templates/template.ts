/** What a built-in template proposes; people, credential and role are filled in by the admin. */
export interface PlanTemplate {
  /** The emergency's name in requests, such as `identity-provider-down`. */
  readonly emergency: string
  readonly name: string
  /** When to use it, in a sentence. */
  readonly says: string
  /** What to do, as text of parts divided by empty lines; the first line of each is its title. */
  readonly runbook: string
  /** What role and account the access should be of, for the admin who fills them in. */
  readonly scope: string
  /** JSON text that narrows the role. */
  readonly sessionPolicy: string
  /** Seconds. */
  readonly durations: readonly number[]
  readonly need: number
  readonly groups: readonly { readonly group: string; readonly count: number }[]
  readonly veto: readonly string[]
  /** Who should be able to ask, for the admin; commanders of `group` are proposed if there are any, else all. */
  readonly requesters: { readonly says: string; readonly group: string | null }
  /** AWS regions whose STS is asked, in this order. */
  readonly regions: readonly string[]
}

/** A runbook's text of titles and their lines. */
export function runbook(parts: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(parts)
    .map(([title, lines]) => [title, ...lines].join('\n'))
    .join('\n\n')
}

/** 15, 30 and 60 minutes: AWS's least, and what is enough for most nights. */
export const SHORT = [900, 1800, 3600]
