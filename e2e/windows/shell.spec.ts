import { expect } from '@playwright/test'
import { outcomeOf, test } from './fixture.ts'

// What the browser shell does for an app, against the small app in fixture/.

test.describe('the contract', () => {
  test('carries calls with bytes, errors by code, and events', async ({ app }) => {
    expect(
      await outcomeOf(app.page, 'client.echo.bytes({ bytes: Uint8Array.of(1, 255) }).then((r) => [...r.bytes])'),
    ).toEqual([1, 255])
    expect(await outcomeOf(app.page, "client.echo.fail('ours')")).toBe('not-yet')
    expect(await outcomeOf(app.page, "client.echo.fail('foreign')")).toBe('internal')
    await app.page.evaluate('client.echo.tick(7)')
    expect(await app.page.evaluate('ticks')).toEqual([7])
  })

  test('leaves the page nothing of the browser but a transport for texts', async ({ app }) => {
    expect(await app.page.evaluate('[typeof __lockboxSend, Object.keys(lockbox), Object.isFrozen(lockbox)]')).toEqual([
      'undefined',
      ['send', 'listen'],
      true,
    ])
  })
})

test.describe('what the shell does for main', () => {
  test('puts a text on the clipboard, and takes only its own away', async ({ app }) => {
    expect(await outcomeOf(app.page, "client.shell.copy('first')")).toBeUndefined()
    expect(await outcomeOf(app.page, 'client.shell.clearClipboard()')).toBe(true)
    expect(await outcomeOf(app.page, "client.shell.copy('second')")).toBeUndefined()
    await app.page.evaluate("navigator.clipboard.writeText('of somebody else')")
    expect(await outcomeOf(app.page, 'client.shell.clearClipboard()')).toBe(false)
    expect(
      await app.page.evaluate("navigator.permissions.query({ name: 'clipboard-read' }).then((p) => p.state)"),
    ).toBe('denied')
  })

  test('opens the file that a person picks, if it is not too large', async ({ app }) => {
    const file = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('grüße') }
    for (const [maxBytes, outcome] of [
      [100, 'note.txt: grüße'],
      [3, 'file-too-large'],
    ] as const) {
      const chooser = app.page.waitForEvent('filechooser')
      const opened = outcomeOf(app.page, `client.shell.open({ maxBytes: ${maxBytes} })`)
      await (await chooser).setFiles(file)
      expect(await opened).toBe(outcome)
    }
  })

  test('saves where a person says, or not at all', async ({ app }) => {
    // The dialog is the system's; what the page gives it and does after is ours.
    await app.page.evaluate(() => {
      const written: unknown[] = []
      const showSaveFilePicker = ({ suggestedName }: { suggestedName: string }) =>
        suggestedName === 'no.lbx'
          ? Promise.reject(new DOMException('', 'AbortError'))
          : Promise.resolve({
              createWritable: () => ({
                write: (bytes: Uint8Array) => written.push(suggestedName, ...bytes),
                close: () => written.push('closed'),
              }),
            })
      Object.assign(globalThis, { written, showSaveFilePicker })
    })
    expect(await outcomeOf(app.page, "client.shell.save({ name: 'case.lbx', bytes: Uint8Array.of(1, 2) })")).toBe(true)
    expect(await outcomeOf(app.page, "client.shell.save({ name: 'no.lbx', bytes: Uint8Array.of(3) })")).toBe(false)
    expect(await app.page.evaluate('written')).toEqual(['case.lbx', 1, 2, 'closed'])
  })

  test('may show a notification without asking', async ({ app }) => {
    expect(await outcomeOf(app.page, 'client.shell.notify()')).toBeUndefined()
    expect(await outcomeOf(app.page, 'Notification.permission')).toBe('granted')
  })

  test('runs a worker that sees no arguments and no environment of ours', async ({ app }) => {
    const seen: unknown = JSON.parse(
      await app.page.evaluate('client.shell.work(Uint8Array.of(1, 2, 3)).then((b) => new TextDecoder().decode(b))'),
    )
    expect(seen).toEqual({ arguments: 2, environment: ['PWD'], backwards: [3, 2, 1] })
  })

  test('tells when the screen is locked, and not that it always was', async ({ app }) => {
    await app.setPresence({ isUserActive: true, isScreenUnlocked: true })
    await app.setPresence({ isUserActive: true, isScreenUnlocked: false })
    await app.printed('presence screen-locked')
    await app.setPresence({ isUserActive: true, isScreenUnlocked: true })
    await app.printed('presence screen-unlocked')
  })

  test('tells that somebody is there', async ({ app }) => {
    await app.page.mouse.move(10, 10)
    await app.page.mouse.down()
    await app.printed('presence active')
  })
})
