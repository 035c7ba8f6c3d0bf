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
import { startElectron } from './electron-program.ts'
import { run } from './run.ts'

// The program for Electron; `index.ts` is the one for Node.

// Electron would show either in a dialog and go on. As in Node, the program ends.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    console.error(error)
    app.exit(1)
  })
}

const electron = { app, BrowserWindow, clipboard, dialog, Menu, Notification, powerMonitor, session, utilityProcess }
await startElectron(
  electron,
  {
    argv: process.argv,
    isDefaultApp: process.defaultApp,
    execPath: process.execPath,
    environment: process.env,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    versions: process.versions,
    preload: join(import.meta.dirname, 'electron-preload.cjs'),
    say: (text) => process.stdout.write(text),
    complain: (text) => console.error(text),
  },
  run,
)
