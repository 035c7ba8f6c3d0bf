import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readVector } from '../testing/vector-file.ts'
import { wholeStory } from '../verify/testing/exported.ts'
import { parse, type Statement } from './envelope.ts'
import { readingAgain } from './read-again.ts'

const folder = new URL('vectors/door/', import.meta.url)

/** All that a statement has, as plain values. */
const told = ({ id, kind, payload, envelope, signedBytes, device, hardware }: Statement) => ({
  id,
  kind,
  payload,
  device,
  hardware,
  envelope: [...envelope],
  signedBytes: [...signedBytes],
})

it('reads again what it read before as the very same statement, of every kind, however many are read after it', async () => {
  const { story } = await wholeStory()
  const vectors = readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => readVector(file.slice(0, -4), readFileSync(new URL(file, folder))).envelope)
  const readAgain = readingAgain()
  const taken = [...story.entries(), ...vectors].flatMap((envelope) => {
    try {
      return [{ again: readAgain(envelope), first: told(parse(envelope)) }]
    } catch {
      return []
    }
  })
  expect(new Set(taken.map(({ first }) => first.kind)).size).toBeGreaterThan(12)
  for (const { again, first } of taken) expect(told(again)).toEqual(first)
  // None of them is held taken apart any more.
  const other = story.entries()[0] as Uint8Array
  const before = taken.map(({ again }) => again.payload)
  for (let at = 0; at < 5000; at++) readAgain(other)
  for (const [at, { again, first }] of taken.entries()) {
    expect(again.payload).not.toBe(before[at])
    expect(told(again)).toEqual(first)
  }
})
