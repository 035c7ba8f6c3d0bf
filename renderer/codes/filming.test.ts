import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Camera } from './camera.ts'
import { type Means, startFilming } from './filming.ts'
import type { Reader } from './reader.ts'

beforeEach(() => {
  vi.stubGlobal('createImageBitmap', async () => ({}) as ImageBitmap)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

/** Something that is opened when a test says so. */
function gate<Opened>(opened: Opened) {
  let open = () => {}
  let fail = () => {}
  const promise = new Promise<Opened>((resolve, reject) => {
    open = () => resolve(opened)
    fail = () => reject(new TypeError('not opened'))
  })
  return { promise, open, fail }
}

/** A film of which a test shows the pictures. Each is searched as `reading` says. */
function filming(reading: (picture: number) => readonly string[] = () => []) {
  const log: string[] = []
  const troubles: (string | null)[] = []
  const texts: string[] = []
  const stream = {} as MediaStream
  let unplug = () => {}
  const camera: Camera = {
    stream,
    choices: [],
    id: 'front',
    stop: () => log.push('camera stopped'),
    onGone: (tell) => (unplug = tell),
  }
  let searched = 0
  const reader: Reader = {
    read: async () => reading(++searched),
    close: () => log.push('reader closed'),
  }
  const [permitted, filmed, ready] = [gate(null), gate(camera), gate(reader)]
  const means: Means = {
    scan: ({ camera: asked }) => {
      log.push(asked ? 'permitted' : 'forbidden')
      return asked ? permitted.promise : Promise.resolve(null)
    },
    openCamera: () => filmed.promise,
    openReader: () => ready.promise,
  }
  let show: (() => void) | null = null
  const video = {
    srcObject: null as MediaStream | null,
    play: async () => undefined,
    requestVideoFrameCallback: (next: () => void) => {
      show = next
      return 1
    },
  }
  const film = startFilming(
    means,
    null,
    { current: video as unknown as HTMLVideoElement },
    {
      onCamera: (opened) => log.push(opened === null ? 'no camera' : 'films'),
      onTrouble: (trouble) => troubles.push(trouble),
      onText: (text) => texts.push(text),
    },
  )
  const settled = () => new Promise((resolve) => setTimeout(resolve))
  return {
    film,
    log,
    troubles,
    texts,
    video,
    stream,
    permitted,
    filmed,
    ready,
    settled,
    unplug: () => unplug(),
    started: async () => {
      for (const one of [permitted, filmed, ready]) one.open()
      await settled()
    },
    /** Shows one picture more; says whether anybody waited for it. */
    picture: async () => {
      const shown = show
      show = null
      shown?.()
      await settled()
      return shown !== null
    },
  }
}

describe('what was opened is given back', () => {
  it('when the dialog is closed before the camera may be used: then none is opened', async () => {
    const { film, log, permitted, filmed, settled } = filming()
    film.stop()
    permitted.open()
    filmed.open()
    await settled()
    expect(log).toEqual(['permitted', 'no camera', 'forbidden'])
  })

  it('when the dialog is closed while the camera starts', async () => {
    const { film, log, permitted, filmed, settled } = filming()
    permitted.open()
    await settled()
    film.stop()
    expect(log).not.toContain('camera stopped')
    filmed.open()
    await settled()
    expect(log).toEqual(['permitted', 'no camera', 'forbidden', 'camera stopped'])
  })

  it('when the dialog is closed while the reader starts', async () => {
    const { film, log, permitted, filmed, ready, settled } = filming()
    permitted.open()
    filmed.open()
    await settled()
    film.stop()
    expect(log).toContain('camera stopped')
    ready.open()
    await settled()
    expect(log).toContain('reader closed')
    expect(log).not.toContain('films')
  })

  it('when the reader does not start, and says so', async () => {
    const { log, troubles, permitted, filmed, ready, settled } = filming()
    permitted.open()
    filmed.open()
    ready.fail()
    await settled()
    expect(log).toEqual(['permitted', 'camera stopped', 'no camera'])
    expect(troubles).toEqual(['The camera did not start.'])
  })

  it('when it filmed until the dialog was closed', async () => {
    const { film, log, started, picture } = filming()
    await started()
    film.stop()
    await picture()
    expect(log).toEqual(['permitted', 'films', 'camera stopped', 'reader closed', 'no camera', 'forbidden'])
    expect(await picture()).toBe(false)
  })
})

describe('a picture that cannot be searched', () => {
  const failing = (when: (picture: number) => boolean) => (picture: number) => {
    if (when(picture)) throw new TypeError('not searched')
    return [`code ${picture}`]
  }

  it('is left out, and the next one is searched', async () => {
    const { texts, troubles, video, stream, started, picture } = filming(failing((one) => one % 10 !== 0))
    await started()
    expect(video.srcObject).toBe(stream)
    for (let one = 1; one <= 30; one++) expect(await picture()).toBe(true)
    expect(texts).toEqual(['code 10', 'code 20', 'code 30'])
    expect(troubles).toEqual([null])
  })

  it('ends the film after ten in a row', async () => {
    const { log, texts, troubles, started, picture } = filming(failing((one) => one > 1))
    await started()
    for (let one = 1; one <= 10; one++) await picture()
    expect(log).not.toContain('camera stopped')
    await picture()
    expect(log).toEqual(['permitted', 'films', 'camera stopped', 'reader closed', 'no camera'])
    expect(texts).toEqual(['code 1'])
    expect(troubles).toEqual([null, 'What the camera sees cannot be searched for codes.'])
  })
})

describe('a camera that is unplugged while it films', () => {
  it('is said to be gone, and given back; what was read before was told', async () => {
    const { log, texts, troubles, started, picture, unplug, settled } = filming(() => ['code'])
    await started()
    await picture()
    unplug()
    await settled()
    expect(texts).toEqual(['code'])
    expect(log).toEqual(['permitted', 'films', 'camera stopped', 'reader closed', 'no camera'])
    expect(troubles).toEqual([null, 'The camera was unplugged, or the system took it away. What was read is kept.'])
    await picture()
    expect(texts).toEqual(['code'])
  })
})
