import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import type { ReaderAnswer, ReaderTask } from './reader.ts'
import { READER_OPTIONS } from './reader-options.ts'

// A worker of its own: searching a picture takes five milliseconds, and many times that on a bad one.

self.addEventListener('message', ({ data }: MessageEvent<ReaderTask>) => {
  const done = 'wasm' in data ? prepare(data.wasm) : read(data.picture)
  done.then(answer, (error: unknown) =>
    answer({ failed: error instanceof Error ? error.message : 'no codes were read' }),
  )
})

function answer(said: ReaderAnswer): void {
  self.postMessage(said, { transfer: [] })
}

/** Given in by the window: by itself the library would ask a server of others. */
async function prepare(wasmBinary: ArrayBuffer): Promise<ReaderAnswer> {
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })
  return { texts: [] }
}

async function read(picture: ImageBitmap): Promise<ReaderAnswer> {
  const { width, height } = picture
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  if (context === null) return { failed: 'this browser draws nothing outside of its window' }
  context.drawImage(picture, 0, 0)
  picture.close()
  const found = await readBarcodes(context.getImageData(0, 0, width, height), READER_OPTIONS)
  return { texts: found.filter(({ isValid }) => isValid).map(({ text }) => text) }
}
