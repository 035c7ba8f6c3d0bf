import type { ParentPort } from 'electron'
import { PortFrames } from './electron/port-frames.ts'
import { readFrames, writeFrame } from './frames.ts'

/** A worker's way to main. */
export interface WorkerLink {
  readonly frames: AsyncIterable<Uint8Array>
  readonly send: (frame: Uint8Array) => Promise<void>
}

/** The way to main that this process was started with: Electron's port where there is one, else its pipes. */
export function linkToMain(): WorkerLink {
  const parentPort: ParentPort | undefined = process.parentPort
  if (parentPort === undefined)
    return { frames: readFrames(process.stdin), send: (frame) => writeFrame(process.stdout, frame) }
  const port = new PortFrames((message) => parentPort.postMessage(message))
  parentPort.on('message', ({ data }: { readonly data: unknown }) => port.heard(data))
  return { frames: port.frames(), send: (frame) => port.send(frame) }
}
