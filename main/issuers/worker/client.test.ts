import { describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../shared/bytes.ts'
import type { ShellWorker } from '../../shell/shell.ts'
import { readyWorker } from './client.ts'
import { type Message, messageBytes } from './messages.ts'
import type { GoFacts, IssuedAnswer } from './protocol.ts'

/** A worker that answers what it is asked with these, one after the other, and ends only when it is killed. */
function workerThatSays(...answers: readonly Message[]): ShellWorker & {
  readonly isKilled: () => boolean
  /** The system is slow to take its memory back. */
  slowDown(): void
} {
  let [isKilled, isSlow] = [false, false]
  let die: () => void = () => undefined
  const exited = new Promise<null>((resolve) => {
    die = () => resolve(null)
  })
  return {
    send: () => Promise.resolve(),
    frames: (async function* () {
      for (const answer of answers) yield await Promise.resolve(messageBytes(answer))
    })(),
    finish: () => undefined,
    kill: () => {
      isKilled = true
      if (!isSlow) die()
    },
    exited,
    isKilled: () => isKilled,
    slowDown: () => {
      isSlow = true
    },
  }
}

describe('a worker that cannot begin', () => {
  it.each([
    ['refuses', { is: 'refused', code: 'malformed', message: 'no' }, 'refused'],
    ['answers with something else', { boxPublicKey: 'AAAA' }, 'confused'],
  ])('because it %s is ended and not left behind', async (_, facts, code) => {
    const worker = workerThatSays({ facts, parts: [] })
    await expect(readyWorker(worker)).rejects.toMatchObject({ code })
    expect(worker.isKilled()).toBe(true)
  })
})

describe('a session that a worker made', () => {
  const READY: Message = { facts: { boxPublicKey: toBase64Url(new Uint8Array(32)) }, parts: [] }
  const ISSUED: IssuedAnswer = {
    is: 'issued',
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    userId: null,
    expires: 1,
    skewMs: null,
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:1',
    attempted: [],
    bad: [],
  }
  // All that is looked at on this side.
  const FACTS = { access: { kind: 'aws-sts', roleArn: '', sessionPolicy: null, regions: [] } } as unknown as GoFacts

  it('is there before its worker is gone, which is told to end', async () => {
    const worker = workerThatSays(READY, { facts: ISSUED, parts: [utf8('sealed')] })
    const issuing = await readyWorker(worker)
    worker.slowDown()
    const gone = await issuing.go({ ...FACTS, releases: [] }, utf8('ciphertext'))
    expect(gone).toMatchObject({ is: 'issued', handover: utf8('sealed') })
    expect(worker.isKilled()).toBe(true)
  })
})
