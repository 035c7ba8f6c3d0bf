import { fork } from 'node:child_process'
import type * as Electron from 'electron'
import { type Call, only } from './only.ts'

// Electron's side of a utility process, over one of Node's: the same port for messages, and the same surprises.

/** Gives the program `process.parentPort`, as Electron does before it loads it. */
const PORT = `
import { EventEmitter } from 'node:events'
const port = new EventEmitter()
port.postMessage = (message) => process.send(message)
port.on('newListener', (name) => {
  if (name === 'message') process.on('message', (data) => port.emit('message', { data, ports: [] }))
})
Object.defineProperty(process, 'parentPort', { value: port })
`

/** Electron's `utilityProcess`, each worker of which is a process of Node; notes what it was given. */
export function standInUtility(calls: Call[] = []): typeof Electron.utilityProcess {
  return only<typeof Electron.utilityProcess>('utilityProcess', {
    fork: (program, args = [], options = {}) => {
      calls.push(['utilityProcess.fork', program, args, options])
      const env = { ...options.env }
      const child = fork(program, args, {
        // Electron takes an empty environment for none given.
        env: Object.keys(env).length === 0 ? process.env : env,
        execArgv: ['--import', `data:text/javascript,${encodeURIComponent(PORT)}`],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      })
      let hasSpawned = false
      child.once('spawn', () => {
        hasSpawned = true
      })
      return only<Electron.UtilityProcess>('utility process', {
        on: child.on.bind(child) as unknown as Electron.UtilityProcess['on'],
        once: child.once.bind(child) as unknown as Electron.UtilityProcess['once'],
        postMessage: (message: never) => void child.send(message),
        // One that has not started is not killed.
        kill: () => hasSpawned && child.kill(),
      })
    },
  })
}
