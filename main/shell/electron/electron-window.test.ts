import { describe, expect, it } from 'vitest'
import type { Sender } from '../../dispatch.ts'
import type { FakeElectron } from './testing/fake-electron.ts'
import { BLANK, HOME, opened } from './testing/open-shell.ts'

describe('a text from the page', () => {
  it('reaches main with what Electron says of its sender, and the answer goes to who asked', async () => {
    const { ask, heard, shell, fake } = await opened()
    expect(await ask('a call')).toBe('answer to a call')
    expect(heard).toEqual([
      [{ origin: 'https://lockbox.localhost', isMainFrame: true, windowId: `7/${fake.processId}` }, 'a call'],
    ])
    expect(shell.isKnownWindow(heard[0]?.[0].windowId ?? '')).toBe(true)
  })

  const ours = { origin: 'https://lockbox.localhost', isMainFrame: true }
  const strange = { origin: 'https://lockbox.localhost', frameToken: 'frame of another' }
  it.each<[string, Partial<Electron.IpcMainInvokeEvent>, Partial<Sender>[], boolean]>([
    ['from a frame that is gone', { senderFrame: null }, [], false],
    ['from a frame in the page', { senderFrame: strange as Electron.WebFrameMain }, [{ isMainFrame: false }], true],
    ['from another process', { processId: 99 }, [{ windowId: '7/99' }], false],
  ])('%s is told apart', async (_what, event, senders, isKnown) => {
    const { ask, heard, shell } = await opened()
    await ask('a call', event)
    expect(heard.map(([sender]) => sender)).toMatchObject(senders.map((sender) => ({ ...ours, ...sender })))
    expect(shell.isKnownWindow(heard[0]?.[0].windowId ?? 'none')).toBe(isKnown)
  })

  it('that is no text goes no further', async () => {
    const { ask, heard } = await opened()
    for (const given of [undefined, null, 1, { text: 'x' }, ['x'], new Uint8Array(4)])
      expect(await ask(given)).toBeNull()
    expect(heard).toEqual([])
  })
})

describe('a text to the page', () => {
  it('goes to our document only', async () => {
    const { fake, shell } = await opened()
    fake.take()
    shell.send('first')
    fake.frame.origin = 'null'
    shell.send('to another document')
    fake.frame.origin = 'https://lockbox.localhost'
    fake.isCrashed = true
    shell.send('to nobody')
    fake.isDestroyed = true
    shell.send('to no window')
    expect(fake.take()).toEqual([['webContents.send', 'lockbox', 'first']])
  })
})

describe('printing', () => {
  it('makes a PDF of what the window shows, with real text, tags and outline, without a printer', async () => {
    const { fake, shell } = await opened()
    fake.take()
    expect(await shell.printPdf()).toEqual(new Uint8Array(Buffer.from('%PDF-')))
    expect(fake.take()).toEqual([
      [
        'webContents.printToPDF',
        {
          preferCSSPageSize: true,
          printBackground: false,
          generateTaggedPDF: true,
          generateDocumentOutline: true,
          pageSize: 'A4',
        },
      ],
    ])
  })

  it('is refused while another document is shown, and when Electron cannot', async () => {
    const { fake, shell } = await opened()
    fake.print = () => Promise.reject(new Error('printing failed'))
    await expect(shell.printPdf()).rejects.toMatchObject({ code: 'refused' })
    fake.frame.origin = 'null'
    await expect(shell.printPdf()).rejects.toMatchObject({ code: 'not-open' })
    await shell.close()
    await expect(shell.printPdf()).rejects.toMatchObject({ code: 'not-open' })
  })

  it('gives nothing of a document that was locked away meanwhile', async () => {
    const { fake, shell } = await opened()
    let isLocked: Promise<void> = Promise.resolve()
    fake.print = async () => {
      isLocked = shell.replaceWindowProcess()
      return Buffer.from('%PDF-')
    }
    await expect(shell.printPdf()).rejects.toMatchObject({ code: 'refused' })
    await isLocked
  })
})

describe('locking', () => {
  it('leads the window to another site and back, and forgets the way', async () => {
    const { fake, shell } = await opened()
    fake.take()
    const before = fake.processId
    await shell.replaceWindowProcess()
    expect(fake.take()).toEqual([
      ['webContents.loadURL', BLANK],
      ['webContents.loadURL', HOME],
      ['navigationHistory.clear'],
    ])
    expect(fake.processId).not.toBe(before)
    expect(shell.isKnownWindow(`7/${fake.processId}`)).toBe(true)
    expect(shell.isKnownWindow(`7/${before}`)).toBe(false)
  })

  it('refuses the old document from that very moment, and tells it nothing more', async () => {
    const { fake, shell } = await opened()
    const before = fake.processId
    fake.load = async () => {
      expect(shell.isKnownWindow(`7/${before}`)).toBe(false)
    }
    const replaced = shell.replaceWindowProcess()
    expect(shell.isKnownWindow(`7/${before}`)).toBe(false)
    fake.take()
    shell.send('a snapshot')
    expect(fake.take()).toEqual([])
    await replaced
  })

  it('twice at once is done one after the other', async () => {
    const { fake, shell } = await opened()
    fake.take()
    await Promise.all([shell.replaceWindowProcess(), shell.replaceWindowProcess()])
    const urls = fake.take().flatMap(([what, url]) => (what === 'webContents.loadURL' ? [url] : []))
    expect(urls).toEqual([BLANK, HOME, BLANK, HOME])
    expect(shell.isKnownWindow(`7/${fake.processId}`)).toBe(true)
  })

  it.each<[string, (fake: FakeElectron) => void]>([
    ['keeps its process', (fake) => void (fake.keepsProcess = true)],
    ['does not load', (fake) => void (fake.load = () => Promise.reject(new Error('ERR_FAILED')))],
  ])('ends a window that %s', async (_what, spoil) => {
    const { fake, shell } = await opened()
    spoil(fake)
    await expect(shell.replaceWindowProcess()).rejects.toMatchObject({ name: 'ShellError' })
    expect(fake.isDestroyed).toBe(true)
    await shell.closed
  })
})

describe('a window that is led astray', () => {
  it.each<[string, (fake: FakeElectron) => void]>([
    ['to another site', (fake) => fake.contents.emit('did-navigate', {}, 'https://example.com/', 200, 'OK')],
    [
      'to a page that does not load',
      (fake) => fake.contents.emit('did-fail-load', {}, -2, 'FAILED', 'file:///x', true),
    ],
    ['to another of our files', (fake) => fake.contents.emit('did-navigate', {}, `${HOME}index.html`, 200, 'OK')],
  ])('%s comes home', async (_where, lead) => {
    const { fake } = await opened()
    fake.take()
    lead(fake)
    expect(fake.take()).toEqual([['webContents.loadURL', HOME]])
  })

  it.each<[string, unknown[]]>([
    ['a load that another one replaced', ['did-fail-load', {}, -3, 'ABORTED', HOME, true]],
    ['a load in a frame', ['did-fail-load', {}, -2, 'FAILED', 'https://example.com/', false]],
    ['our own page', ['did-navigate', {}, HOME, 200, 'OK']],
  ])('is not one after %s', async (_what, [name, ...given]) => {
    const { fake } = await opened()
    fake.take()
    fake.contents.emit(String(name), ...given)
    expect(fake.take()).toEqual([])
  })

  it('and cannot come home is given up after five times', async () => {
    const { fake } = await opened()
    fake.load = () => Promise.reject(new Error('ERR_FAILED'))
    fake.take()
    for (let time = 0; time < 9; time++) fake.contents.emit('did-fail-load', {}, -2, 'FAILED', HOME, true)
    expect(fake.take()).toHaveLength(5)
  })
})

it('tells of a crashed window, and loads it again', async () => {
  const { fake, presences } = await opened()
  fake.take()
  fake.contents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 11 })
  expect(presences).toEqual(['window-crashed'])
  expect(fake.take()).toEqual([['webContents.loadURL', HOME]])
})

it('tells that somebody is there by what a person does, not by what happens, and not all the time', async () => {
  const { fake, presences } = await opened()
  for (const type of ['mouseEnter', 'mouseLeave', 'gestureScrollEnd', 'char'])
    fake.contents.emit('input-event', {}, { type })
  expect(presences).toEqual([])
  for (const type of ['mouseMove', 'mouseDown', 'rawKeyDown']) fake.contents.emit('input-event', {}, { type })
  expect(presences).toEqual(['active'])
})
