import { fileURLToPath } from 'node:url'
import type { ForkOptions } from 'electron'
import type { ShellWorker } from '../shell.ts'
import type { ElectronApi } from './electron-api.ts'
import { PortFrames } from './port-frames.ts'

/**
 * What a worker's process is given. Electron takes an empty environment for none at all and hands over its own
 * instead, so one variable stands in it that says nothing; Windows opens no socket without knowing where it lies.
 */
export function forkOptions(platform: string, environment: NodeJS.ProcessEnv): ForkOptions {
  const root = platform === 'win32' ? environment['SystemRoot'] : undefined
  return {
    env: { LOCKBOX_WORKER: '1', ...(root === undefined ? {} : { SystemRoot: root }) },
    execArgv: [],
    stdio: 'ignore',
    serviceName: 'Lockbox worker',
  }
}

/** Starts a program of ours as a utility process; its frames cross over the port that Electron gives it. */
export function startUtilityWorker({ utilityProcess }: Pick<ElectronApi, 'utilityProcess'>, program: URL): ShellWorker {
  const child = utilityProcess.fork(fileURLToPath(program), [], forkOptions(process.platform, process.env))
  const port = new PortFrames((message) => child.postMessage(message))
  let isKilled = false
  child.on('message', (message: unknown) => port.heard(message))
  // `exit` follows; without a listener this event would end the whole program.
  child.on('error', () => undefined)
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      port.closed()
      resolve(isKilled ? null : code)
    })
  })
  return {
    send: (frame) => port.send(frame),
    frames: port.frames(),
    finish: () => port.finish(),
    exited,
    kill: () => {
      isKilled = true
      // One that has not started yet cannot be killed, only as soon as it has.
      if (!child.kill()) child.once('spawn', () => child.kill())
    },
  }
}
