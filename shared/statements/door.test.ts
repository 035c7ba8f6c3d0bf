import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from '../bytes.ts'
import { jcs, parseJcs } from '../jcs.ts'
import { noddingChecks, strictChecks } from '../testing/checks.ts'
import { person, testKey } from '../testing/keys.ts'
import { times } from '../testing/runs.ts'
import { type Setup, setupWith } from '../testing/setup.ts'
import { clientDataOf, deviceSignature, type Touch, touch } from '../testing/signing.ts'
import { conclusions } from '../testing/summary.ts'
import { type VerifiedStatement, verdictOf, verify } from './door.ts'
import { envelopeOf, type HardwareSignature, parse, prepare, type Statement } from './envelope.ts'
import { StatementError } from './errors.ts'

let made: Promise<Setup> | undefined
const told = () => (made ??= setupWith(['alice', 'bob', 'carol', 'dave!', 'erin'], { signatures: 'real' }))

/** The door of somebody who keeps what passes it, one for each id. */
class Store {
  readonly kept = new Map<string, VerifiedStatement>()
  private readonly setup: Setup

  constructor(setup: Setup) {
    this.setup = setup
  }

  async receive(envelope: Uint8Array): Promise<'kept' | 'had' | 'refused'> {
    try {
      const statement = parse(envelope)
      if (this.kept.has(statement.id)) return 'had'
      const verdict = await verify(statement, this.setup.story.door, strictChecks)
      if (verdict.verdict !== 'verified') return 'refused'
      this.kept.set(statement.id, verdict.statement)
      return 'kept'
    } catch (error) {
      if (error instanceof StatementError) return 'refused'
      throw error
    }
  }
}

interface Envelope {
  payload: string
  payloadType: string
  signatures: Record<string, string>[]
}

const turned = (text: string, bit: number) => {
  const bytes = fromBase64Url(text)
  const at = (bit >> 3) % bytes.length
  bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7))
  return toBase64Url(bytes)
}

/** Ways to spoil an envelope on its way. Each gives bytes that differ from the good ones. */
const spoilers: ((good: Uint8Array, bit: number) => Uint8Array)[] = [
  (good, bit) => good.map((byte, at) => (at === (bit >> 3) % good.length ? byte ^ (1 << (bit & 7)) : byte)),
  (good, bit) => good.slice(0, bit % good.length),
  (good) => remade(good, (all) => ({ ...all, signatures: all.signatures.slice(0, 1) })),
  (good) => remade(good, (all) => ({ ...all, signatures: all.signatures.slice(1) })),
  (good, bit) => remade(good, (all) => ({ ...all, payload: turned(all.payload, bit) })),
  (good) => remade(good, (all) => ({ ...all, payloadType: all.payloadType.replace('decision', 'withdrawal') })),
  ...['keyid', 'sig'].map((field) => (good: Uint8Array, bit: number) => withSignature(good, 0, field, bit)),
  ...['keyid', 'sig', 'authenticatorData', 'clientDataJSON'].map(
    (field) => (good: Uint8Array, bit: number) => withSignature(good, 1, field, bit),
  ),
]

function remade(good: Uint8Array, change: (all: Envelope) => unknown): Uint8Array {
  return jcs(change(parseJcs(good) as object as Envelope))
}

function withSignature(good: Uint8Array, which: number, field: string, bit: number): Uint8Array {
  return remade(good, (all) => ({
    ...all,
    signatures: all.signatures.map((one, at) =>
      at === which ? { ...one, [field]: turned(one[field] ?? '', bit) } : one,
    ),
  }))
}

describe('invariant 2', () => {
  it('a mutated or stripped envelope never changes anything and never keeps the good one out', async () => {
    const setup = await told()
    const { story, plan } = setup
    const request = await story.ask('alice', plan)
    const good = [await story.decide('bob', request), await story.decide('dave!', request, 'deny')]
    const before = story.statements.filter((one) => !good.includes(one as never))
    const expected = [before, story.statements].map((all) => conclusions(all, story.organization, story.now))
    const spoiling = fc.tuple(fc.nat(spoilers.length - 1), fc.nat({ max: 20_000 }))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...good),
        fc.array(spoiling, { minLength: 1, maxLength: 8 }),
        async (one, spoilt) => {
          const store = new Store(setup)
          const seen = () => conclusions([...before, ...store.kept.values()], story.organization, story.now)
          for (const [which, bit] of spoilt)
            expect(await store.receive(spoilers[which]?.(one.envelope, bit) ?? one.envelope)).not.toBe('kept')
          expect([store.kept.size, seen()]).toEqual([0, expected[0]])
          for (const each of good) expect(await store.receive(each.envelope)).toBe('kept')
          for (const [which, bit] of spoilt) await store.receive(spoilers[which]?.(one.envelope, bit) ?? one.envelope)
          expect(seen()).toBe(expected[1])
        },
      ),
      times(60),
    )
  })

  it.each([
    ['a device', 'ed25519'],
    ['a hardware key', 'assertion'],
  ] as const)('a check of %s that answers anything but yes, now or later, is a refusal', async (_, check) => {
    const { story, plan } = await told()
    for (const answer of [false, Promise.resolve(false), 1, Promise.resolve(1)]) {
      const checks = { ...noddingChecks, [check]: () => answer as unknown as boolean }
      await expect(verify(plan, story.door, checks)).rejects.toThrow('does not fit the statement')
    }
    const later = { ed25519: () => Promise.resolve(true), assertion: () => Promise.resolve(true) }
    expect(await verify(plan, story.door, later)).toMatchObject({ verdict: 'verified' })
    expect(verdictOf(plan, story.door, noddingChecks)).toMatchObject({ verdict: 'verified' })
  })

  it('a statement whose roster is not here yet waits, and is taken once it is', async () => {
    const { story, people } = await told()
    const roster = await story.draftRoster('alice', people)
    const endorsement = await story.endorse('bob', roster, { roster })
    const without = { ...story.door, roster: () => undefined }
    expect(await verify(parse(endorsement.envelope), without, strictChecks)).toEqual({
      verdict: 'waiting',
      roster: roster.id,
    })
    const verdict = await verify(parse(endorsement.envelope), story.door, strictChecks)
    expect(verdict.verdict).toBe('verified')
  })
})

describe('invariant 9', () => {
  const authors = ['bob', 'dave!']

  /** Somebody's approval, touched in some way. */
  async function approval(name: string, faults: Touch | ((good: HardwareSignature) => HardwareSignature)) {
    const { story, plan } = await told()
    const request = await story.ask('alice', plan)
    const author = person(name)
    const { payload } = parse(
      story.envelope('decision', author, { request: request.id, verdict: 'approve', reason: '' }),
    )
    const unsigned = prepare('decision', payload as never)
    const good = touch(author.keys[0], unsigned.id)
    const hardware = typeof faults === 'function' ? faults(good) : touch(author.keys[0], unsigned.id, faults)
    const statement = parse(envelopeOf(unsigned, deviceSignature(author, unsigned.signedBytes), hardware))
    return { verdict: await codeOf(statement), again: await codeOf(statement) }
  }

  async function codeOf(statement: Statement): Promise<string> {
    try {
      return (await verify(statement, (await told()).story.door, strictChecks)).verdict
    } catch (error) {
      if (error instanceof StatementError) return error.code
      throw error
    }
  }

  const changes: [string, string, Touch | ((good: HardwareSignature) => HardwareSignature)][] = [
    ['challenge', 'hardware-wrong-statement', { challenge: 'A'.repeat(43) }],
    ['origin', 'hardware-wrong-origin', { origin: 'http://lockbox.localhost' }],
    ['type', 'hardware-client-data', { type: 'webauthn.create' }],
    ['crossOrigin', 'hardware-wrong-origin', crossOrigin],
    ['rpIdHash', 'hardware-wrong-site', { rpId: 'lockbox.example' }],
    ['UP', 'hardware-no-touch', { flags: 0x04 }],
    ['UV', 'hardware-no-verification', { flags: 0x01 }],
    ['BE', 'hardware-synced', { flags: 0x0d }],
    ['BS', 'hardware-synced', { flags: 0x15 }],
    ['AT', 'hardware-flags', { flags: 0x45 }],
    ['ED', 'hardware-flags', { flags: 0x85 }],
    [
      'counter, after signing',
      'hardware-signature',
      (good) => ({ ...good, authenticatorData: turned(good.authenticatorData, 8 * 36) }),
    ],
    ['signature', 'hardware-signature', (good) => ({ ...good, sig: turned(good.sig, 8 * 40) })],
    ['credential', 'hardware-unknown-key', (good) => ({ ...good, keyid: turned(good.keyid, 0) })],
    ['credential, to the other key', 'hardware-signature', otherKey],
    ['algorithm', 'hardware-signature', (good) => ({ ...good, sig: otherAlgorithm(good.sig) })],
  ]
  it.each(authors.flatMap((name) => changes.map((change) => [name, ...change] as const)))(
    '%s: a change of %s alone fails (%s), and verifying twice gives the same answer',
    async (name, _, code, faults) => {
      expect(await approval(name, faults)).toEqual({ verdict: code, again: code })
    },
  )

  it.each(authors)('%s: unchanged it verifies, with whatever counter', async (name) => {
    for (const counter of [0, 1, 0xffff_ffff])
      expect(await approval(name, { counter })).toEqual({ verdict: 'verified', again: 'verified' })
  })

  it('an unlock assertion verifies as no statement', async () => {
    // The same key in the hand, touched for another credential: what it signs is under a key of no roster.
    const unlock = testKey('bob unlock')
    const open = await approval('bob', (good) => touch(unlock, idOf(good)))
    expect(open.verdict).toBe('hardware-unknown-key')
    const disguised = await approval('bob', (good) => ({ ...touch(unlock, idOf(good)), keyid: good.keyid }))
    expect(disguised.verdict).toBe('hardware-signature')
  })

  function crossOrigin(good: HardwareSignature): HardwareSignature {
    const clientData = clientDataOf({ challenge: idOf(good) }).replace('"crossOrigin":false', '"crossOrigin":true')
    return touch(authorOf(good).keys[0], idOf(good), { clientData })
  }

  function otherKey(good: HardwareSignature): HardwareSignature {
    return { ...good, keyid: touch(authorOf(good).keys[1], idOf(good)).keyid }
  }

  function authorOf(good: HardwareSignature) {
    return authors.map(person).find(({ keys }) => touch(keys[0], idOf(good)).keyid === good.keyid) ?? person('bob')
  }

  function idOf({ clientDataJSON }: HardwareSignature): string {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()) as { challenge: string }
    return challenge
  }

  /** A signature of the length and shape that the other algorithm has. */
  function otherAlgorithm(sig: string): string {
    const bytes = fromBase64Url(sig)
    return toBase64Url(
      bytes.length === 64
        ? Uint8Array.of(0x30, 0x44, 2, 32, ...bytes.subarray(0, 32), 2, 32, ...bytes.subarray(32))
        : bytes.slice(0, 64),
    )
  }
})
