import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from '@playwright/test'
import { until } from '../driver.ts'
import { commandLine, holdsInMemory, isRunning, processesNaming, withDescendants } from '../processes.ts'
import { isAtHome, outcomeOf, test } from './fixture.ts'

// How a document, the window and the program end (docs/security.md), against the small app in fixture/.

test.describe('locking', () => {
  test('gives the window a new process, and nothing the old one held is left', async ({ app }) => {
    // Computed in the page, so that it exists nowhere else.
    await app.page.evaluate(
      'void (globalThis.kept = Uint8Array.from({ length: 512 }, (_, i) => (i * i * 31 + i * 167 + 13) & 255))',
    )
    const secret = Buffer.from(Uint8Array.from({ length: 512 }, (_, i) => (i * i * 31 + i * 167 + 13) & 255))
    const holders = () =>
      withDescendants(app.process.pid ?? 0).filter((pid) => pid !== app.process.pid && holdsInMemory(pid, secret))
    const before = holders()
    expect(before).toHaveLength(1)

    await app.page.evaluate('void client.shell.replaceProcess()').catch(() => {})
    await app.printed('replaced')
    await until(
      () => !before.some(isRunning),
      () => 'the old process stays',
    )
    expect(holders()).toEqual([])
    // Playwright may still have to hear of the new document.
    await expect(app.page.locator('#state')).toHaveText('ready')
    expect(await app.page.evaluate('typeof kept')).toBe('undefined')
    expect(await outcomeOf(app.page, 'client.echo.tick(2)')).toBeUndefined()
  })

  test('leaves no way back to the old document', async ({ app }) => {
    await app.page.evaluate("history.pushState({}, '', '/index.html')")
    await app.page.evaluate('void client.shell.replaceProcess()').catch(() => {})
    await app.printed('replaced')
    await app.page.goBack({ timeout: 2_000 }).catch(() => {})
    await isAtHome(app.page)
  })
})

test.describe('the end', () => {
  test('closing the window ends the program and the browser', async ({ app }) => {
    const all = withDescendants(app.process.pid ?? 0)
    expect(all.length).toBeGreaterThan(3)
    const ended = once(app.process, 'exit')
    await app.page.close()
    expect(await ended).toEqual([0, null])
    await until(
      () => !all.some(isRunning),
      () => 'processes stay',
    )
    expect(processesNaming(app.profile)).toEqual([])
  })

  test('killing the program ends the browser', async ({ app }) => {
    const all = withDescendants(app.process.pid ?? 0)
    await app.kill()
    await until(
      () => !all.some(isRunning),
      () => `processes stay: ${all.filter(isRunning).map(commandLine).join('\n')}`,
    )
    await until(
      () => processesNaming(app.profile).length === 0,
      () => 'a crash handler stays',
    )
  })

  test('a program that was killed starts again in the same profile', async ({ app, shell, program }) => {
    await app.page.evaluate("localStorage.setItem('kept', 'yes')")
    await app.kill()
    const again = await shell.start({ program, profile: app.profile })
    expect(await again.page.textContent('#state')).toBe('ready')
    await again.close()
  })

  test('a second start shows the window of the first, and ends', async ({ app, shell, program }) => {
    const [command, ...words] = shell.command(program, [`--profile=${app.profile}`])
    const second = spawn(command, words, {
      env: { ...process.env, ...shell.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = (await once(second.stdout, 'data')) as [Buffer]
    expect(said.toString()).toContain('the other one was focused')
    expect(await once(second, 'exit')).toEqual([0, null])
    await app.printed('focused')
    expect(app.page.context().pages()).toHaveLength(1)
  })
})
