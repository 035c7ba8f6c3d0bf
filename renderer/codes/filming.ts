import { type RefObject, useEffect, useRef, useState } from 'react'
import { useApp } from '../store/app.ts'
import { type Camera, cameraTrouble, openCamera } from './camera.ts'
import { openReader, type Reader } from './reader.ts'

/** A camera that is filming, or why none is. */
export interface Filming {
  readonly video: RefObject<HTMLVideoElement | null>
  readonly camera: Camera | null
  readonly trouble: string | null
}

/** Films while it is mounted, and tells the texts of all codes that are seen. @param id - of the camera, or null for any. */
export function useFilming(id: string | null, onText: (text: string) => void): Filming {
  const { client } = useApp()
  const video = useRef<HTMLVideoElement>(null)
  const [camera, setCamera] = useState<Camera | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  useEffect(() => {
    const film = startFilming(client.exchange, id, video, { onCamera: setCamera, onTrouble: setTrouble, onText })
    return () => film.stop()
  }, [client, id, onText])
  return { video, camera, trouble }
}

interface Told {
  readonly onCamera: (camera: Camera | null) => void
  readonly onTrouble: (trouble: string | null) => void
  readonly onText: (text: string) => void
}

function startFilming(
  { scan }: { readonly scan: (permit: { camera: boolean }) => Promise<unknown> },
  id: string | null,
  video: RefObject<HTMLVideoElement | null>,
  { onCamera, onTrouble, onText }: Told,
): { readonly stop: () => void } {
  const ending = new AbortController()
  const { signal } = ending
  // What is to be given back however this ends: closed while it starts, failed, or filmed to its end.
  const ends: (() => void)[] = []
  const giveBack = () => ends.splice(0).forEach((end) => end())
  signal.addEventListener('abort', giveBack)
  const run = async () => {
    await scan({ camera: true })
    signal.throwIfAborted()
    const camera = await openCamera(id)
    ends.push(camera.stop)
    signal.throwIfAborted()
    const reader = await openReader()
    ends.push(reader.close)
    signal.throwIfAborted()
    onCamera(camera)
    onTrouble(null)
    if (video.current !== null) await film(video.current, camera, reader, signal, onText)
  }
  run().catch((error: unknown) => {
    giveBack()
    if (signal.aborted) return
    onCamera(null)
    onTrouble(cameraTrouble(error))
  })
  return {
    stop: () => {
      ending.abort()
      onCamera(null)
      void scan({ camera: false }).catch(() => undefined)
    },
  }
}

/** Shows what the camera sees, and searches one picture after the other. */
async function film(
  shown: HTMLVideoElement,
  { stream }: Camera,
  reader: Reader,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  shown.srcObject = stream
  await shown.play()
  while (!signal.aborted) {
    await nextPicture(shown)
    const texts = await reader.read(await createImageBitmap(shown))
    if (!signal.aborted) texts.forEach(onText)
  }
}

function nextPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => void video.requestVideoFrameCallback(() => resolve()))
}
