import type { Clipboard } from 'electron'
import { hashOf, OwnTexts } from '../own-texts.ts'
import type { ElectronApi } from './electron-api.ts'

/** What we put on the clipboard, and only that, is taken away again. */
export class OwnClipboard {
  readonly #clipboard: Clipboard
  readonly #hasSelection: boolean
  readonly #ours = new OwnTexts()

  constructor({ clipboard }: Pick<ElectronApi, 'clipboard'>, platform: string) {
    this.#clipboard = clipboard
    this.#hasSelection = platform === 'linux'
  }

  write(text: string): Promise<void> {
    return this.#ours.write(text, async () => this.#clipboard.writeText(text))
  }

  /** Empties the clipboard if it still holds our text; says whether it did. */
  clear(): Promise<boolean> {
    return this.#ours.clear(async (hashes) => {
      const cleared = await emptyIf(this.#clipboard, hashes)
      // Linux has a second one, of what was last selected: our text may have been, where it was pasted. Not every
      // desktop lets a program in the background look at it.
      if (this.#hasSelection) await emptyIf(this.#clipboard.selection, hashes).catch(() => false)
      return cleared
    })
  }
}

async function emptyIf(clipboard: Clipboard, hashes: readonly string[]): Promise<boolean> {
  if (!hashes.includes(hashOf(await clipboard.readText()))) return false
  clipboard.clear()
  return true
}
