import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerTo, BLANK_ORIGIN, headersFor, loadAssets } from './assets.ts'
import type { AssetTable } from './shell.ts'

let directory: string
let assets: AssetTable

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockbox-assets-'))
  await mkdir(join(directory, 'assets'))
  await writeFile(join(directory, 'index.html'), '<title>Lockbox</title>')
  await writeFile(join(directory, 'assets', 'app.js'), '1')
  await writeFile(join(directory, 'assets', 'app.js.map'), '{}')
  assets = await loadAssets(directory)
})
afterAll(() => rm(directory, { recursive: true }))

describe('what the window may load', () => {
  it.each([
    ['https://lockbox.localhost/', 'text/html; charset=utf-8'],
    ['https://lockbox.localhost/index.html', 'text/html; charset=utf-8'],
    ['https://lockbox.localhost/assets/app.js', 'text/javascript; charset=utf-8'],
    ['https://lockbox.localhost/x/../assets/app.js', 'text/javascript; charset=utf-8'],
    [`${BLANK_ORIGIN}/`, 'text/html; charset=utf-8'],
  ])('%s', (url, contentType) => {
    expect(answerTo('GET', url, assets)).toMatchObject({ serve: { contentType } })
  })

  it.each([
    ['forbidden', 'GET', 'https://lockbox.localhost/assets/app.js.map'],
    ['forbidden', 'GET', 'https://lockbox.localhost/absent.js'],
    ['forbidden', 'GET', 'https://lockbox.localhost/..%2f..%2fetc/passwd'],
    ['forbidden', 'GET', 'https://lockbox.localhost/?secret=1'],
    ['forbidden', 'POST', 'https://lockbox.localhost/'],
    ['forbidden', 'HEAD', 'https://lockbox.localhost/'],
    ['blocked', 'GET', 'https://lockbox.localhost:8443/'],
    ['blocked', 'GET', 'http://lockbox.localhost/'],
    ['blocked', 'GET', 'https://user@lockbox.localhost/'],
    ['blocked', 'GET', 'https://lockbox.localhost.example/'],
    ['blocked', 'GET', 'https://sts.amazonaws.com/'],
    ['blocked', 'GET', 'file:///etc/passwd'],
    ['blocked', 'GET', 'not a url'],
    ['blocked', 'GET', 'blob:https://example.com/0f1e'],
    ['own-blob', 'GET', 'blob:https://lockbox.localhost/0f1e'],
    ['blocked', 'POST', `${BLANK_ORIGIN}/`],
  ])('is %s: %s %s', (answer, method, url) => {
    expect(answerTo(method, url, assets)).toBe(answer)
  })
})

it('does not start without a window', async () => {
  await expect(loadAssets(join(directory, 'absent'))).rejects.toMatchObject({ code: 'no-bundle' })
})

it('sends a policy in which no text becomes a script and nothing leaves', () => {
  const policy = headersFor('text/html')['content-security-policy'] ?? ''
  expect(policy).toMatch(/^default-src 'none'/)
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/)
})
