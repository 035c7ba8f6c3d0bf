import { startElectron } from './electron-program.ts'
import { run } from './run.ts'
import { electron, thisProcess } from './this-electron.ts'

// The program for Electron; `index.ts` is the one for Node.

// Electron would show either in a dialog and go on. As in Node, the program ends.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    console.error(error)
    electron.app.exit(1)
  })
}

await startElectron(electron, thisProcess, run)
