import { describe, expect, it } from 'vitest'
import { noWords, rememberedChecks } from './testing/checks.ts'
import { bundleCases } from './testing/faults.ts'
import { verifyBundle } from './verify-bundle.ts'

const cases = await bundleCases()

describe('a bundle with', () => {
  it.each(Object.entries(cases))('%s', async (_, { bytes, verdict, first }) => {
    const report = await verifyBundle(bytes, rememberedChecks, noWords)
    const { code, entries } = report.first ?? { code: null, entries: null }
    const place = entries === null ? null : [entries.from, entries.to]
    expect({ verdict: report.verdict, first: code === null ? null : { code, entries: place } }).toEqual({
      verdict,
      first,
    })
  })
})
