import { concat } from '../bytes.ts'
import { crc32 } from '../crc32.ts'
import { UrError } from './ur-error.ts'

// BCR-2020-012: a word a byte, in order. Of each only the first and the last letter travel.
const WORDS = `
able acid also apex aqua arch atom aunt away axis back bald barn belt beta bias
blue body brag brew bulb buzz calm cash cats chef city claw code cola cook cost
crux curl cusp cyan dark data days deli dice diet door down draw drop drum dull
duty each easy echo edge epic even exam exit eyes fact fair fern figs film fish
fizz flap flew flux foxy free frog fuel fund gala game gear gems gift girl glow
good gray grim guru gush gyro half hang hard hawk heat help high hill holy hope
horn huts iced idea idle inch inky into iris iron item jade jazz join jolt jowl
judo jugs jump junk jury keep keno kept keys kick kiln king kite kiwi knob lamb
lava lazy leaf legs liar limp lion list logo loud love luau luck lung main many
math maze memo menu meow mild mint miss monk nail navy need news next noon note
numb obey oboe omit onyx open oval owls paid part peck play plus poem pool pose
puff puma purr quad quiz race ramp real redo rich road rock roof ruby ruin runs
rust safe saga scar sets silk skew slot soap solo song stub surf swan taco task
taxi tent tied time tiny toil tomb toys trip tuna twin ugly undo unit urge user
vast very veto vial vibe view visa void vows wall wand warm wasp wave waxy webs
what when whiz wolf work yank yawn yell yoga yurt zaps zero zest zinc zone zoom
`
  .trim()
  .split(/\s+/)

const PAIRS = WORDS.map((word) => `${word.slice(0, 1)}${word.slice(-1)}`)
// By both letters: a frame is hundreds of words, twelve times a second.
const BYTES = new Map<number, number>()
for (const [byte, pair] of PAIRS.entries()) BYTES.set(placeOf(pair, 0), byte)
const CHECKSUM_BYTES = 4

/** Bytes and their CRC-32 as minimal Bytewords: two small letters a byte. */
export function toBytewords(bytes: Uint8Array): string {
  return [...concat(bytes, bigEndian(crc32(bytes)))].map((byte) => PAIRS[byte]).join('')
}

/**
 * The bytes of minimal Bytewords in small letters, their checksum checked and taken off.
 *
 * @throws {UrError} `malformed` for letters that are no words, `bad-checksum`.
 */
export function fromBytewords(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2 < CHECKSUM_BYTES + 1 || text.length % 2 === 1 ? 0 : text.length / 2)
  if (bytes.length === 0) throw new UrError('malformed', 'expected two letters a byte, and four bytes of checksum')
  for (let at = 0; at < bytes.length; at++) {
    const byte = BYTES.get(placeOf(text, 2 * at))
    if (byte === undefined) throw new UrError('malformed', 'expected letters that stand for bytes')
    bytes[at] = byte
  }
  const body = bytes.slice(0, -CHECKSUM_BYTES)
  if (new DataView(bytes.buffer).getUint32(body.length) !== crc32(body))
    throw new UrError('bad-checksum', 'this code was damaged or not read well; its checksum does not fit')
  return body
}

function placeOf(text: string, at: number): number {
  return (text.charCodeAt(at) << 8) | text.charCodeAt(at + 1)
}

/** An unsigned 32-bit number, most significant byte first. */
export function bigEndian(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}
