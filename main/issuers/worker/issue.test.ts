import { randomFillSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateBoxKey } from '../../../shared/secrets/box-key.ts'
import { awsIssuer } from '../aws/issuer.ts'
import { type Issuer, IssuerError } from '../issuer.ts'
import { go } from './issue.ts'
import { failedAnswer } from './protocol.ts'
import { type Scene, setScene } from './testing/bench.ts'
import { goFacts, releaseTo } from './testing/organization.ts'

let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.sandbox.close())

/** What is answered where the issuer does something of its own with the reassembled credential. */
async function answerWith(issue: Issuer['issue']) {
  const { organization, dealt, sandbox } = scene
  const own = generateBoxKey((length) => randomFillSync(new Uint8Array(length)))
  const sent = await Promise.all([1, 2, 3].map((index) => releaseTo(organization, dealt, own.publicKey, index)))
  const releases = sent.map(({ member, device, index }) => ({ member, device, index }))
  const facts = { ...goFacts(organization, dealt, sandbox), releases }
  const parts = [...sent.map(({ box }) => box), dealt.ciphertext]
  const { final, answer } = await go(facts, parts, own, { ...awsIssuer(), issue })
  expect(final).toBe(true)
  return failedAnswer.parse(answer.facts)
}

describe('a failure after the credential was handed to the issuer', () => {
  it('that nobody foresaw leaves open whether a session exists, and tells nothing of what was under way', async () => {
    const answer = await answerWith(() => Promise.reject(new TypeError('secret')))
    expect(answer).toMatchObject({ code: 'internal', mayExist: true })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })
  it.each([true, false])('that the issuer explains is taken at its word: a session may exist, %s', async (mayExist) => {
    const error = new IssuerError('denied', 'no', { mayExist })
    expect(await answerWith(() => Promise.reject(error))).toMatchObject({ code: 'denied', mayExist })
  })
  it('wipes the credential', async () => {
    let lent = new Uint8Array(0)
    await answerWith(({ credential }) => {
      lent = credential as Uint8Array<ArrayBuffer>
      expect(lent.some((byte) => byte !== 0)).toBe(true)
      return Promise.reject(new TypeError('no'))
    })
    expect(lent.length).toBeGreaterThan(0)
    expect(lent.every((byte) => byte === 0)).toBe(true)
  })
})
