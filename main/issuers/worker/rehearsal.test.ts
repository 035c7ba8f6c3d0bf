import { randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { awsIssuer } from '../aws/issuer.ts'
import { rehearse, rehearseUntil } from './rehearsal.ts'

const random = (length: number) => Uint8Array.from(randomBytes(length))

describe('the rehearsal of a worker that waits for releases', () => {
  it('goes from shares that combine to a credential to a sealed session, and lets the issuer issue nothing', async () => {
    const real = awsIssuer()
    const issuer = {
      ...real,
      issue: vi.fn<() => never>(),
      rehearse: vi.fn<typeof real.rehearse>(() => real.rehearse()),
    }
    const answers: unknown[] = []
    await rehearse(random, issuer, ({ facts, parts }) => answers.push({ facts, parts: parts.length }))
    expect(issuer.rehearse).toHaveBeenCalledOnce()
    expect(issuer.issue).not.toHaveBeenCalled()
    expect(answers).toMatchObject([
      { facts: { is: 'shares', good: [1, 2], missing: 0 }, parts: 0 },
      { facts: { is: 'issued' }, parts: 1 },
    ])
  })
  it('is repeated, whatever comes of it, until something is asked of the worker', async () => {
    let done = 0
    const issuer = { ...awsIssuer(), rehearse: () => (done++, Promise.reject(new Error('no'))) }
    await rehearseUntil(() => done === 2, random, issuer)
    expect(done).toBe(2)
  })
  it('comes to an end although nothing is asked', async () => {
    const issuer = { ...awsIssuer(), rehearse: vi.fn<() => Promise<never>>() }
    await rehearseUntil(() => false, random, issuer)
    expect(issuer.rehearse.mock.calls.length).toBeGreaterThan(1)
  })
  it('is done as often as its worker is told to, at most', async () => {
    const issuer = { ...awsIssuer(), rehearse: vi.fn<() => Promise<never>>() }
    await rehearseUntil(() => false, random, issuer, 1)
    expect(issuer.rehearse).toHaveBeenCalledOnce()
    await rehearseUntil(() => false, random, issuer, 0)
    expect(issuer.rehearse).toHaveBeenCalledOnce()
  })
  it('does not begin when something was asked already', async () => {
    const issuer = { ...awsIssuer(), rehearse: vi.fn<() => Promise<never>>() }
    await rehearseUntil(() => true, random, issuer)
    expect(issuer.rehearse).not.toHaveBeenCalled()
  })
  it('has AWS’s client ask and read an answer without any network', async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect')
    const { accessKeyId, skewMs } = await awsIssuer().rehearse()
    expect(connect).not.toHaveBeenCalled()
    expect(accessKeyId).toBe('ASIAIOSFODNN7EXAMPLE')
    // By the date in the head of an answer: it went all the way through the client's HTTP.
    expect(skewMs).toBeLessThan(0)
    connect.mockRestore()
  })
})
