import type { Browser } from '../../main/shell/browser/find-browser.ts'
import type { Line } from './line.ts'
import type { Effort } from './measure.ts'

/** What a case runs with. */
export interface Bench {
  readonly effort: Effort
  /** The worker program, bundled. */
  readonly worker: string
  /** The browser of the window cases. */
  readonly browser: Browser | null
  /** Tells what is being done, for people who wait. */
  readonly say: (line: string) => void
}

/** One thing that is measured: sets up what it needs, and takes it away again. */
export interface BenchCase {
  readonly name: string
  run(bench: Bench): Promise<readonly Line[]>
}
