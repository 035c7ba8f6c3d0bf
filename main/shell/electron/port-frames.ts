import { ShellError } from '../errors.ts'
import { MAX_FRAME_BYTES } from '../frames.ts'

/** What crosses beside frames: that one was taken, and that no more will come. */
const TAKEN = 'taken'
const END = 'end'

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

/**
 * Frames over a port for messages, the same at both ends. A frame counts as sent when the other end took it: a port
 * loses what is under way when its process exits, and a worker exits right after its last answer.
 */
export class PortFrames {
  readonly #post: (message: unknown) => void
  readonly #sent: Waiting[] = []
  readonly #arrived: Uint8Array[] = []
  #wake: () => void = () => undefined
  /** Nothing more will come. */
  #isEnded = false
  /** Nothing more is taken either. */
  #isOver = false
  #trouble: ShellError | null = null

  /** @param post - puts a message into the port; {@link heard} takes those that come out of it. */
  constructor(post: (message: unknown) => void) {
    this.#post = post
  }

  /**
   * Sends one frame; the bytes may be wiped once this resolves.
   *
   * @throws {ShellError} `frame-too-large`; `closed` if the other end is gone.
   */
  send(frame: Uint8Array): Promise<void> {
    if (frame.length > MAX_FRAME_BYTES) return Promise.reject(tooLarge(frame))
    if (this.#isOver) return Promise.reject(gone())
    return new Promise((resolve, reject) => {
      this.#sent.push({ resolve, reject })
      // A copy of its own: a port carries the whole buffer that a view looks at.
      const copy = Uint8Array.from(frame)
      this.#post(copy)
      copy.fill(0)
    })
  }

  /** Tells the other end that no more frames will come. */
  finish(): void {
    this.#post(END)
  }

  /** Takes a message out of the port. */
  heard(message: unknown): void {
    if (message === TAKEN) this.#sent.shift()?.resolve()
    else if (message === END) this.#stop(null)
    else if (!(message instanceof Uint8Array)) this.#stop(new ShellError('closed', 'something else than a frame came'))
    else if (message.length > MAX_FRAME_BYTES) this.#stop(tooLarge(message))
    else if (this.#trouble === null) {
      this.#arrived.push(message)
      this.#post(TAKEN)
      this.#wake()
    }
  }

  /** The other end is gone: nothing more comes, and nothing more is taken. */
  closed(): void {
    this.#isOver = true
    for (const waiting of this.#sent.splice(0)) waiting.reject(gone())
    this.#stop(null)
  }

  /**
   * The frames in order; take them once.
   *
   * @throws {ShellError} at the first message that is none.
   */
  async *frames(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const next = this.#arrived.shift()
      if (next) yield next
      else if (this.#trouble) throw this.#trouble
      else if (this.#isEnded) return
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
    }
  }

  #stop(trouble: ShellError | null): void {
    this.#isEnded = true
    this.#trouble ??= trouble
    this.#wake()
  }
}

const gone = () => new ShellError('closed', 'the other end of the port is gone')
const tooLarge = ({ length }: Uint8Array) =>
  new ShellError('frame-too-large', `a frame of ${length} bytes; ${MAX_FRAME_BYTES} may cross`)
