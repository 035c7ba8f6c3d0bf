import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { base64 } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { z } from '../zod.ts'
import { verifyConsistency } from './proofs.ts'

const folder = fileURLToPath(new URL('./vectors/rfc6962-consistency', import.meta.url))
const vector = z.strictObject({
  size1: z.number(),
  size2: z.number(),
  root1: z.string().nullable(),
  root2: z.string().nullable(),
  proof: z.array(z.string()).nullable(),
  desc: z.string(),
  wantErr: z.boolean(),
})

// transparency-dev/merkle testdata/consistency: most are wrong in one way.
describe('the published consistency proofs', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))

  it('are all there', () => {
    expect(files.length).toBe(98)
  })

  it.each(files.sort())('%s', (name) => {
    const { size1, size2, root1, root2, proof, wantErr } = vector.parse(
      JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')),
    )
    const [from, to] = [root1, root2].map((root) => base64.decode(root ?? ''))
    const checked = verifyConsistency(
      size1,
      from!,
      size2,
      to!,
      (proof ?? []).map((hash) => base64.decode(hash)),
    )
    expect(checked.ok).toBe(!wantErr)
  })
})
