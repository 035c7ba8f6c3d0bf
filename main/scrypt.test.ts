import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { rosterWords } from '../shared/org/words.ts'
import { scrypt } from './scrypt.ts'

const file = new URL('../shared/org/vectors/words.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly {
  readonly roster: string
  readonly words: string[]
}[]

it.each(vectors)('gives the words of $roster', async ({ roster, words }) => {
  expect(await rosterWords(roster, scrypt)).toEqual(words)
})
