import { createHash } from 'node:crypto'
import type { Clipboard } from 'electron'
import type { ElectronApi } from './electron-api.ts'

/** What we put on the clipboard, and only that, is taken away again. */
export class OwnClipboard {
  readonly #clipboard: Clipboard
  readonly #hasSelection: boolean
  #hash: string | null = null

  constructor({ clipboard }: Pick<ElectronApi, 'clipboard'>, platform: string) {
    this.#clipboard = clipboard
    this.#hasSelection = platform === 'linux'
  }

  async write(text: string): Promise<void> {
    await this.#clipboard.writeText(text)
    this.#hash = hashOf(text)
  }

  /** Empties the clipboard if it still holds our text; says whether it did. */
  async clear(): Promise<boolean> {
    const ours = this.#hash
    if (ours === null) return false
    const cleared = await emptyIf(this.#clipboard, ours)
    // Linux has a second one, of what was last selected: our text may have been, where it was pasted. Not every
    // desktop lets a program in the background look at it.
    if (this.#hasSelection) await emptyIf(this.#clipboard.selection, ours).catch(() => false)
    this.#hash = null
    return cleared
  }
}

async function emptyIf(clipboard: Clipboard, hash: string): Promise<boolean> {
  if (hashOf(await clipboard.readText()) !== hash) return false
  clipboard.clear()
  return true
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64')
