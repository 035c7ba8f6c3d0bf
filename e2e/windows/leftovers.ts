import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'

/** A secret as it is, and as the wire carries bytes. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [secret, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url'), bytes.toString('hex')]
}

/** Where a window still has a secret: its document, its fields, its storage and its databases. */
export async function leftInWindow(page: Page, secret: string): Promise<string[]> {
  const sought = forms(secret)
  const fields = await page.evaluate(() =>
    [...document.querySelectorAll('input, textarea')].map((one) => (one as HTMLInputElement).value),
  )
  const places: Readonly<Record<string, readonly string[]>> = {
    document: [await page.content()],
    fields,
    storage: [await storageOf(page)],
    databases: await databasesOf(page),
  }
  return Object.entries(places).flatMap(([place, texts]) =>
    texts.some((text) => sought.some((form) => text.includes(form))) ? [place] : [],
  )
}

/** The files below a folder that hold a secret. */
export async function leftOnDisk(folder: string, secret: string): Promise<string[]> {
  const sought = forms(secret).flatMap((form) => [Buffer.from(form), Buffer.from(form, 'utf16le')])
  const found: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    if (sought.some((form) => bytes.includes(form))) found.push(path)
  }
  return found
}

function storageOf(page: Page): Promise<string> {
  return page.evaluate(() =>
    JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), location.href, history.state]),
  )
}

/** Every row of every store of every database of the page, bytes as Latin-1. */
function databasesOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const done = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result))
        request.addEventListener('error', () => reject(new Error('the database did not answer')))
      })
    const text = (_key: string, value: unknown) =>
      value instanceof Uint8Array ? Array.from(value, (byte) => String.fromCharCode(byte)).join('') : value
    const rows: string[] = []
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name ?? ''))
      for (const store of database.objectStoreNames)
        for (const row of (await done(database.transaction(store).objectStore(store).getAll())) as unknown[])
          rows.push(JSON.stringify(row, text))
      database.close()
    }
    return rows
  })
}

/**
 * Which of some texts are in a string that the page's code can still reach, after a collection. Memory that the collector
 * freed and did not overwrite is not looked at.
 */
export async function leftInHeap(page: Page, texts: readonly string[]): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const chunks: string[] = []
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk))
  await session.send('HeapProfiler.enable')
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await session.detach()
  // The strings are JSON in it; none that is looked for has a character that JSON writes in another way.
  const snapshot = chunks.join('')
  return texts.filter((text) => forms(text).some((form) => snapshot.includes(form)))
}
