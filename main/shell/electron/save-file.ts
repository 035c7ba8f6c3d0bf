import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { BrowserWindow, FileFilter } from 'electron'
import { ShellError } from '../errors.ts'
import type { ElectronApi } from './electron-api.ts'

/** See `Shell.saveFile`. */
export async function saveFile(
  { dialog }: Pick<ElectronApi, 'dialog'>,
  window: BrowserWindow,
  suggestedName: string,
  bytes: Uint8Array,
): Promise<boolean> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    defaultPath: suggestedName,
    filters: filtersOf(extname(suggestedName)),
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  })
  if (canceled || filePath === '') return false
  // Aside first: where the disk fills meanwhile, the file of that name that was there before is still whole.
  const aside = `${filePath}.part`
  await writeAndRename(aside, filePath, bytes).catch(async (error: unknown) => {
    await rm(aside, { force: true }).catch(() => undefined)
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new ShellError('refused', `could not write ${basename(filePath)} (${code}); choose another place`)
  })
  return true
}

async function writeAndRename(aside: string, path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(aside, bytes, { flush: true })
  await rename(aside, path)
}

function filtersOf(extension: string): FileFilter[] {
  return extension === '' ? [] : [{ name: extension, extensions: [extension.slice(1)] }]
}
