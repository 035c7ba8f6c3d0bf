// Both formats are a list of pictures with a small header; each may hold them as PNG.

/**
 * A Windows icon: a header of 6 bytes, 16 bytes for each picture, the pictures. 256 pixels, the most it can hold, are
 * written as 0.
 *
 * @param {ReadonlyMap<number, Buffer>} pictures - PNG by width.
 */
export function icoOf(pictures) {
  const held = [...pictures].filter(([size]) => size <= 256)
  const header = Buffer.alloc(6 + 16 * held.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(held.length, 4)
  let offset = header.length
  held.forEach(([size, picture], index) => {
    const at = 6 + 16 * index
    header.writeUInt8(size % 256, at)
    header.writeUInt8(size % 256, at + 1)
    header.writeUInt16LE(1, at + 4)
    header.writeUInt16LE(32, at + 6)
    header.writeUInt32LE(picture.length, at + 8)
    header.writeUInt32LE(offset, at + 12)
    offset += picture.length
  })
  return Buffer.concat([header, ...held.map(([, picture]) => picture)])
}

/** Apple's names for the sizes, in pixels; those of high-resolution screens come second. */
const ICNS_TYPES = /** @type {const} */ ([
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
])

/**
 * A macOS icon: "icns", its length, then for each picture a name of 4 letters, a length (with these 8 bytes), the picture.
 *
 * @param {ReadonlyMap<number, Buffer>} pictures - PNG by width.
 */
export function icnsOf(pictures) {
  const parts = ICNS_TYPES.flatMap(([type, size]) => {
    const picture = pictures.get(size)
    return picture === undefined ? [] : [record(type, picture)]
  })
  return record('icns', Buffer.concat(parts))
}

/** @param {string} type @param {Buffer} content */
function record(type, content) {
  const header = Buffer.alloc(8)
  header.write(type, 'latin1')
  header.writeUInt32BE(content.length + 8, 4)
  return Buffer.concat([header, content])
}
