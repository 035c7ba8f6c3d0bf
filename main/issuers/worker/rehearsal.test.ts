import { randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { awsIssuer } from '../aws/issuer.ts'
import { rehearse } from './rehearsal.ts'

const random = (length: number) => Uint8Array.from(randomBytes(length))

describe('the rehearsal of a worker that waits for releases', () => {
  it('comes as far as the issuer, with shares that combine to a credential, and lets it issue nothing', async () => {
    const issuer = { ...awsIssuer(), issue: vi.fn<() => never>(), rehearse: vi.fn<() => Promise<void>>() }
    await rehearse(random, issuer)
    expect(issuer.rehearse).toHaveBeenCalledOnce()
    expect(issuer.issue).not.toHaveBeenCalled()
  })
  it('has AWS’s client ask and read an answer without any network', async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect')
    await awsIssuer().rehearse()
    expect(connect).not.toHaveBeenCalled()
    connect.mockRestore()
  })
})
