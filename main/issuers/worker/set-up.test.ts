import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { accessKeyBytes } from '../aws/access-key.ts'
import { awsIssuer } from '../aws/issuer.ts'
import { EXAMPLE_KEY } from '../aws/rehearsal.ts'
import { messageBytes, parseMessage } from './messages.ts'
import { serve } from './serve.ts'

const ROLE = 'arn:aws:iam::123456789012:role/emergency'

/** A server that takes calls, says nothing, and tells when the first has come. */
async function silent(): Promise<{ endpoint: string; asked: Promise<void> }> {
  const sockets: Socket[] = []
  let heard: () => void = () => undefined
  const asked = new Promise<void>((resolve) => (heard = resolve))
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    heard()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, asked }
}

/** Has a worker check with a key; main goes away when `gone` says so. */
async function checked(endpoint: string, key: typeof EXAMPLE_KEY, gone: Promise<unknown>) {
  const at = { region: 'eu-west-1', endpoint }
  const setup = {
    roles: [{ arn: ROLE, seconds: 900, externalId: null, policies: [] }],
    behind: [],
    regions: [at],
    iam: at,
    mfa: null,
    revoker: null,
    rotator: null,
    user: null,
    sessionToken: false,
    others: [],
  }
  const sent: unknown[] = []
  const frames = (async function* () {
    yield messageBytes({ facts: { job: 'check-set-up', setup }, parts: [accessKeyBytes(key)] })
    await gone
  })()
  await serve({
    frames,
    send: (frame) => Promise.resolve(void sent.push(parseMessage(frame).facts)),
    random: (length) => new Uint8Array(length),
    issuer: awsIssuer(),
  })
  return sent
}

describe('a worker that checks a set-up', () => {
  it('ends without an answer when main goes away while AWS is silent', async () => {
    const { endpoint, asked } = await silent()
    expect(await checked(endpoint, EXAMPLE_KEY, asked)).toEqual([])
  })
  it('tells a temporary key by its name, and asks nothing with it', async () => {
    const { endpoint, asked } = await silent()
    const temporary = { ...EXAMPLE_KEY, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' }
    expect(await checked(endpoint, temporary, asked)).toMatchObject([
      { is: 'checked', lines: [{ check: 'key', says: 'wrong' }] },
    ])
  })
})
