import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { parseClaim, verifySignature, type WireRequest } from './sigv4.ts'

const FOLDER = new URL('./vectors/sigv4/', import.meta.url)
const contextSchema = z.object({
  credentials: z.object({ access_key_id: z.string(), secret_access_key: z.string() }),
  region: z.string(),
  service: z.string(),
})

interface Vector {
  readonly request: WireRequest
  readonly context: z.output<typeof contextSchema>
}

function readVector(name: string): Vector {
  const read = (file: string) => readFileSync(new URL(`${name}/${file}`, FOLDER), 'utf8')
  return {
    request: parseRequest(read('header-signed-request.txt')),
    context: contextSchema.parse(JSON.parse(read('context.json'))),
  }
}

function parseRequest(text: string): WireRequest {
  const [head = '', ...body] = text.split('\n\n')
  const [first = '', ...lines] = head.replaceAll(/\n[ \t]+/g, ' ').split('\n')
  const [, method = '', target = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? []
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(':')
    return [line.slice(0, at), line.slice(at + 1)]
  })
  return { method, target, headers, body: Buffer.from(body.join('\n\n').trim()) }
}

const names = readdirSync(FOLDER, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

describe('the published SigV4 vectors', () => {
  it.each(names)('accepts %s', async (name) => {
    const { request, context } = readVector(name)
    const claim = parseClaim(request)
    expect(claim).toMatchObject({ accessKeyId: context.credentials.access_key_id, region: context.region })
    await expect(verifySignature(request, claim, context.credentials.secret_access_key)).resolves.toBeUndefined()
  })

  it.each(names)('refuses %s with one character of the secret key changed', async (name) => {
    const { request, context } = readVector(name)
    const secret = `x${context.credentials.secret_access_key.slice(1)}`
    const verified = verifySignature(request, parseClaim(request), secret)
    await expect(verified).rejects.toMatchObject({ code: 'SignatureDoesNotMatch', status: 403 })
  })
})

describe('the claim of a signed request', () => {
  const { request, context } = readVector('post-x-www-form-urlencoded-parameters')
  const secret = context.credentials.secret_access_key
  const without = (name: string) => request.headers.filter(([key]) => key.toLowerCase() !== name)

  it('refuses a body that is not the signed one', async () => {
    const other = { ...request, body: Buffer.from('Param1=value2') }
    await expect(verifySignature(other, parseClaim(other), secret)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    })
  })
  it('refuses another path', async () => {
    const other = { ...request, target: '/elsewhere' }
    await expect(verifySignature(other, parseClaim(other), secret)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    })
  })
  it('refuses a request whose host was not signed', async () => {
    const claim = parseClaim(request)
    const signedHeaders = claim.signedHeaders.filter((name) => name !== 'host')
    await expect(verifySignature(request, { ...claim, signedHeaders }, secret)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    })
  })
  it('says that the token is missing when there is no Authorization header', () => {
    expect(() => parseClaim({ ...request, headers: without('authorization') })).toThrow(
      expect.objectContaining({ code: 'MissingAuthenticationToken' }),
    )
  })
  it('refuses an Authorization header without a date to go with it', () => {
    expect(() => parseClaim({ ...request, headers: without('x-amz-date') })).toThrow(
      expect.objectContaining({ code: 'IncompleteSignature' }),
    )
  })
})
