import { describe, expect, it } from 'vitest'
import type { ShellWorker } from '../../shell/shell.ts'
import { readyWorker } from './client.ts'
import { messageBytes } from './messages.ts'

/** A worker that answers the first thing it is asked with these facts, and ends only when it is killed. */
function workerThatSays(facts: unknown): ShellWorker & { readonly isKilled: () => boolean } {
  let isKilled = false
  let die: () => void = () => undefined
  const exited = new Promise<null>((resolve) => {
    die = () => resolve(null)
  })
  return {
    send: () => Promise.resolve(),
    frames: (async function* () {
      yield await Promise.resolve(messageBytes({ facts, parts: [] }))
    })(),
    finish: () => undefined,
    kill: () => {
      isKilled = true
      die()
    },
    exited,
    isKilled: () => isKilled,
  }
}

describe('a worker that cannot begin', () => {
  it.each([
    ['refuses', { is: 'refused', code: 'malformed', message: 'no' }, 'refused'],
    ['answers with something else', { boxPublicKey: 'AAAA' }, 'confused'],
  ])('because it %s is ended and not left behind', async (_, facts, code) => {
    const worker = workerThatSays(facts)
    await expect(readyWorker(worker)).rejects.toMatchObject({ code })
    expect(worker.isKilled()).toBe(true)
  })
})
