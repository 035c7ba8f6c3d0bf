import type { Digest } from '../../shared/bytes.ts'
import type { KnownWords } from '../../shared/org/remembered-words.ts'
import type { News, Result, Task } from './messages.ts'

/** The source of `worker.ts`, which the build puts here: a page that is one file has nowhere else to load it from. */
declare const VERIFIER_WORKER: string

/** The words that earlier runs made: whoever verifies again, other files or for another case, does not wait for them again. */
let words: KnownWords = new Map()

/** What the page hears of a run. */
export interface Listener {
  readonly onProgress: (done: number, of: number) => void
  readonly onDone: (result: Result) => void
  /** The run ended without concluding anything. */
  readonly onFailed: (why: string) => void
}

/**
 * Verifies files in a worker, so that the page never freezes.
 *
 * @param cases - to be given in full, however old.
 * @returns what ends it at once; nothing is heard of it any more.
 */
export function startVerifying(files: readonly File[], cases: readonly Digest[], listener: Listener): () => void {
  const address = URL.createObjectURL(new Blob([VERIFIER_WORKER], { type: 'text/javascript' }))
  try {
    const worker = new Worker(address)
    const end = () => {
      worker.terminate()
      URL.revokeObjectURL(address)
    }
    listen(worker, listener, end)
    worker.postMessage({ what: 'verify', files, cases, words, source: VERIFIER_WORKER } satisfies Task, [])
    return end
  } catch (error) {
    // Some browsers start no worker for a page from a file.
    listener.onFailed(error instanceof Error ? error.message : NOT_STARTED)
    return () => undefined
  }
}

const NOT_STARTED = 'this browser did not start the worker in which files are verified'

function listen(worker: Worker, { onProgress, onDone, onFailed }: Listener, end: () => void): void {
  worker.addEventListener('message', ({ data: news }: MessageEvent<News>) => {
    if (news.what === 'progress') return onProgress(news.done, news.of)
    end()
    if (news.what === 'failed') return onFailed(news.why)
    words = news.result.words
    onDone(news.result)
  })
  worker.addEventListener('error', ({ message }) => {
    end()
    onFailed(message || NOT_STARTED)
  })
}
