import type { ReaderOptions } from 'zxing-wasm/reader'

/** How a picture is searched: thoroughly, since a person waits for it, and for more than one screen in sight. */
export const READER_OPTIONS = {
  formats: ['QRCode'],
  tryHarder: true,
  maxNumberOfSymbols: 4,
} satisfies ReaderOptions
