import { writeFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { standingOf } from '../../main/issuers/aws/identity.ts'
import { denialOf } from '../../main/issuers/aws/refused.ts'
import { headline, LONG } from '../drill/window-hands.ts'
import { agree, deposit, found, newWorld, planForm, type World } from '../in-process/world.ts'
import { sessionFromLines } from '../session-lines.ts'
import { Laptop } from './filmed/laptop.ts'

// A whole break-glass by screens and cameras alone: real windows that show codes, and are filmed as they are, point by point; each
// film is what another window’s camera sees. Before it everybody met in one process; the windows have never met. Each test goes
// on where the one before ended.

// On a busy machine cameras and screens are slow.
test.describe.configure({ mode: 'serial', timeout: 240_000 })

let world: World
let ana: Laptop
/** Approves, and issues; only this laptop reaches AWS. */
let raj: Laptop
let mia: Laptop
const laptops = () => [ana, raj, mia].filter((one) => one !== undefined)

test.beforeAll(async () => {
  world = await newWorld(900)
  const { dir, sandbox } = world
  const parties = []
  // The windows take over what these apps leave, and would find it a copy otherwise.
  for (const name of ['Ana', 'Raj', 'Mia', 'Leo']) parties.push(await world.arrive(name, { knowsCopies: true }))
  for (const party of parties) await party.setUp()
  await found(parties)
  const [first] = parties
  if (first === undefined) throw new Error('nobody came')
  const form = await planForm(first, sandbox, 2)
  const [issuer] = (await first.snapshot()).people.filter(({ name }) => name === 'Raj')
  const { iam, revoker } = sandbox.aftercare
  const plan = await agree(parties, {
    ...form,
    // Without a network nobody can acknowledge a record while the credential waits.
    witness: 'waived',
    issuers: issuer === undefined ? [] : [issuer.member],
    access: { ...form.access, aftercare: { iam, revoker } },
  })
  await deposit(parties, first, plan, sandbox.accessKey)
  const entries = await Promise.all(parties.map(async (party) => (await party.snapshot()).log.entries))
  await Promise.all(parties.map((party) => party.quit()))
  // Leo is in an airport; without him nobody could review what Ana asks for.
  const opened = parties.slice(0, 3).map((party, at) => Laptop.open(party, dir, entries[at] ?? 0))
  ;[ana, raj, mia] = (await Promise.all(opened)) as [Laptop, Laptop, Laptop]
})
test.afterEach(async () => {
  const info = test.info()
  if (info.status === info.expectedStatus) return
  for (const { name, page } of laptops())
    await writeFile(info.outputPath(`${name}.txt`), await page.locator('body').ariaSnapshot())
})
test.afterAll(async () => {
  await Promise.all(laptops().map(({ app }) => app.close()))
  await world.close()
})

test('the windows have no way to each other', async () => {
  for (const laptop of laptops()) await laptop.isAlone(3)
})

test('the request goes from Ana’s screen into two cameras', async () => {
  await ana.actor.ask('Nobody can sign in since 02:40, and the network is gone too.')
  const film = await ana.film()
  for (const laptop of [raj, mia]) await laptop.scan(film, 'Ana')
})

test('approvals go from screen to screen, and at the quorum the issuing device is ready', async () => {
  await mia.actor.approve()
  await raj.scan(await mia.film(), 'Mia')
  await raj.actor.approve()
  await raj.openCase()
  await expect(raj.page.getByText('1 of 2 shares released')).toBeVisible(LONG)
  await mia.scan(await raj.film(), 'Raj')
})

test('the share goes to the issuing device, and the session, sealed, into Ana’s camera', async () => {
  await mia.openCase()
  await expect(mia.page.getByText('2 of 2 shares released')).toBeVisible(LONG)
  await raj.scan(await mia.film(), 'Mia')
  await raj.openCase()
  await expect(raj.page.getByText('handed the session over, sealed to whoever asked')).toBeVisible(LONG)
  await headline(ana.page, /^Waiting for 2 more/)
  await ana.scan(await raj.film(), 'Raj')
  await ana.actor.granted()
})

let session: ReturnType<typeof sessionFromLines>
const endpoint = () => world.sandbox.regions[0]?.endpoint ?? ''

test('Ana uses the session, and AWS knows who it is', async () => {
  session = sessionFromLines(await ana.actor.copySession())
  expect((await standingOf(session, endpoint())).standing).toBe('alive')
  expect((await denialOf(session, endpoint())).is).toBe('not-denied')
})

test('its end goes to the issuing device, which has AWS deny it', async () => {
  await ana.actor.end()
  await raj.scan(await ana.film(), 'Ana')
  await raj.openCase()
  await expect(raj.page.getByText(/denied the session at AWS at/)).toBeVisible(LONG)
  await expect.poll(async () => (await denialOf(session, endpoint())).is, LONG).toBe('denied')
})

test('that comes back, and then both say that it has ended', async () => {
  // Ana’s device sees it refused; that AWS was told so, by another’s word, bears it out.
  await ana.openCase()
  await expect(ana.page.getByText(/ended the session .*AWS refused a call/)).toBeVisible(LONG)
  await ana.scan(await raj.film(), 'Raj')
  await ana.actor.ended()
  await raj.scan(await ana.film(), 'Ana')
  await raj.actor.ended()
})

test('nothing came by another way, and the windows have still not met', async () => {
  for (const laptop of laptops()) await laptop.isAlone(3)
  expect(await ana.waysOfOthers()).toEqual(['by a code of Raj’s'])
  expect(await raj.waysOfOthers()).toEqual(['by a code of Ana’s', 'by a code of Mia’s'])
  expect(await mia.waysOfOthers()).toEqual(['by a code of Ana’s', 'by a code of Raj’s'])
})
