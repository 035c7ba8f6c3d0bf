import { expect } from '@playwright/test'
import { readPdf, squeezed } from '../pdf.ts'
import type { ShellApp } from '../shell-driver.ts'
import { outcomeOf, test } from './fixture.ts'

// What a shell does for an app, against the small app in fixture/: one for all tests that leave it as they found it, and
// one of their own where it matters what was printed before.

let shared: ShellApp
test.beforeAll(async ({ shell, program }) => {
  shared = await shell.start({ program })
})
test.afterAll(() => shared.close())

test.describe('the contract', () => {
  test('carries calls with bytes, errors by code, and events', async () => {
    expect(
      await outcomeOf(shared.page, 'client.echo.bytes({ bytes: Uint8Array.of(1, 255) }).then((r) => [...r.bytes])'),
    ).toEqual([1, 255])
    expect(await outcomeOf(shared.page, "client.echo.fail('ours')")).toBe('not-yet')
    expect(await outcomeOf(shared.page, "client.echo.fail('foreign')")).toBe('internal')
    await shared.page.evaluate('client.echo.tick(7)')
    expect(await shared.page.evaluate('ticks')).toEqual([7])
  })

  test('leaves the page nothing of the browser but a transport for texts', async () => {
    expect(
      await shared.page.evaluate('[typeof __lockboxSend, Object.keys(lockbox), Object.isFrozen(lockbox)]'),
    ).toEqual(['undefined', ['send', 'listen'], true])
  })
})

test.describe('what the shell does for main', () => {
  test('puts a text on the clipboard, and takes only its own away', async () => {
    expect(await outcomeOf(shared.page, "client.shell.copy('first')")).toBeUndefined()
    expect(await outcomeOf(shared.page, 'client.shell.clearClipboard()')).toBe(true)
    expect(await outcomeOf(shared.page, "client.shell.copy('second')")).toBeUndefined()
    await shared.copyElsewhere('of somebody else')
    expect(await outcomeOf(shared.page, 'client.shell.clearClipboard()')).toBe(false)
    expect(
      await shared.page.evaluate("navigator.permissions.query({ name: 'clipboard-read' }).then((p) => p.state)"),
    ).toBe('denied')
  })

  test('saves where a person says, or not at all', async () => {
    const saved = await shared.whileSaving(async () => {
      expect(await outcomeOf(shared.page, "client.shell.save({ name: 'case.lbx', bytes: Uint8Array.of(1, 2) })")).toBe(
        true,
      )
      expect(await outcomeOf(shared.page, "client.shell.save({ name: 'no.lbx', bytes: Uint8Array.of(3) })")).toBe(false)
    })
    expect([...saved]).toEqual([['case.lbx', [1, 2]]])
  })

  test('makes a PDF of the window, in which text is text, tagged for screen readers', async () => {
    const bytes = await shared.page.evaluate<number[]>('client.shell.print().then((b) => [...b])')
    const pdf = readPdf(Uint8Array.from(bytes))
    expect(pdf).toMatchObject({ isTagged: true, title: 'Lockbox' })
    expect(pdf.pages.join('')).toContain(squeezed('A window for tests'))
  })

  test('shows a notification without asking', async () => {
    expect(await outcomeOf(shared.page, 'client.shell.notify()')).toBeUndefined()
  })

  test('runs a worker that sees no arguments and no environment of ours', async ({ shell }) => {
    const seen: unknown = JSON.parse(
      await shared.page.evaluate('client.shell.work(Uint8Array.of(1, 2, 3)).then((b) => new TextDecoder().decode(b))'),
    )
    expect(seen).toEqual({ arguments: 2, environment: shell.workerEnvironment, backwards: [3, 2, 1] })
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
