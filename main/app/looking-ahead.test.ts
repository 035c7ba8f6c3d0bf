import { beforeAll, describe, expect, it } from 'vitest'
import type { Digest } from '../../shared/bytes.ts'
import type { DoorChecks, DoorContext } from '../../shared/statements/door.ts'
import { parse } from '../../shared/statements/envelope.ts'
import type { Roster } from '../../shared/statements/kinds.ts'
import { exportOf, wholeStory } from '../../shared/verify/testing/exported.ts'
import { bulkChecks, checksBeside } from '../bulk-checks.ts'
import { LookAhead, verdictOn } from './looking-ahead.ts'

let context: DoorContext
/** Two that a hardware key signed. */
let touched: readonly [Uint8Array, Uint8Array]

beforeAll(async () => {
  const { story } = await wholeStory()
  const { organization, entries } = exportOf(story)
  const statements = entries.map((envelope) => parse(envelope))
  const rosters = new Map<Digest, Roster>()
  for (const one of statements) if (one.kind === 'roster') rosters.set(one.id, one.payload)
  context = { organization, roster: (id) => rosters.get(id) }
  const decisions = statements.filter(({ kind }) => kind === 'decision')
  touched = [decisions[0]?.envelope, decisions[1]?.envelope] as [Uint8Array, Uint8Array]
})

/** The same checks, of which is noted where they were made. */
function noted(where: string, { ed25519, assertion, sha256 }: DoorChecks, made: string[]): DoorChecks {
  return {
    ed25519: (...given) => {
      made.push(`${where}: device`)
      return ed25519(...given)
    },
    assertion: (...given) => {
      made.push(`${where}: hardware`)
      return assertion(...given)
    },
    ...(sha256 === undefined ? {} : { sha256 }),
  }
}

function looking() {
  const made: string[] = []
  const checks = { alone: noted('here', bulkChecks, made), beside: noted('beside', checksBeside, made) }
  const ahead = new LookAhead(
    () => context,
    () => false,
    checks,
  )
  return { made, ahead }
}

describe('what waits for its turn at the door', () => {
  it('is checked here if it came alone: to wait for other threads twice takes longer than its signatures', async () => {
    const { made, ahead } = looking()
    const { seen } = await ahead.at(touched[0])()
    expect(seen?.verified.kind).toBe('decision')
    expect(made).toEqual(['here: device', 'here: hardware'])
  })

  it('is checked on other threads if several came in one moment', async () => {
    const { made, ahead } = looking()
    const asked = touched.map((envelope) => ahead.at(envelope))
    for (const ask of asked) expect((await ask()).seen?.verified.kind).toBe('decision')
    expect(made.toSorted()).toEqual(['beside: device', 'beside: device', 'beside: hardware', 'beside: hardware'])
  })

  it('is not taken for seen if a signature does not fit, and is judged anew in its turn', async () => {
    const { ahead } = looking()
    const text = Buffer.from(touched[0]).toString()
    const spoiled = Buffer.from(text.replace(/"sig":"./, '"sig":"_'))
    const looked = await ahead.at(spoiled)()
    expect(looked.seen).toBeNull()
    await expect(verdictOn(looked, context, bulkChecks)).rejects.toMatchObject({ code: 'device-signature' })
  })
})
