import { expect, it } from 'vitest'
import type { BundleReport } from '../../shared/verify/report.ts'
import { type Corpus, corpusOf } from './corpus.ts'
import { falsehoodOf, tryOne } from './fuzz.ts'
import { bytesOf } from './latin1.ts'

const corpus: Corpus = await corpusOf()

it('mutated bundles crash nothing, and none is verified that says something else', async () => {
  const tally = { inputs: 0, readable: 0, verified: 0 }
  for (let seed = 20_261_128; tally.inputs < 300; seed++) await tryOne(corpus, seed, tally)
  // Else the run would only have tried the first line, or changed nothing that matters.
  expect(tally.readable).toBeGreaterThan(60)
  expect(tally.verified).toBeLessThan(tally.readable / 2)
}, 60_000)

// Whoever looks for a wrong "verified" must know one when it comes.
it.each([
  ['as it is', (text: string) => text, null],
  [
    'with another signature',
    (text: string) => text.replace(/"sig":"[^"]{4}/, '"sig":"AAAA'),
    'verified, though its entries are others',
  ],
  [
    'without its last entry',
    (text: string) => text.replace(/\{"at":2,.*\n/, ''),
    'verified, though no head of 2 entries was ever signed',
  ],
  [
    'by another device',
    (text: string) => text.replace(/"device":"[^"]{4}/, '"device":"AAAA'),
    'verified, though no such device exported anything',
  ],
])('knows what is false about a founding %s', async (_, change, falsehood) => {
  const [founding] = corpus.originals
  const text = (founding?.lines ?? []).map((line) => `${line}\n`).join('')
  expect(await falsehoodOf(corpus, bytesOf(text), bytesOf(change(text)))).toBe(falsehood)
})

it('knows a report that says something else of the same entries', async () => {
  const [founding] = corpus.originals
  const bytes = bytesOf((founding?.lines ?? []).map((line) => `${line}\n`).join(''))
  const other = (report: BundleReport) => ({ ...report, people: [] })
  expect(await falsehoodOf(corpus, bytes, bytes, other)).toBe('verified, though the report says something else')
})
