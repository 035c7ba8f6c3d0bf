import { sha256 } from '@noble/hashes/sha2.js'
import { digest } from '../../shared/bytes.ts'
import { rememberedWords } from '../../shared/org/remembered-words.ts'
import { rosterWords } from '../../shared/org/words.ts'
import { Examiner, type Setting } from '../../shared/verify/examine.ts'
import type { Crew } from '../../shared/verify/flow.ts'
import { formatJson } from '../../shared/verify/format-json.ts'
import { type Answer, crewOfHands, type Hand, type Order, servingOrders } from '../../shared/verify/hands.ts'
import { filesWords, formatTexts, verifyFiles } from '../../shared/verify/verify-files.ts'
import { checksHere } from './checks.ts'
import { namedFile } from './files.ts'
import type { HandTask, News, Result, Task } from './messages.ts'

// The one program of the page's workers: the first verifies, and starts the others, its hands, from the same source.

/** What a worker has, and the types of a page do not name. */
interface Scope {
  addEventListener(what: 'message', listener: (event: MessageEvent<Task | HandTask>) => void): void
  postMessage(message: News | Answer, transfer: Transferable[]): void
}
const scope = globalThis as unknown as Scope

/** One for the verifying worker and the page, the others examine. More than this brought nothing. */
const MOST_HANDS = 8
const PROGRESS_MS = 100
/** A file from which on several workers are worth it. */
const LARGE_BYTES = 512 * 1024

let serve: ((order: Order) => void) | null = null

scope.addEventListener('message', ({ data }) => {
  if (data.what === 'verify') void verify(data)
  else if (data.what === 'start')
    serve = servingOrders(examinerHere(data.setting), (answer, buffers) => scope.postMessage(answer, buffers))
  else serve?.(data)
})

async function verify(task: Task): Promise<void> {
  try {
    scope.postMessage({ what: 'done', result: await resultOf(task) }, [])
  } catch (error) {
    scope.postMessage({ what: 'failed', why: error instanceof Error ? error.message : String(error) }, [])
  }
}

async function resultOf({ files, cases, words, source }: Task): Promise<Result> {
  const { by, checks } = await checksHere()
  const isLarge = files.some(({ size }) => size > LARGE_BYTES)
  const judged = await verifyFiles(files.map(namedFile), {
    checks,
    cases,
    wordsOf: rememberedWords(rosterWords, words),
    onProgress,
    ...(isLarge ? { crew: (setting) => workers(source, setting) } : {}),
  })
  return {
    shown: judged.map(({ files, report }) => ({ files: filesWords(files), report })),
    json: new Blob([formatJson(judged)], { type: 'application/json' }),
    text: new Blob([formatTexts(judged)], { type: 'text/plain;charset=utf-8' }),
    by,
    words,
  }
}

let told = 0
function onProgress(done: number, of: number): void {
  const now = performance.now()
  if (now - told < PROGRESS_MS) return
  told = now
  scope.postMessage({ what: 'progress', done, of }, [])
}

function workers(source: string, setting: Setting): Crew {
  const count = Math.max(1, Math.min(MOST_HANDS, navigator.hardwareConcurrency))
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  return crewOfHands(count, (take, fail) => startHand(address, setting, take, fail))
}

function startHand(
  address: string,
  setting: Setting,
  take: (answer: Answer) => void,
  fail: (error: Error) => void,
): Hand {
  const worker = new Worker(address)
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => take(data))
  worker.addEventListener('error', ({ message }) => fail(new Error(message || 'a worker could not be started')))
  worker.postMessage({ what: 'start', setting } satisfies HandTask, [])
  return {
    tell: (order, buffers) => worker.postMessage(order, buffers),
    close: () => {
      worker.terminate()
      return Promise.resolve()
    },
  }
}

async function examinerHere(setting: Setting): Promise<Examiner> {
  const { checks } = await checksHere()
  return new Examiner(setting, { checks, sha256, digestOf: digest })
}
