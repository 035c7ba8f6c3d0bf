import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { ORIGIN } from '../../shared/origin.ts'
import { ShellError } from './errors.ts'
import type { Asset, AssetTable } from './shell.ts'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/**
 * Reads a built window into memory: every file of a known kind below the directory. What is not in the table when
 * the app starts cannot be loaded later.
 *
 * @throws {ShellError} `no-bundle` if there is no `index.html`.
 */
export async function loadAssets(directory: string): Promise<AssetTable> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  const table = new Map<string, Asset>()
  for (const entry of found) {
    const contentType = CONTENT_TYPES[extname(entry.name)]
    if (!entry.isFile() || contentType === undefined) continue
    const path = join(entry.parentPath, entry.name)
    table.set(`/${relative(directory, path).split(sep).join('/')}`, { contentType, bytes: await readFile(path) })
  }
  if (!table.has('/index.html')) throw new ShellError('no-bundle', `no index.html in ${directory}; build Lockbox first`)
  return table
}

/**
 * The window's policy. Nothing but our own bundle runs, and it reaches nothing; `wasm-unsafe-eval` is for libraries
 * that need WebAssembly, which Trusted Types and the absence of any text-to-script sink keep narrow. The one policy of Trusted
 * Types is made at the window's entry and gives the address of the one worker, which searches pictures for codes
 * (renderer/codes/worker-address.ts).
 */
const CONTENT_SECURITY_POLICY = [
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
  'trusted-types lockbox-worker',
].join('; ')

const PERMISSIONS_POLICY = [
  'camera=(self)',
  'publickey-credentials-get=(self)',
  'publickey-credentials-create=(self)',
  'clipboard-read=(self)',
  'clipboard-write=(self)',
  'idle-detection=(self)',
  ...['microphone', 'usb', 'hid', 'serial', 'bluetooth', 'geolocation', 'display-capture', 'payment', 'midi'].map(
    (feature) => `${feature}=()`,
  ),
].join(', ')

/** The headers of every answer, on both shells. */
export function headersFor(contentType: string): Readonly<Record<string, string>> {
  return {
    'content-type': contentType,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': PERMISSIONS_POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  }
}

/**
 * A second origin that a shell serves itself, with an empty page: another site, so going there and back gives the
 * window a new process.
 */
export const BLANK_ORIGIN = 'https://lockbox-blank.localhost'

/** What to answer to a request of the window: a file, 403, nothing at all, or what the page itself made. */
export type Answer = { readonly serve: Asset } | 'forbidden' | 'blocked' | 'own-blob'

const BLANK: Asset = {
  contentType: 'text/html; charset=utf-8',
  bytes: new TextEncoder().encode('<title>Lockbox</title>'),
}

/** Decides on one request: GET of a file in the table, by its exact path and without a query; else only its own blobs. */
export function answerTo(method: string, url: string, assets: AssetTable): Answer {
  if (url.startsWith(`blob:${ORIGIN}/`)) return 'own-blob'
  if (!URL.canParse(url)) return 'blocked'
  const { origin, pathname, search, username, password } = new URL(url)
  if (origin === BLANK_ORIGIN && method === 'GET' && pathname === '/') return { serve: BLANK }
  if (origin !== ORIGIN || username !== '' || password !== '') return 'blocked'
  const asset = assets.get(pathname === '/' ? '/index.html' : pathname)
  return asset && method === 'GET' && search === '' ? { serve: asset } : 'forbidden'
}
