import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readVector } from '../testing/vector-file.ts'
import { wholeStory } from '../verify/testing/exported.ts'
import { parse, parseAgain } from './envelope.ts'

const folder = new URL('vectors/door/', import.meta.url)

it('reads again what it read before as the very same statement, of every kind', async () => {
  const { story } = await wholeStory()
  const vectors = readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => readVector(file.slice(0, -4), readFileSync(new URL(file, folder))).envelope)
  const taken = [...story.entries(), ...vectors].flatMap((envelope) => {
    try {
      return [{ envelope, first: parse(envelope) }]
    } catch {
      return []
    }
  })
  expect(new Set(taken.map(({ first }) => first.kind)).size).toBeGreaterThan(12)
  for (const { envelope, first } of taken) expect(parseAgain(envelope)).toEqual(first)
})
