import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { startApp, until } from '../driver.ts'
import { KeyRing } from '../keys/ring.ts'
import { fixtureProgram } from './fixture.ts'

// The keys that end-to-end tests use, in a window of the real shell.

const program = fixtureProgram()

/** Makes a credential in the page; gives its id, or the name of the error. */
function create(page: Page, exclude: readonly string[] = []): Promise<string> {
  return page.evaluate(async (exclude) => {
    const bytes = new Uint8Array(32)
    const toBytes = (text: string) =>
      Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    try {
      const made = await navigator.credentials.create({
        publicKey: {
          challenge: bytes,
          rp: { name: 'Lockbox' },
          user: { id: bytes, name: 'ana', displayName: 'Ana' },
          pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
          excludeCredentials: exclude.map((id) => ({ type: 'public-key', id: toBytes(id) })),
          authenticatorSelection: { userVerification: 'required' },
          extensions: { prf: {} },
        },
      })
      if (!(made instanceof PublicKeyCredential) || !(made.response instanceof AuthenticatorAttestationResponse))
        return 'nothing'
      return made.getClientExtensionResults().prf?.enabled && made.response.getPublicKey() ? made.id : 'no prf'
    } catch (error) {
      return error instanceof DOMException ? error.name : String(error)
    }
  }, exclude)
}

/** Asks for a secret; gives it as hex, or the name of the error. */
function secret(page: Page, id: string): Promise<string> {
  return page.evaluate(async (id) => {
    const toBytes = (text: string) =>
      Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const controller = new AbortController()
    Object.assign(globalThis, { giveUp: () => controller.abort() })
    try {
      const found = await navigator.credentials.get({
        signal: controller.signal,
        publicKey: {
          challenge: new Uint8Array(32),
          allowCredentials: [{ type: 'public-key', id: toBytes(id) }],
          userVerification: 'required',
          extensions: { prf: { evalByCredential: { [id]: { first: new Uint8Array(32).fill(7) } } } },
        },
      })
      if (!(found instanceof PublicKeyCredential) || !(found.response instanceof AuthenticatorAssertionResponse))
        return 'nothing'
      const first = found.getClientExtensionResults().prf?.results?.first
      if (!(first instanceof ArrayBuffer)) return 'no secret'
      return [...new Uint8Array(first)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    } catch (error) {
      return error instanceof DOMException ? error.name : String(error)
    }
  }, id)
}

test('software keys answer in the window, one touched at a time, and survive kill -9', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lockbox-keys-'))
  const file = join(directory, 'keys.json')
  const ring = new KeyRing(file)
  ring.key('blue')
  ring.key('safe')
  const app = await startApp({ program })
  await app.useSoftwareKeys(ring)

  ring.touch('blue')
  const blue = await create(app.page)
  expect(blue).toMatch(/^[\w-]{43}$/)
  expect(await create(app.page, [blue])).toBe('InvalidStateError')
  ring.touch('safe')
  expect(await create(app.page, [blue])).toMatch(/^[\w-]{43}$/)
  expect(await secret(app.page, blue)).toBe('NotAllowedError')
  ring.touch('blue')
  const before = await secret(app.page, blue)
  expect(before).toMatch(/^[0-9a-f]{64}$/)

  await app.kill()
  const again = await startApp({ program, profile: app.profile })
  const kept = new KeyRing(file)
  await again.useSoftwareKeys(kept)
  kept.touch('blue')
  expect(await secret(again.page, blue)).toBe(before)
  await again.close()
  await rm(app.profile, { recursive: true })
  await rm(directory, { recursive: true })
})

test('a call waits for a touch, and one that was given up takes none', async () => {
  const app = await startApp({ program })
  const ring = new KeyRing()
  ring.key('blue')
  await app.useSoftwareKeys(ring)
  ring.touch('blue')
  const id = await create(app.page)
  ring.touch(null)

  const waiting = secret(app.page, id)
  await until(
    () => ring.waiting === 1,
    () => 'the call did not reach the ring',
  )
  await app.page.evaluate('giveUp()')
  expect(await waiting).toBe('AbortError')
  await until(
    () => ring.waiting === 0,
    () => 'the call still waits',
  )

  const touched = secret(app.page, id)
  await until(
    () => ring.waiting === 1,
    () => 'the call did not reach the ring',
  )
  ring.touch('blue')
  expect(await touched).toMatch(/^[0-9a-f]{64}$/)
  expect(ring.key('blue').state.signCount).toBe(2)
  await app.close()
})

test('software keys are there again after the window got a new process', async () => {
  const app = await startApp({ program })
  const ring = new KeyRing()
  ring.key('blue')
  await app.useSoftwareKeys(ring)
  ring.touch('blue')
  const id = await create(app.page)
  const before = await secret(app.page, id)
  await app.page.evaluate('void client.shell.replaceProcess()').catch(() => {})
  await app.printed('replaced')
  expect(await secret(app.page, id)).toBe(before)
  await app.close()
})

test("the browser's own virtual keys answer where no software key is in use", async () => {
  const app = await startApp({ program })
  const key = await app.addVirtualKey()
  const id = await create(app.page)
  expect(await secret(app.page, id)).toMatch(/^[0-9a-f]{64}$/)
  await key.verify(false)
  expect(await secret(app.page, id)).toBe('NotAllowedError')
  await key.remove()
  await app.close()
})
