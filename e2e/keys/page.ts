import { toBase64Url } from '../../shared/bytes.ts'
import type { KeyCall, KeyRing } from './ring.ts'
import type { AssertedJson, CreatedJson, CreateOptions, GetOptions } from './software-key.ts'

/** The part of a Playwright page that is needed, so that the keys depend on no test tool. */
export interface PageWithBindings {
  exposeFunction(name: string, answer: (message: PageMessage) => Promise<PageAnswer>): Promise<unknown>
  addInitScript(script: () => void): Promise<unknown>
  evaluate(script: () => void): Promise<unknown>
  url(): string
}

/** What crosses from the page: a call with a number of its own, or that the call of this number was given up (`*`: all of an earlier document). */
export type PageMessage = { id: string; call: KeyCall } | { abandoned: string }

/** An answer as it crosses into the page: JSON, with the secrets as base64url. */
export type PageAnswer =
  | { credential: CreatedJson | AssertedJson; secrets: { first: string; second?: string } | null }
  | { error: { name: string; message: string } }

/**
 * From now on, also after a reload or a lock, `navigator.credentials` of this page asks the ring instead of the
 * browser. Its origin is the page's own, taken when the call is made.
 */
export async function useSoftwareKeys(page: PageWithBindings, ring: KeyRing): Promise<void> {
  const calls = new Map<string, AbortController>()
  await page.exposeFunction('__softwareKeys', async (message) => {
    if ('abandoned' in message) {
      for (const [id, call] of calls) if (message.abandoned === '*' || message.abandoned === id) call.abort()
      return { error: { name: 'AbortError', message: 'the call was given up' } }
    }
    const controller = new AbortController()
    calls.set(message.id, controller)
    return answerFor(ring, message.call, new URL(page.url()).origin, controller.signal)
  })
  await page.addInitScript(replaceCredentials)
  await page.evaluate(replaceCredentials)
}

/** What the ring answers, in the form that crosses. */
async function answerFor(ring: KeyRing, call: KeyCall, origin: string, signal?: AbortSignal): Promise<PageAnswer> {
  try {
    const credential = await ring.answer(call, origin, signal)
    const { prf, ...others } = credential.clientExtensionResults
    if (!prf?.results) return { credential, secrets: null }
    const text = (secret: ArrayBuffer): string => toBase64Url(new Uint8Array(secret))
    const { first, second } = prf.results
    const secrets = second ? { first: text(first), second: text(second) } : { first: text(first) }
    return { credential: { ...credential, clientExtensionResults: others }, secrets }
  } catch (error) {
    if (error instanceof DOMException) return { error: { name: error.name, message: error.message } }
    throw error
  }
}

/**
 * Runs in the page, whole and alone: nothing from outside this function exists there. Gives objects that pass for the
 * browser's own, with the methods that callers use.
 */
function replaceCredentials(): void {
  type Ask = (message: PageMessage) => Promise<PageAnswer>
  const toBytes = (text: string): ArrayBuffer =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0)).buffer
  const toText = (source: BufferSource): string => {
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source)
    return btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '')
  }
  /** Options as JSON: every buffer becomes base64url. */
  const toJson = (value: unknown): unknown => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return toText(value as BufferSource)
    if (Array.isArray(value)) return value.map(toJson)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
  }

  const credentialFrom = (answer: Exclude<PageAnswer, { error: unknown }>): Credential => {
    const { credential, secrets } = answer
    const { response } = credential
    const extensions: Record<string, unknown> = { ...credential.clientExtensionResults }
    if (secrets) {
      const second = secrets.second === undefined ? {} : { second: toBytes(secrets.second) }
      extensions['prf'] = { results: { first: toBytes(secrets.first), ...second } }
    }
    const prototype = 'signature' in response ? AuthenticatorAssertionResponse : AuthenticatorAttestationResponse
    const parts = Object.entries(response).flatMap(([name, value]) =>
      typeof value === 'string' && name !== 'publicKey' ? [[name, toBytes(value)] as const] : [],
    )
    const methods =
      'publicKey' in response
        ? {
            getTransports: () => response.transports,
            getAuthenticatorData: () => toBytes(response.authenticatorData),
            getPublicKey: () => toBytes(response.publicKey),
            getPublicKeyAlgorithm: () => response.publicKeyAlgorithm,
          }
        : { userHandle: response.userHandle === undefined ? null : toBytes(response.userHandle) }
    return withOwn(PublicKeyCredential.prototype, {
      id: credential.id,
      type: credential.type,
      rawId: toBytes(credential.rawId),
      authenticatorAttachment: credential.authenticatorAttachment,
      response: withOwn(prototype.prototype, { ...Object.fromEntries(parts), ...methods }),
      getClientExtensionResults: () => extensions,
      toJSON: () => credential,
    }) as Credential
  }
  const withOwn = (prototype: object, values: object): object => {
    const made: unknown = Object.create(prototype)
    for (const [name, value] of Object.entries(values)) Object.defineProperty(made, name, { value, enumerable: true })
    return made as object
  }

  void (Reflect.get(globalThis, '__softwareKeys') as Ask)({ abandoned: '*' })
  const ask = (kind: 'create' | 'get') => async (options?: CredentialCreationOptions & CredentialRequestOptions) => {
    const signal = options?.signal
    signal?.throwIfAborted()
    const asked = Reflect.get(globalThis, '__softwareKeys') as Ask
    const given = toJson(options?.publicKey)
    const call: KeyCall =
      kind === 'create' ? { kind, options: given as CreateOptions } : { kind, options: given as GetOptions }
    const id = crypto.randomUUID()
    const aborted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        void asked({ abandoned: id })
        reject(signal.reason as Error)
      })
    })
    const answer = await Promise.race([asked({ id, call }), aborted])
    if ('error' in answer) throw new DOMException(answer.error.message, answer.error.name)
    return credentialFrom(answer)
  }
  Object.defineProperty(navigator.credentials, 'create', { value: ask('create'), configurable: true })
  Object.defineProperty(navigator.credentials, 'get', { value: ask('get'), configurable: true })
}
