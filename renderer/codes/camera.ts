/** A camera as a person chooses it. */
export interface CameraChoice {
  readonly id: string
  readonly name: string
}

/** A camera that films. */
export interface Camera {
  readonly stream: MediaStream
  /** All that there are. */
  readonly choices: readonly CameraChoice[]
  /** The one that films. */
  readonly id: string
  readonly stop: () => void
  /** Tells when it ends by itself: it was unplugged, or the system took it away. */
  readonly onGone: (tell: () => void) => void
}

/** Opens a camera: the given one, else what the system offers first, which on phones and tablets looks away from the person. */
export async function openCamera(id: string | null): Promise<Camera> {
  const which = id === null ? { facingMode: 'environment' } : { deviceId: { exact: id } }
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } }
  const stream = await navigator.mediaDevices.getUserMedia({ video: { ...which, ...size }, audio: false })
  const stop = () => {
    for (const track of stream.getTracks()) track.stop()
  }
  const devices = await navigator.mediaDevices.enumerateDevices().catch((error: unknown) => {
    stop()
    throw error
  })
  const choices = devices
    .filter(({ kind }) => kind === 'videoinput')
    .map(({ deviceId, label }, at) => ({ id: deviceId, name: label || `Camera ${at + 1}` }))
  return {
    stream,
    choices,
    id: stream.getVideoTracks()[0]?.getSettings().deviceId ?? '',
    stop,
    onGone: (tell) => stream.getVideoTracks()[0]?.addEventListener('ended', tell, { once: true }),
  }
}

/** The camera films, and nothing can be read of it. */
export class UnreadError extends Error {}

/** The camera filmed, and is not there any more. */
export class GoneError extends Error {}

/** What kept a camera from filming, in words. */
export function cameraTrouble(error: unknown): string {
  if (error instanceof UnreadError) return 'What the camera sees cannot be searched for codes.'
  if (error instanceof GoneError) return 'The camera was unplugged, or the system took it away. What was read is kept.'
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotFoundError') return 'This computer has no camera, or it is switched off.'
  if (name === 'NotReadableError') return 'The camera is used by another program.'
  if (name === 'NotAllowedError') return 'The system does not let Lockbox use the camera.'
  if (name === 'OverconstrainedError') return 'That camera is not there any more.'
  return 'The camera did not start.'
}
