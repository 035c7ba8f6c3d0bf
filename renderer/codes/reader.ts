/// <reference types="vite/client" />
import wasmAddress from 'zxing-wasm/reader/zxing_reader.wasm?url'
import { workerAddress } from './worker-address.ts'

/** What the worker is told: the program that searches, once; then pictures. */
export type ReaderTask = { readonly wasm: ArrayBuffer } | { readonly picture: ImageBitmap }
/** The texts of the codes in a picture, or why it could not be searched. */
export type ReaderAnswer = { readonly texts: readonly string[] } | { readonly failed: string }

/** Searches pictures for codes in a worker, so that the window never waits. */
export interface Reader {
  /** The texts of all codes in a picture; the picture is gone afterwards. One at a time. */
  readonly read: (picture: ImageBitmap) => Promise<readonly string[]>
  readonly close: () => void
}

/** Starts the worker. @throws if it, or what it searches with, cannot be loaded. */
export async function openReader(): Promise<Reader> {
  const response = await fetch(wasmAddress)
  if (!response.ok) throw new TypeError('what searches for codes cannot be loaded')
  const wasm = await response.arrayBuffer()
  const started = new Worker(await workerAddress(), { type: 'module' })
  const reader = {
    read: (picture: ImageBitmap) => ask(started, { picture }, picture),
    close: () => started.terminate(),
  }
  try {
    await ask(started, { wasm }, wasm)
    return reader
  } catch (error) {
    reader.close()
    throw error
  }
}

function ask(worker: Worker, task: ReaderTask, moved: Transferable): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const once = new AbortController()
    const listen = { signal: once.signal }
    const answered = ({ data }: MessageEvent<ReaderAnswer>) => {
      once.abort()
      if ('texts' in data) resolve(data.texts)
      else reject(new TypeError(data.failed))
    }
    worker.addEventListener('message', answered, listen)
    worker.addEventListener(
      'error',
      ({ message }) => {
        once.abort()
        reject(new TypeError(message || 'what searches for codes did not start'))
      },
      listen,
    )
    worker.postMessage(task, [moved])
  })
}
