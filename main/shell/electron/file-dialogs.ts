import { writeFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { BrowserWindow, FileFilter } from 'electron'
import { FileError, readBounded } from '../../read-bounded.ts'
import { ShellError } from '../errors.ts'
import type { PickedFile } from '../shell.ts'
import type { ElectronApi } from './electron-api.ts'

type WithDialogs = Pick<ElectronApi, 'dialog'>

/** See `Shell.saveFile`. */
export async function saveFile(
  { dialog }: WithDialogs,
  window: BrowserWindow,
  suggestedName: string,
  bytes: Uint8Array,
): Promise<boolean> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    defaultPath: suggestedName,
    filters: filtersOf([extname(suggestedName)]),
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  })
  if (canceled || filePath === '') return false
  await writeFile(filePath, bytes).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new ShellError('refused', `could not write ${basename(filePath)} (${code}); choose another place`)
  })
  return true
}

/** See `Shell.openFile`. */
export async function openFile(
  { dialog }: WithDialogs,
  window: BrowserWindow,
  extensions: readonly string[],
  maxBytes: number,
): Promise<PickedFile | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    filters: filtersOf(extensions),
    properties: ['openFile'],
  })
  const [path] = filePaths
  if (canceled || path === undefined) return null
  return { name: basename(path), bytes: await read(path, maxBytes) }
}

function filtersOf(extensions: readonly string[]): FileFilter[] {
  const bare = extensions.map((extension) => extension.slice(1)).filter((extension) => extension !== '')
  return bare.length === 0 ? [] : [{ name: bare.map((one) => `.${one}`).join(', '), extensions: bare }]
}

async function read(path: string, maxBytes: number): Promise<Uint8Array> {
  const name = basename(path)
  try {
    return await readBounded(path, maxBytes)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw error.code === 'too-large'
      ? new ShellError('file-too-large', `${name} is larger than the ${maxBytes} bytes that may be opened`)
      : new ShellError('refused', `${name} cannot be read: may you read it?`)
  }
}
