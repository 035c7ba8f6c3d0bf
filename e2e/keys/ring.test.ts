import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type KeyCall, KeyRing } from './ring.ts'
import { ES256 } from './software-key.ts'

const origin = 'https://lockbox.localhost'
const make: KeyCall = {
  kind: 'create',
  options: { challenge: 'AAAA', rp: {}, user: { id: 'AAAA' }, pubKeyCredParams: [{ alg: ES256 }] },
}

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockbox-ring-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('answers with the key that is touched', async () => {
  const ring = new KeyRing()
  const [blue, safe] = [ring.key('blue'), ring.key('safe')]
  ring.touch('safe')
  await ring.answer(make, origin)
  expect([blue.state.credentials.length, safe.state.credentials.length]).toEqual([0, 1])
})

it('waits until a key is touched', async () => {
  const ring = new KeyRing()
  const blue = ring.key('blue')
  const answer = ring.answer(make, origin)
  expect([ring.waiting, blue.state.signCount]).toEqual([1, 0])
  ring.touch('blue')
  expect((await answer).id).toBe(blue.state.credentials[0]?.id)
  expect(ring.waiting).toBe(0)
})

it('spends no touch on a call that was given up', async () => {
  const ring = new KeyRing()
  const blue = ring.key('blue')
  const controller = new AbortController()
  const answer = ring.answer(make, origin, controller.signal)
  controller.abort()
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
  ring.touch('blue')
  expect(blue.state.signCount).toBe(0)
})

it('finds its keys again in the file, which is private', async () => {
  const file = join(directory, 'keys.json')
  const ring = new KeyRing(file)
  ring.key('blue')
  ring.touch('blue')
  const { id } = await ring.answer(make, origin)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const again = new KeyRing(file)
  again.touch('blue')
  const asked = { kind: 'get', options: { challenge: 'AAAA', allowCredentials: [{ id }] } } as const
  expect((await again.answer(asked, origin)).id).toBe(id)
})
