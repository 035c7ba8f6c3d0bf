import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { CdpConnection, type CdpEvent } from './cdp.ts'

function connection() {
  const [out, input] = [new PassThrough(), new PassThrough()]
  return { out, input, cdp: new CdpConnection(out, input) }
}

it('ends each text with a zero byte, and names the target it is for', () => {
  const { out, cdp } = connection()
  void cdp.send('Page.enable', { a: 1 }, 's1').catch(() => {})
  expect(String(out.read())).toBe('{"id":1,"method":"Page.enable","params":{"a":1},"sessionId":"s1"}\0')
})

it('gives each call its own answer, however the pipe cuts them', async () => {
  const { input, cdp } = connection()
  const both = Promise.all([cdp.send('A'), cdp.send('B')])
  const bytes = Buffer.from('{"id":2,"result":"grün"}\0{"id":1,"result":"eins"}\0')
  for (const byte of bytes) input.write(Uint8Array.of(byte))
  expect(await both).toEqual(['eins', 'grün'])
})

it('rejects with what the browser says', async () => {
  const { input, cdp } = connection()
  const asked = cdp.send('Nonsense')
  input.write('{"id":1,"error":{"code":-32601,"message":"no such method"}}\0')
  await expect(asked).rejects.toThrow('no such method')
})

it('tells events to those who listen, with their target', async () => {
  const { input, cdp } = connection()
  const heard: CdpEvent[] = []
  const stop = cdp.onEvent((event) => heard.push(event))
  input.write('{"method":"Page.x","params":{"y":1},"sessionId":"s1"}\0{"method":"Target.z"}\0')
  await new Promise((resolve) => setImmediate(resolve))
  stop()
  expect(heard).toEqual([
    { method: 'Page.x', params: { y: 1 }, sessionId: 's1' },
    { method: 'Target.z', params: undefined, sessionId: null },
  ])
})

it('rejects what waits, and what comes later, when the browser is gone', async () => {
  const { input, cdp } = connection()
  const waiting = cdp.send('A')
  input.destroy()
  await expect(waiting).rejects.toMatchObject({ code: 'closed' })
  await cdp.closed
  await expect(cdp.send('B')).rejects.toMatchObject({ code: 'closed' })
})
