import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { touch } from '../../../main/vault/testing/window.ts'
import type { Answer, AskStep, Step } from '../../../shared/ceremony.ts'
import type { LocalParty } from '../../in-process/world.ts'
import { bareFile } from '../bare/disk.ts'
import { type BareEntry, bareEntries, hashBare, verifyBare } from '../bare/signatures.ts'
import type { BenchCase } from '../case.ts'
import { type Line, lineOf } from '../line.ts'
import { logOf } from '../log.ts'
import { type Effort, interleaved, timed } from '../measure.ts'
import { emptyDevice } from '../one-device.ts'

const BARE = 'HKDF, read and open every record, check every signature once more, one write and fdatasync'

/** From the key's answer to an open app: what a person waits for after the touch. */
export const unlock: BenchCase = {
  name: 'unlock',
  async run({ effort, worker, say }) {
    const lines: Line[] = []
    for (const size of [0, effort.size(1000)]) {
      say(`unlock: with ${size} statements in the log`)
      lines.push(await unlockWith(size, worker, effort))
    }
    return lines
  },
}

async function unlockWith(size: number, worker: string, effort: Effort): Promise<Line> {
  const { party, device, close } = await emptyDevice(worker)
  try {
    const log = size === 0 ? null : await logOf(size)
    for (const envelope of log?.entries ?? []) await device().store.receive(envelope, { by: 'lan', device: null })
    if (log !== null) await device().movePin(log.pin)
    const bare = bareUnlock(party.profileDir, bareEntries(log?.entries ?? []))
    const rounds = await interleaved(effort.rounds(size === 0 ? 60 : 15), {
      ours: () => unlockOnce(party),
      bare: () => timed(bare.unlock),
    })
    bare.close()
    const what = `from the key’s answer to the open app, ${size} statements in the log`
    return lineOf({ name: 'unlock', what, bareIs: BARE, unit: 'ms', targets: [{ times: 3 }] }, rounds)
  } finally {
    await close()
  }
}

async function unlockOnce(party: LocalParty): Promise<number> {
  await party.call.vault.lock()
  const step = await party.call.vault.unlock()
  if (step.kind !== 'get') throw new Error(`expected to be asked for a key, not ${step.kind}`)
  const answer = answerTo(party, step)
  let last: Step = step
  const took = await timed(async () => {
    last = await party.call.ceremony.answer({ ceremony: step.ceremony, answer })
  })
  if ((last as Step).kind !== 'done') throw new Error('the vault was not opened')
  return took
}

function answerTo({ keys }: LocalParty, step: AskStep): Answer {
  return touch(keys[0], step)
}

/** The same amount of work on the same bytes, in one straight line. */
function bareUnlock(profileDir: string, entries: readonly BareEntry[]) {
  const file = bareFile(join(profileDir, 'bare'))
  const key = randomBytes(32)
  const sealed = entries.map(({ envelope }) => [sealed96(key, randomBytes(64)), sealed96(key, envelope)] as const)
  const slot = sealed96(key, randomBytes(32))
  return {
    unlock: () => {
      const derived = Buffer.from(hkdfSync('sha256', key, key, 'bare', 32))
      opened(key, slot)
      derived.fill(0)
      readFileSync(join(profileDir, 'vault', 'journal'))
      for (const [label, body] of sealed) {
        opened(key, label)
        opened(key, body)
      }
      for (const entry of entries) {
        hashBare(entry)
        verifyBare(entry)
      }
      file.append(randomBytes(256))
    },
    close: () => file.close(),
  }
}

interface Sealed {
  readonly nonce: Uint8Array
  readonly bytes: Uint8Array
  readonly tag: Uint8Array
}

function sealed96(key: Uint8Array, plain: Uint8Array): Sealed {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
  const bytes = Buffer.concat([cipher.update(plain), cipher.final()])
  return { nonce, bytes, tag: cipher.getAuthTag() }
}

function opened(key: Uint8Array, { nonce, bytes, tag }: Sealed): Uint8Array {
  const cipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 }).setAuthTag(tag)
  return Buffer.concat([cipher.update(bytes), cipher.final()])
}
