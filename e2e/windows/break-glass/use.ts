import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, type Page, test } from '@playwright/test'
import { standingOf } from '../../../main/issuers/aws/identity.ts'
import { clipboardOf, copyElsewhere } from '../../clipboard.ts'
import { dialog, go, goToEntries, headline, LONG } from '../../drill/window-hands.ts'
import { isRunning } from '../../processes.ts'
import { sessionFromLines } from '../../session-lines.ts'
import { axeFindsNothing } from '../axe.ts'
import { BACKUP } from '../hand.ts'
import { leftInWindow } from '../leftovers.ts'
import type { Organization } from '../organization.ts'
import { PICTURE, takePicture } from '../pictures.ts'
import { wipeDatabases } from '../stored-rows.ts'

let copiedAt = 0
let shell = 0
let handedLines = ''

/** Ana uses what was granted, and Raj leaves his app alone. */
export function using(people: () => Organization): void {
  test('session: a profile by which programs get it, each time counted, and a link into the console', async () => {
    const { ana, world } = people()
    const { page } = ana
    await ana.actor.granted()
    const profile = (await page.locator('pre').textContent()) ?? ''
    const command = /^credential_process = (.*)$/m.exec(profile)?.[1] ?? ''
    // As the SDKs start it, with nothing around it that could help.
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], { env: {} })
    const { AccessKeyId, SecretAccessKey } = JSON.parse(stdout) as Record<string, string>
    await expect(page.getByText(AccessKeyId ?? '')).toBeVisible()
    await expect(page.getByText('Given to programs once since Lockbox started, last at')).toBeVisible()
    expect(await leftInWindow(page, SecretAccessKey ?? '')).toEqual([])
    await page.getByRole('button', { name: 'Copy AWS CLI profile' }).click()
    await expect.poll(() => clipboardOf(page)).toBe(profile)
    await page.getByRole('button', { name: 'Copy console link' }).click()
    await expect(page.getByText('The session is in the clipboard. It is cleared in')).toBeVisible()
    const link = await clipboardOf(page)
    expect(link.startsWith(`${world.sandbox.signIn}/federation?Action=login&`)).toBe(true)
    expect((await fetch(link, { redirect: 'manual' })).status).toBe(302)
    expect(await leftInWindow(page, new URL(link).searchParams.get('SigninToken') ?? '')).toEqual([])
  })

  test('session: the countdown, environment lines to copy, and AWS knows who it is', async () => {
    const { ana, world } = people()
    const { page } = ana
    await ana.actor.granted()
    const timer = page.getByRole('timer', { name: 'Time left' })
    await expect(timer).toHaveText(/^1[45]:\d\d$/)
    const first = await timer.textContent()
    await expect(timer).not.toHaveText(first ?? '')
    await page.getByRole('button', { name: 'Copy as environment' }).click()
    await expect(page.getByText('The session is in the clipboard. It is cleared in')).toBeVisible()
    copiedAt = performance.now()
    handedLines = await clipboardOf(page)
    const { standing } = await standingOf(sessionFromLines(handedLines), world.sandbox.regions[0]?.endpoint ?? '')
    expect(standing).toBe('alive')
    const { secretAccessKey } = sessionFromLines(handedLines)
    expect(await leftInWindow(page, secretAccessKey)).toEqual([])
    await axeFindsNothing(page, 'session')
    await takePicture(page, 'session')
    await people().raj.page.getByRole('button', { name: 'Open the case' }).first().click()
    await axeFindsNothing(people().raj.page, 'case, granted')
  })

  test('Raj leaves his app alone, set to lock after one minute of idle time …', async () => {
    const { app, page } = people().raj
    await go(page, 'Settings')
    await page.getByRole('radio', { name: '1 min', exact: true }).click()
    await expect(page.getByText('Lockbox locks after 1 min without anybody.').first()).toBeVisible()
    await go(page, 'Cases')
    await expect(page.getByRole('main')).toContainText('for Ana Ruiz')
    await page.evaluate(() => Object.assign(globalThis, { ofTheOldDocument: 'still here' }))
    await app.setPresence({ isUserActive: false, isScreenUnlocked: true })
  })
}

/** A minute after Ana copied the session and Raj left: what ends by itself, by `kill -9`, and by hand. */
export function aMinuteLater(people: () => Organization): void {
  test('the clipboard is cleared after 60 s, as it is still ours', async () => {
    const { page } = people().ana
    // The app takes the permission to read away when it has cleared it, and that may be while we read.
    const left = () => clipboardOf(page).catch(() => handedLines)
    await expect.poll(left, { timeout: 75_000 }).not.toBe(handedLines)
    expect(await clipboardOf(page)).toBe('')
    const seconds = (performance.now() - copiedAt) / 1000
    expect(seconds).toBeGreaterThan(59)
  })

  test('… lock by idle time: the window’s document is replaced and shows no content, and either key unlocks', async () => {
    const { page, hand } = people().raj
    await expect(page.getByText('Nobody used it for a while.')).toBeVisible({ timeout: 75_000 })
    expect(await page.evaluate(() => 'ofTheOldDocument' in globalThis)).toBe(false)
    await expect(page.locator('body')).not.toContainText('Ana Ruiz')
    await axeFindsNothing(page, 'unlock')
    hand.take(BACKUP)
    await page.getByRole('button', { name: 'Unlock with my key' }).click()
    await expect(page.getByRole('main')).toContainText('for Ana Ruiz')
  })

  test('kill -9 and restart: case list and session come back after unlock; a wiped IndexedDB is filled again and says so', async () => {
    const { ana } = people()
    const before = await leftOf(ana.page)
    await ana.killAndRestart(async () => {
      expect(await wipeDatabases(ana.profile)).toBeGreaterThan(0)
    })
    const { page, hand } = ana
    await page.setViewportSize(PICTURE)
    await headline(page, 'Lockbox is locked')
    await expect(page.locator('body')).not.toContainText('payments')
    hand.take(BACKUP)
    await page.getByRole('button', { name: 'Unlock with my key' }).click()
    await go(page, 'Cases')
    await expect(page.getByRole('main').getByText('for Ana Ruiz')).toHaveCount(2)
    await axeFindsNothing(page, 'cases')
    expect(await leftOf(page)).toBeLessThan(before)
    await goToEntries(page)
    await expect(page.locator('.note', { hasText: 'This window’s copy of the log was empty' })).toBeVisible(LONG)
  })

  test('a recorded terminal: a shell in the window that has the session, and a way out of it by keyboard', async () => {
    const { page } = people().ana
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await go(page, 'Now')
    await page.getByRole('button', { name: 'Open my session' }).click()
    await page.getByRole('button', { name: 'Open a recorded terminal' }).click()
    const screen = page.locator('.xterm-rows')
    // Its prompt, whatever it is on this computer.
    await expect(screen).toHaveText(/\S/, LONG)
    await page.keyboard.type('echo "shell $$ has $AWS_ACCESS_KEY_ID."\n')
    await expect(screen).toContainText(/shell \d+ has ASIA\w+\./, LONG)
    shell = Number(/shell (\d+) has/.exec((await screen.textContent()) ?? '')?.[1])
    expect(isRunning(shell)).toBe(true)
    await axeFindsNothing(page, 'recorded terminal')
    await page.keyboard.press('Control+Shift+L')
    await expect(page.getByRole('button', { name: 'Type in the terminal' })).toBeFocused()
    // Whoever looks elsewhere and comes back finds the same shell, and what it showed.
    await page.getByRole('button', { name: 'Back to the session' }).click()
    await page.getByRole('button', { name: 'Back to the terminal' }).click()
    await expect(screen).toContainText(`shell ${shell} has`, LONG)
    // Two billion lines to scroll, tabs and repetitions would keep the window busy for minutes.
    await page.keyboard.type('printf "x\\033[2147483647S\\033[2147483647b\\033[2147483647I\\n"; echo "the same $$"\n')
    await expect(screen).toContainText(`the same ${shell}`, LONG)
    expect(complaints).toEqual([])
  })

  test('“I am done” ends the session at once; what others put on the clipboard stays', async () => {
    const { page } = people().ana
    await go(page, 'Now')
    await page.getByRole('button', { name: 'Open my session' }).click()
    await page.getByRole('button', { name: 'Copy as environment' }).click()
    await expect.poll(() => clipboardOf(page)).toBe(handedLines)
    await copyElsewhere(page, 'of somebody else')
    await page.getByRole('button', { name: 'I am done' }).click()
    await axeFindsNothing(page, 'end of a session')
    await dialog(page).getByRole('button', { name: 'End the session now' }).click()
    await expect(page.getByRole('button', { name: 'Copy as environment' })).toHaveCount(0, LONG)
    // The app looks whether it is still its own, and takes the permission to read away again, maybe while we read.
    await expect.poll(() => clipboardOf(page).catch(() => 'cannot be read now')).toBe('of somebody else')
    await go(page, 'Cases')
    await axeFindsNothing(page, 'cases, ended')
    await page
      .getByRole('button', { name: /prod-root for Ana Ruiz/ })
      .first()
      .click()
    await axeFindsNothing(page, 'case, ended')
  })

  test('the shell died with the session, and what was recorded is played in the case, by others too', async () => {
    await expect.poll(() => isRunning(shell), { timeout: 10_000 }).toBe(false)
    for (const { page } of [people().ana, people().raj]) {
      await go(page, 'Cases')
      await page
        .getByRole('button', { name: /prod-root for Ana Ruiz/ })
        .first()
        .click()
      await page.getByRole('button', { name: 'Show the recording' }).click(LONG)
      await page.getByRole('button', { name: 'Show to its end' }).click(LONG)
      const played = page.getByRole('group', { name: 'What the terminal showed' })
      await expect(played.locator('.xterm-rows')).toContainText(`the same ${shell}`, LONG)
      await expect(page.getByText('The session was over.')).toBeVisible()
      await axeFindsNothing(page, 'case, recorded')
    }
  })
}

/** Seconds left of the session, as Now shows them. */
async function leftOf(page: Page): Promise<number> {
  await go(page, 'Now')
  const text = await page.getByRole('timer', { name: 'Time left' }).textContent(LONG)
  const [, minutes, seconds] = /(\d+):(\d\d)/.exec(text ?? '') ?? []
  return Number(minutes) * 60 + Number(seconds)
}
