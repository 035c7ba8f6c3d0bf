import { randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { awsIssuer } from '../aws/issuer.ts'
import { rehearse, rehearseUntil } from './rehearsal.ts'

const random = (length: number) => Uint8Array.from(randomBytes(length))

describe('the rehearsal of a worker that waits for releases', () => {
  it('comes as far as the issuer, with shares that combine to a credential, and lets it issue nothing', async () => {
    const issuer = { ...awsIssuer(), issue: vi.fn<() => never>(), rehearse: vi.fn<() => Promise<void>>() }
    await rehearse(random, issuer)
    expect(issuer.rehearse).toHaveBeenCalledOnce()
    expect(issuer.issue).not.toHaveBeenCalled()
  })
  it('is repeated, whatever comes of it, until something is asked of the worker', async () => {
    let done = 0
    const issuer = { ...awsIssuer(), rehearse: () => (done++, Promise.reject(new Error('no'))) }
    await rehearseUntil(() => done === 2, random, issuer)
    expect(done).toBe(2)
  })
  it('comes to an end although nothing is asked', async () => {
    const issuer = { ...awsIssuer(), rehearse: vi.fn<() => Promise<void>>() }
    await rehearseUntil(() => false, random, issuer)
    expect(issuer.rehearse.mock.calls.length).toBeGreaterThan(1)
  })
  it('does not begin when something was asked already', async () => {
    const issuer = { ...awsIssuer(), rehearse: vi.fn<() => Promise<void>>() }
    await rehearseUntil(() => true, random, issuer)
    expect(issuer.rehearse).not.toHaveBeenCalled()
  })
  it('has AWS’s client ask and read an answer without any network', async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect')
    await awsIssuer().rehearse()
    expect(connect).not.toHaveBeenCalled()
    connect.mockRestore()
  })
})
