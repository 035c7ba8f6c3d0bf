import { LinkFailure } from '../failure.ts'
import type { Link, OpenLink } from '../link.ts'

/** What a broker that means ill does with what was left there: what a reader finds under a subject, in order. */
export type Malice = (subject: string, kept: readonly Uint8Array[]) => readonly Uint8Array[]

/** A broker in memory, as honest as a test wants it. */
export class MemoryBroker {
  /** Everything that was left there, in order. */
  readonly kept: { readonly subject: string; readonly bytes: Uint8Array }[] = []
  readonly #links = new Set<{ hint: (subject: string) => void; watched: ReadonlySet<string>; cut: () => void }>()
  malice: Malice = (_, kept) => kept
  isDown = false
  /** How often somebody looked. */
  reads = 0
  readonly #created: string

  constructor(created = 'once') {
    this.#created = created
  }

  /** What a reader finds; numbered anew for each subject where malice changes what is there. */
  #found(subject: string): readonly { readonly seq: number; readonly bytes: Uint8Array }[] {
    const own = this.kept.map((one, at) => ({ ...one, seq: at + 1 })).filter((one) => one.subject === subject)
    const shown = this.malice(
      subject,
      own.map(({ bytes }) => bytes),
    )
    return shown.map((bytes, at) => ({ seq: own[at]?.seq ?? (own.at(-1)?.seq ?? 0) + 1 + at, bytes }))
  }

  readonly open: OpenLink = async (_settings, onHint, signal): Promise<Link> => {
    if (this.isDown) throw new LinkFailure('connection refused')
    let cut: () => void = () => undefined
    const over = new Promise<unknown>((resolve) => {
      cut = () => resolve(new LinkFailure('the connection was cut'))
    })
    const own = { hint: onHint, watched: new Set<string>() as ReadonlySet<string>, cut }
    this.#links.add(own)
    const close = () => {
      this.#links.delete(own)
      cut()
    }
    signal.addEventListener('abort', close, { once: true })
    const there = () => {
      if (this.isDown) throw new LinkFailure('the connection was cut')
    }
    return {
      publish: async (subject, bytes) => {
        there()
        this.kept.push({ subject, bytes })
        for (const link of this.#links) if (link.watched.has(subject)) link.hint(subject)
      },
      next: async (subject, from) => {
        there()
        this.reads++
        return this.#found(subject).find(({ seq }) => seq >= from) ?? null
      },
      stream: async () => {
        there()
        return { created: this.#created, last: this.kept.length }
      },
      watch: (subjects) => {
        own.watched = new Set(subjects)
      },
      over,
      close: async () => close(),
    }
  }

  /** Dies, or comes back. */
  down(isDown: boolean): void {
    this.isDown = isDown
    if (isDown) for (const link of this.#links) link.cut()
  }
}
