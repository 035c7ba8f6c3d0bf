import type { Digest } from '../../shared/bytes.ts'
import type { KnownWords } from '../../shared/org/remembered-words.ts'
import type { Setting } from '../../shared/verify/examine.ts'
import type { Order } from '../../shared/verify/hands.ts'
import type { Report } from '../../shared/verify/report.ts'
import type { Ed25519By } from './checks.ts'

/** What the page asks of its worker, once. */
export interface Task {
  readonly what: 'verify'
  readonly files: readonly File[]
  /** Cases to give in full however old, as `lockbox verify --case` does. */
  readonly cases: readonly Digest[]
  /** What an earlier run made. */
  readonly words: KnownWords
  /** The worker's own source: in a page from a file, nobody may read an address that another made. */
  readonly source: string
}

/** What a verifying worker tells its hands. */
export type HandTask = { readonly what: 'start'; readonly setting: Setting } | Order

/** A report and the files it is about, in words. */
export interface Shown {
  readonly files: string
  readonly report: Report
}

/** What came of it all. */
export interface Result {
  readonly shown: readonly Shown[]
  /** The very bytes that `lockbox verify --json` and `lockbox verify` print. */
  readonly json: Blob
  readonly text: Blob
  readonly by: Ed25519By
  /** For the next run. */
  readonly words: KnownWords
}

/** What the worker tells the page. */
export type News =
  | { readonly what: 'progress'; readonly done: number; readonly of: number }
  | { readonly what: 'done'; readonly result: Result }
  | { readonly what: 'failed'; readonly why: string }
