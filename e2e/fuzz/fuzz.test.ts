import { expect, it } from 'vitest'
import { fuzz } from './fuzz.ts'

it('mutated bundles crash nothing, and none is verified that says something else', async () => {
  const { inputs, readable } = await fuzz(150, 20_261_128)
  expect(inputs).toBe(150)
  // Else the run would only have tried the first line.
  expect(readable).toBeGreaterThan(10)
})
