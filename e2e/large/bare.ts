import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { parentPort, Worker, workerData } from 'node:worker_threads'

// The bare work of verifying a log: as many checks of Ed25519, and of P-256 for every tenth, by node:crypto on all cores.

const MESSAGE_BYTES = 560
const TENTH = 10

/** Checks so many signatures here; how long it took, in milliseconds. */
function checkHere(count: number): number {
  const device = generateKeyPairSync('ed25519')
  const hardware = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signed = Array.from({ length: 64 }, () => {
    const message = randomBytes(MESSAGE_BYTES)
    const touched = randomBytes(69)
    return {
      message,
      touched,
      by: sign(null, message, device.privateKey),
      touch: sign('sha256', touched, hardware.privateKey),
    }
  })
  const began = performance.now()
  for (let at = 0; at < count; at++) {
    const { message, touched, by, touch } = signed[at % signed.length] as (typeof signed)[number]
    const holds = verify(null, message, device.publicKey, by)
    if (!holds || (at % TENTH === 0 && !verify('sha256', touched, hardware.publicKey, touch)))
      throw new Error('a signature is false')
  }
  return performance.now() - began
}

/** Checks so many signatures on all cores; how long it took, in milliseconds. */
export async function checkOnAllCores(count: number, program: URL): Promise<number> {
  const hands = availableParallelism()
  const each = await Promise.all(
    Array.from(
      { length: hands },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(program, { workerData: { bare: Math.ceil(count / hands) } })
          worker.once('message', resolve)
          worker.once('error', reject)
          worker.once('exit', (code) => reject(new Error(`a thread ended with ${code} before it was done`)))
        }),
    ),
  )
  return Math.max(...each)
}

/** Does a thread's part, if this is one. */
export function serveBare(): boolean {
  if (parentPort === null) return false
  parentPort.postMessage(checkHere((workerData as { bare: number }).bare), [])
  return true
}
