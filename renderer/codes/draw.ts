import { encodeQR } from 'qr'

/** The quiet zone that readers need around a code, in squares. */
const MARGIN = 4

/** A code as a picture: `path` fills its dark squares, each one unit wide, on a field of `size` by `size`. */
export interface Drawing {
  readonly size: number
  readonly path: string
}

/** Draws a text as a QR code at the lowest level of correction (docs/formats/qr.md §3), its quiet zone included. */
export function drawn(text: string): Drawing {
  const rows = encodeQR(text, 'raw', { ecc: 'low', encoding: 'alphanumeric', border: MARGIN })
  return { size: rows.length, path: rows.map(rowPath).join('') }
}

/** Each run of dark squares as one rectangle: a tenth of what single squares would take. */
function rowPath(row: readonly boolean[], y: number): string {
  let path = ''
  for (let x = 0; x < row.length; x++) {
    if (row[x] !== true) continue
    const start = x
    while (row[x + 1] === true) x++
    path += `M${start} ${y}h${x - start + 1}v1h-${x - start + 1}z`
  }
  return path
}
