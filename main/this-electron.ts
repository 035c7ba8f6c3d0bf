import { join } from 'node:path'
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  Menu,
  Notification,
  powerMonitor,
  session,
  utilityProcess,
} from 'electron'
import type { ElectronProcess } from './electron-program.ts'
import type { ElectronApi } from './shell/electron/electron-api.ts'

// The one place that imports Electron itself; everything else is given it.

/** Electron, as this process has it. */
export const electron: ElectronApi = {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  Menu,
  Notification,
  powerMonitor,
  session,
  utilityProcess,
}

/** What a program needs to know of this process. */
export const thisProcess: ElectronProcess = {
  argv: process.argv,
  // An installed app has none, which counts as false.
  isDefaultApp: process.defaultApp,
  execPath: process.execPath,
  environment: process.env,
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  versions: process.versions,
  preload: join(import.meta.dirname, 'electron-preload.cjs'),
  say: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(`${text}\n`),
}
