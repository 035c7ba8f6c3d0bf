import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { strictChecks } from '../testing/checks.ts'
import { readVector, type Vector, writeVector } from '../testing/vector-file.ts'
import { makeVectors } from '../testing/vectors.ts'
import { type DoorContext, verify } from './door.ts'
import { parse } from './envelope.ts'
import { StatementError, type StatementErrorCode } from './errors.ts'
import { KINDS, type Roster } from './kinds.ts'

const folder = new URL('vectors/door/', import.meta.url)

// After a change of the format: LOCKBOX_WRITE_VECTORS=1 npx vitest run --project node shared/statements/vectors.test.ts
if (process.env['LOCKBOX_WRITE_VECTORS'] !== undefined) {
  mkdirSync(folder, { recursive: true })
  for (const vector of await makeVectors()) writeFileSync(new URL(`${vector.name}.txt`, folder), writeVector(vector))
}

const vectors = readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => readVector(file.slice(0, -4), readFileSync(new URL(file, folder))))

const genesis = parse(vectors.find(({ name }) => name === 'valid-roster')?.envelope ?? new Uint8Array())
const door: DoorContext = {
  organization: genesis.id,
  roster: (id) => (id === genesis.id ? (genesis.payload as Roster) : undefined),
}

async function atTheDoor({ envelope }: Vector): Promise<{ verdict: string; id: string | null }> {
  try {
    const read = parse(envelope)
    const { verdict } = await verify(read, door, strictChecks)
    return { verdict, id: verdict === 'verified' ? read.id : null }
  } catch (error) {
    if (error instanceof StatementError) return { verdict: error.code, id: null }
    throw error
  }
}

describe('the door', () => {
  it.each(vectors.map((vector): [string, string, Vector] => [vector.expect, vector.says, vector]))(
    'says %s to %s',
    async (expected, _, vector) => {
      const first = await atTheDoor(vector)
      expect(first).toEqual({ verdict: expected, id: vector.id })
      expect(await atTheDoor(vector)).toEqual(first)
    },
  )
})

describe('the vectors', () => {
  it('have one of every refusal, and a valid one of every kind', () => {
    const codes: Record<StatementErrorCode, true> = {
      'too-large': true,
      malformed: true,
      'not-canonical': true,
      'too-deep': true,
      'not-an-integer': true,
      'unknown-kind': true,
      schema: true,
      'wrong-organization': true,
      'not-in-roster': true,
      'device-signature': true,
      'hardware-missing': true,
      'hardware-unexpected': true,
      'hardware-unknown-key': true,
      'hardware-client-data': true,
      'hardware-wrong-statement': true,
      'hardware-wrong-origin': true,
      'hardware-wrong-site': true,
      'hardware-no-touch': true,
      'hardware-no-verification': true,
      'hardware-synced': true,
      'hardware-flags': true,
      'hardware-signature': true,
    }
    expect(new Set(vectors.map((vector) => vector.expect))).toEqual(
      new Set([...Object.keys(codes), 'verified', 'waiting']),
    )
    for (const kind of Object.keys(KINDS)) expect(vectors.map(({ name }) => name)).toContain(`valid-${kind}`)
  })

  it('are what shared/testing/vectors.ts makes', async () => {
    const made = await makeVectors()
    expect(made.map(({ name }) => name).sort()).toEqual(vectors.map(({ name }) => name).sort())
    const differing = made.filter(
      (vector) => !Buffer.from(writeVector(vector)).equals(readFileSync(new URL(`${vector.name}.txt`, folder))),
    )
    expect(differing.map(({ name }) => name)).toEqual([])
  })

  it('are followed by the worked example of docs/formats/statements.md', () => {
    const page = readFileSync(new URL('../../docs/formats/statements.md', import.meta.url), 'utf8')
    const read = parse(vectors.find(({ name }) => name === 'valid-decision')?.envelope ?? new Uint8Array())
    const said = new TextDecoder().decode(read.signedBytes).split(' 458 ')[1]
    const clientData = Buffer.from(read.hardware?.clientDataJSON ?? '', 'base64url').toString()
    for (const part of [read.id, said, read.device.sig, read.device.keyid, read.hardware?.keyid, clientData])
      expect(page).toContain(part)
  })
})
