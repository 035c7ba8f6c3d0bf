import { writeFile } from 'node:fs/promises'
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
  await writeFile(filePath, bytes).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new ShellError('refused', `could not write ${basename(filePath)} (${code}); choose another place`)
  })
  return true
}

function filtersOf(extension: string): FileFilter[] {
  return extension === '' ? [] : [{ name: extension, extensions: [extension.slice(1)] }]
}
