import { type RefObject, useEffect, useRef, useState } from 'react'
import { useApp } from '../store/app.ts'
import { type Camera, type CameraChoice, cameraTrouble, GoneError, openCamera, UnreadError } from './camera.ts'
import { openReader, type Reader } from './reader.ts'

/** A camera that is filming, or why none is. */
export interface Filming {
  readonly video: RefObject<HTMLVideoElement | null>
  readonly camera: Camera | null
  /** All cameras that there were when one filmed last: where one fails, another may be chosen. */
  readonly choices: readonly CameraChoice[]
  readonly trouble: string | null
}

/** Pictures in a row that could not be searched, after which none will be. */
const FAILURES = 10

/** Films while it is mounted, and tells the texts of all codes that are seen. @param id - of the camera, or null for any. */
export function useFilming(id: string | null, onText: (text: string) => void): Filming {
  const { client } = useApp()
  const video = useRef<HTMLVideoElement>(null)
  const [camera, setCamera] = useState<Camera | null>(null)
  const [choices, setChoices] = useState<readonly CameraChoice[]>([])
  const [trouble, setTrouble] = useState<string | null>(null)
  useEffect(() => {
    const onCamera = (opened: Camera | null) => {
      setCamera(opened)
      if (opened !== null) setChoices(opened.choices)
    }
    const { scan } = client.exchange
    const film = startFilming({ scan, openCamera, openReader }, id, video, { onCamera, onTrouble: setTrouble, onText })
    return () => film.stop()
  }, [client, id, onText])
  return { video, camera, choices, trouble }
}

/** What filming needs of the world. */
export interface Means {
  /** Lets the window use the camera, or no more. */
  readonly scan: (permit: { camera: boolean }) => Promise<unknown>
  readonly openCamera: (id: string | null) => Promise<Camera>
  readonly openReader: () => Promise<Reader>
}

/** Whom filming tells. */
export interface Told {
  readonly onCamera: (camera: Camera | null) => void
  readonly onTrouble: (trouble: string | null) => void
  readonly onText: (text: string) => void
}

/** Films until it is stopped or fails, and gives back what it opened however it ends. */
export function startFilming(
  { scan, openCamera, openReader }: Means,
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

/** Shows what the camera sees, and searches one picture after the other. One that cannot be searched is left out. */
async function film(
  shown: HTMLVideoElement,
  { stream, onGone }: Camera,
  reader: Reader,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  const gone = new Promise<never>((_, reject) => {
    onGone(() => reject(new GoneError('the camera is gone')))
  })
  // Also while nobody waits for it.
  gone.catch(() => undefined)
  shown.srcObject = stream
  await shown.play()
  for (let failures = 0; ; ) {
    await Promise.race([nextPicture(shown), gone])
    if (signal.aborted) return
    const texts = await createImageBitmap(shown)
      .then(reader.read)
      .catch((error: unknown) => {
        if (++failures === FAILURES) throw new UnreadError('too many pictures were not searched', { cause: error })
        return null
      })
    if (signal.aborted) return
    if (texts !== null) failures = 0
    texts?.forEach(onText)
  }
}

function nextPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => void video.requestVideoFrameCallback(() => resolve()))
}
