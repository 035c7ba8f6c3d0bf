// Builds the stories and serves them with the product's Content-Security-Policy: `node renderer/testing/serve.mjs`.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const outDir = fileURLToPath(new URL('../../out/stories', import.meta.url))

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript'],
  ['.css', 'text/css'],
])

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(request, response) {
  const path = normalize(new URL(request.url ?? '/', 'http://x').pathname).replace(/^\/$/, '/stories.html')
  try {
    const bytes = await readFile(join(outDir, path))
    response.writeHead(200, {
      'content-type': TYPES.get(extname(path)) ?? 'application/octet-stream',
      'content-security-policy': POLICY,
    })
    response.end(bytes)
  } catch {
    response.writeHead(404).end()
  }
}

/** Builds the stories and serves them on a free port of this machine; gives the address and the way to stop. */
export async function serveStories() {
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, rollupOptions: { input: join(root, 'stories.html') } },
  })
  const server = createServer((request, response) => void answer(request, response))
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined))
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://localhost:${port}/stories.html`, stop: () => server.close() }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { url } = await serveStories()
  console.log(url)
}
