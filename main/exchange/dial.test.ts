import { getEventListeners } from 'node:events'
import { createServer } from 'node:net'
import { createSecureContext } from 'node:tls'
import { expect, it } from 'vitest'
import { dial } from './dial.ts'

it('an address that is tried again and again leaves nothing behind when nobody answers', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  await new Promise((resolve) => server.close(resolve))
  const stop = new AbortController()
  for (let attempt = 0; attempt < 3; attempt++)
    await expect(dial(`127.0.0.1:${port}`, createSecureContext(), 5000, stop.signal)).rejects.toMatchObject({
      code: 'unreachable',
    })
  expect(getEventListeners(stop.signal, 'abort')).toEqual([])
})
