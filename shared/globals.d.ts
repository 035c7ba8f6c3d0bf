// What every JavaScript host of ours (Node, Chromium) offers and shared/ may use: nothing that does I/O.
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(input?: Uint8Array): string
}
/** A key as Web Crypto and the types of @hpke/* name it; opaque here. */
interface CryptoKey {
  readonly type: string
}
