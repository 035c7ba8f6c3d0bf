import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A part of the bench that runs in a process of its own, so that what it costs is not its asker's. */
export interface OwnProcess {
  /** What it said once it had begun. */
  readonly said: unknown
  readonly pid: number
  stop(): Promise<void>
}

/**
 * Starts the bench's program once more, to be one of its parts.
 *
 * @param name - the first word of its command line.
 * @param given - what it needs; bytes may be in it.
 */
export async function startOwnProcess(name: string, given: object): Promise<OwnProcess> {
  const [, program = ''] = process.argv
  const child: ChildProcess = fork(program, [name], { execArgv: process.execArgv, serialization: 'advanced' })
  child.send(given)
  const answers: unknown[] = await once(child, 'message')
  return {
    said: answers[0],
    pid: child.pid ?? Number.NaN,
    stop: async () => {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

/** Is such a part: begins, says how, and goes on until whoever started it lets go. */
export async function beOwnProcess(begin: (given: unknown) => Promise<object>): Promise<void> {
  const messages: unknown[] = await once(process, 'message')
  process.send?.(await begin(messages[0]))
  await once(process, 'disconnect')
}
