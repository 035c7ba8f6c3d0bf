import { framesOf, UR_TYPE, writeUr } from './ur.ts'

/**
 * Most bytes of a message in one still code: what 1,704 letters of QR version 24 at its lowest level of correction hold, less
 * the name in front and the checksum. Screens are bright and clean; more correction would only make smaller squares.
 */
export const STILL_BYTES = 840

/** Most bytes of a message in one frame: QR version 18, the densest that cameras of laptops read reliably while it changes. */
export const FRAME_BYTES = 480

/** How often an animated code changes, frames a second: a camera of 30 pictures a second sees each whole at least once. */
export const FRAMES_PER_SECOND = 12

/** A message as the texts of QR codes. */
export interface Codes {
  /** How many codes there are at least to be read; with 1 it is always the same one. */
  readonly count: number
  /** The text of a code, from 1 on without an end; capital letters, which codes pack closest. */
  readonly code: (number: number) => string
}

/** A packed message as one still code if it is short enough, else as a sequence of which any may be missed. */
export function codesOf(message: Uint8Array): Codes {
  if (message.length <= STILL_BYTES) {
    const text = writeUr(UR_TYPE, message).toUpperCase()
    return { count: 1, code: () => text }
  }
  const { count, frame } = framesOf(UR_TYPE, message, FRAME_BYTES)
  return { count, code: (number) => frame(number).toUpperCase() }
}
