import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'

/** Ways to change the window's copy of the log behind its back. */
export type Change = 'older' | 'newer' | 'holed' | 'foreign'

/** Deletes every IndexedDB of a profile whose app does not run. @returns how many there were. */
export async function wipeDatabases(profile: string): Promise<number> {
  const found = (await readdir(join(profile, 'browser'), { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && entry.name === 'IndexedDB',
  )
  for (const { parentPath, name } of found) await rm(join(parentPath, name), { recursive: true })
  return found.length
}

/** The positions that the window's copy has, ascending: a copy that is whole has all from 0 on. */
export function rowPositions(page: Page): Promise<number[]> {
  return page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const opening = indexedDB.open('lockbox')
        opening.onsuccess = () => {
          const database = opening.result
          const reading = database.transaction('rows').objectStore('rows').getAllKeys()
          reading.onsuccess = () => {
            resolve(reading.result as number[])
            database.close()
          }
        }
      }),
  )
}

/** Changes the window's copy of the log as a broken disk or another program would. */
export function changeRows(page: Page, change: Change): Promise<void> {
  return page.evaluate(
    (change) =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open('lockbox')
        opening.onsuccess = () => {
          const database = opening.result
          const transaction = database.transaction(['rows', 'tally'], 'readwrite')
          const rows = transaction.objectStore('rows')
          const reading = rows.getAll()
          reading.onsuccess = () => {
            const all = reading.result as { position: number; sealed: Uint8Array }[]
            const [last, middle] = [all.at(-1), all.at(-5)]
            if (last === undefined || middle === undefined) return
            const tally = (count: number) => void transaction.objectStore('tally').put({ id: 'rows', count })
            if (change === 'older') {
              rows.delete(last.position)
              tally(all.length - 1)
            }
            if (change === 'newer') {
              rows.put({ position: last.position + 7, sealed: last.sealed })
              tally(all.length + 1)
            }
            if (change === 'holed') rows.delete(middle.position)
            // All but the last, by which the window knows its copy: not every record is one that the page shows.
            if (change === 'foreign')
              for (const { position, sealed } of all.slice(0, -1))
                rows.put({ position, sealed: sealed.map((byte) => byte ^ 1) })
          }
          transaction.oncomplete = () => {
            database.close()
            resolve()
          }
        }
      }),
    change,
  )
}
