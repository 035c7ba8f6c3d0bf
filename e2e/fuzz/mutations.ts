/** Numbers that a seed says everything about (mulberry32): a failure repeats. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Random = (below: number) => number

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '0',
  '-1',
  '1e9',
  '10737418240',
  'null',
  '\\u0000',
  '\n',
  ' ',
  'AA==',
  '\ufeff',
]

/** A bundle's lines with one to three things changed: in their order, in a token, in a byte. */
export function mutated(bundle: Uint8Array, random: Random): Uint8Array {
  let bytes: Buffer = Buffer.from(bundle)
  for (let left = 1 + random(3); left > 0; left--)
    bytes = random(2) === 0 ? inBytes(bytes, random) : inLines(bytes, random)
  return new Uint8Array(bytes)
}

function inBytes(bytes: Buffer, random: Random): Buffer {
  const at = random(bytes.length + 1)
  const to = Math.min(bytes.length, at + 1 + random(64))
  const from = random(bytes.length + 1)
  const ways = [
    () => Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at + 1)]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]),
    () => Buffer.concat([bytes.subarray(0, at), Buffer.from(TOKENS[random(TOKENS.length)] ?? ''), bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + random(64)), bytes.subarray(at)]),
    () => bytes.subarray(0, at),
  ]
  return ways[random(ways.length)]?.() ?? bytes
}

function inLines(bytes: Buffer, random: Random): Buffer {
  const lines = bytes.toString('latin1').split('\n')
  const [one, other] = [random(lines.length), random(lines.length)]
  const [first = '', second = ''] = [lines[one], lines[other]]
  const ways = [
    () => lines.toSpliced(one, 1),
    () => lines.toSpliced(one, 0, second),
    () => lines.with(one, second).with(other, first),
    // One line's place before another's statement.
    () => lines.with(one, first.replace(/^\{"at":\d+/, /^\{"at":\d+/.exec(second)?.[0] ?? '{"at":0')),
    () => lines.with(one, first.replace(/"sig":"[^"]*"/, /"sig":"[^"]*"/.exec(second)?.[0] ?? '"sig":""')),
    () => lines.with(one, first.replace(/"payload":"[^"]*"/, /"payload":"[^"]*"/.exec(second)?.[0] ?? '"payload":""')),
    () =>
      lines.with(
        one,
        first.replace(/\d+/, () => String(random(2 ** 31))),
      ),
  ]
  const changed = ways[random(ways.length)]?.() ?? lines
  const count = changed.filter((line) => line !== '').length - 1
  const fits = changed.map((line) => line.replace(/^\{"trailer":\{"lines":\d+\}\}$/, `{"trailer":{"lines":${count}}}`))
  return Buffer.from(fits.join('\n'), 'latin1')
}
