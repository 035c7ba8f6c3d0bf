import { describe, expect, it } from 'vitest'
import { bundleCases } from './testing/faults.ts'
import { anyReportOn } from './testing/reading.ts'

const cases = await bundleCases()

describe('a bundle with', () => {
  it.each(Object.entries(cases))('%s', async (_, { bytes, verdict, first }) => {
    const report = await anyReportOn(bytes)
    const { code, entries } = report.first ?? { code: null, entries: null }
    const place = entries === null ? null : [entries.from, entries.to]
    expect({ verdict: report.verdict, first: code === null ? null : { code, entries: place } }).toEqual({
      verdict,
      first,
    })
  })
})
