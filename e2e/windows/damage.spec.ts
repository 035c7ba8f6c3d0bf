import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { LanCarrier } from '../../main/exchange/carrier.ts'
import { PartyActor } from '../drill/party-actor.ts'
import { readAloud } from '../drill/story.ts'
import { dialog, go, headline, LONG } from '../drill/window-hands.ts'
import { newWorld, type World } from '../in-process/world.ts'
import { axeFindsNothing } from './axe.ts'
import { cardsOf, introduce, Seat } from './organization.ts'

// Ana's journal is damaged while her app is off: what her window says, and that what it promises is so. The others, whose
// apps have no window here, are on the LAN and have what she lost.

test.describe.configure({ mode: 'serial' })

const GO_ON = 'Go on, and keep the damage on record'
let world: World
let ana: Seat
let raj: PartyActor
let journal: string
/** Where in the journal the record of Raj's plan lies. */
let plan: { from: number; to: number }
let loss: string

test.beforeAll(async () => {
  world = await newWorld(900)
  ana = await Seat.take(world.dir, 'Ana Ruiz')
  journal = join(ana.profile, 'vault', 'journal')
  const carrier = () => new LanCarrier([], { host: '127.0.0.1', discover: false })
  const arrive = async (name: string) => new PartyActor(await world.arrive(name, { carrier }))
  raj = await arrive('Raj Patel')
  const others = [raj, await arrive('Mia Wong'), await arrive('Leo Novak')]
  const actors = [ana.actor, ...others]
  await Promise.all(actors.map((actor) => actor.setUp()))
  const draft = await ana.actor.found('Example Bank', await cardsOf(actors))
  await Promise.all(others.map((actor) => actor.readDraft(draft)))
  const heard = await readAloud(actors)
  for (const actor of actors) await actor.endorseFounding(heard)
  await introduce(actors)
  await Promise.all(actors.map((actor) => actor.founded()))
  await ana.actor.reaches(3)
})
test.afterEach(async () => {
  const info = test.info()
  if (info.status !== info.expectedStatus)
    await writeFile(info.outputPath('ana.txt'), await ana.page.locator('body').ariaSnapshot())
})
test.afterAll(async () => {
  await ana.app.close()
  await world.close()
})

const mayGoOn = (page: Page) => page.getByRole('button', { name: GO_ON })
const mayEndorse = (page: Page) => page.getByRole('button', { name: /^Endorse the plan/ })

async function unlock(page: Page): Promise<void> {
  await headline(page, 'Lockbox is locked')
  await page.getByRole('button', { name: 'Unlock with my key' }).click()
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible(LONG)
}

test('a record that was altered while the app was off is named, and nothing is recorded until its owner decides', async () => {
  const { size } = await stat(journal)
  await raj.proposePlan(world.sandbox, 2)
  await go(ana.page, 'Credentials')
  await expect(mayEndorse(ana.page)).toBeVisible(LONG)
  plan = { from: size, to: (await stat(journal)).size }

  await ana.killAndRestart(async () => {
    const bytes = await readFile(journal)
    const middle = Math.floor((plan.from + plan.to) / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    await writeFile(journal, bytes)
  })
  const { page } = ana
  await unlock(page)
  const named = page.getByText(
    /^This device’s log is damaged: record \d+ was altered on the disk and cannot be read\.$/,
  )
  await expect(named).toBeVisible(LONG)
  loss = /record \d+ [^.]*/.exec((await named.textContent()) ?? '')?.[0] ?? ''
  await expect(page.getByText('Until you decide, nothing new is recorded on this device.')).toBeVisible()
  await axeFindsNothing(page, 'a damaged log')
  const before = await readFile(journal)

  await go(page, 'Credentials')
  await expect(mayEndorse(page)).toHaveCount(0)
  // Resolves when the panel is closed again.
  const tried = ana.actor.proposePlan(world.sandbox, 2)
  // Nothing can be recorded; the key is not even asked.
  await expect(dialog(page)).toContainText('This device’s log is damaged, and nobody has decided to go on.', LONG)
  await dialog(page).getByRole('button', { name: 'Close' }).click()
  await tried
  // What the others have of the plan came meanwhile, and was not taken in either.
  await expect(page.getByText('Until you decide, nothing new is recorded on this device.')).toBeVisible()
  expect((await readFile(journal)).equals(before)).toBe(true)
})

test('going on is recorded: the others send what they have, and the log names what is missing', async () => {
  const { page } = ana
  await mayGoOn(page).click()
  await expect(mayGoOn(page)).toHaveCount(0, LONG)
  await expect(page.getByText('This device’s log is damaged')).toHaveCount(0)
  await go(page, 'Credentials')
  await expect(mayEndorse(page)).toBeVisible(LONG)
  await ana.actor.endorsePlan()
  await raj.endorsePlan()
  await ana.actor.planInEffect()
  await go(page, 'Log')
  await expect(page.getByText(`This device’s log has lost something: ${loss}.`)).toBeVisible(LONG)
  await axeFindsNothing(page, 'log, with a loss')
})

test('after the next start nobody is asked again, and the log still names what is missing', async () => {
  await ana.killAndRestart()
  const { page } = ana
  await unlock(page)
  await ana.actor.planInEffect()
  await expect(mayGoOn(page)).toHaveCount(0)
  await expect(page.getByText('This device’s log is damaged')).toHaveCount(0)
  await go(page, 'Log')
  await expect(page.getByText(`This device’s log has lost something: ${loss}.`)).toBeVisible(LONG)
})
