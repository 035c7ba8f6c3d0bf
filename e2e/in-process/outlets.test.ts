import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newCa } from '../../main/outlets/testing/certificates.ts'
import { type Manner, streamReceiver, webhookReceiver } from '../../main/outlets/testing/receivers.ts'
import type { OutletForm } from '../../shared/outlets/settings.ts'
import { hostOf, SD_ID } from '../../shared/outlets/syslog.ts'
import { readSyslog } from '../../shared/outlets/testing/parsers.ts'
import { agree, deposit, found, type LocalParty, newWorld, planForm, type World } from './world.ts'

const idOf = (message: string) => readSyslog(message).data.get(SD_ID)?.get('id')
/** The statements of a party's ledger, in order. */
const ledgerOf = (party: LocalParty) => [...party.running.app.desk().device.store.ids()]
const once = (ids: readonly (string | undefined)[]) => [...new Set(ids)]
const outletOf = (party: LocalParty, name: string, so: (state: string) => boolean = () => true) =>
  party.until(`the outlet ${name}`, ({ outlets }) => outlets.find((one) => one.name === name && so(one.state)))

describe('outlets of running apps', () => {
  let world: World
  let parties: LocalParty[]
  let plan: string
  const manner: { now: Manner } = { now: 'stalls' }
  const good: { now: Manner } = { now: 'reads' }
  let isAnswering = false
  let secret: string | null
  let stalling: Awaited<ReturnType<typeof streamReceiver>>
  let reading: Awaited<ReturnType<typeof streamReceiver>>
  let hook: Awaited<ReturnType<typeof webhookReceiver>>

  beforeAll(async () => {
    const ca = await newCa()
    world = await newWorld(6)
    parties = await Promise.all(['Ana', 'Raj', 'Mia', 'Leo', 'Zoe'].map((name) => world.arrive(name)))
    for (const party of parties) await party.setUp()
    await found(parties)
    const [ana, , mia] = parties as [LocalParty, LocalParty, LocalParty]
    stalling = await streamReceiver(manner)
    reading = await streamReceiver(good, await ca.issue())
    hook = await webhookReceiver(
      (_, response) => {
        response.writeHead(isAnswering ? 200 : 503).end()
        return isAnswering
      },
      await ca.issue(),
    )
    const at = (port: number) => `127.0.0.1:${port}`
    const add = (party: LocalParty, form: Pick<OutletForm, 'name' | 'format' | 'to'>) =>
      party.call.outlets.add({ ...form, from: 'beginning' })
    // Mia's device issues, Ana asks: a way out that hangs is worst where the incident is.
    for (const party of [ana, mia])
      await add(party, { name: 'stalling', format: 'syslog', to: { via: 'tcp', address: at(stalling.port) } })
    await add(mia, { name: 'reading', format: 'syslog', to: { via: 'tls', address: at(reading.port), ca: ca.pem } })
    const url = `https://${at(hook.port)}/`
    secret = (await add(mia, { name: 'hook', format: 'jsonl', to: { via: 'webhook', url, ca: ca.pem } })).secret
  }, 120_000)
  afterAll(async () => {
    await world.close()
    for (const one of [stalling, reading, hook]) await one.close()
  })

  test('a webhook’s secret is told once, and stands in no snapshot', async () => {
    const [, , mia] = parties as [LocalParty, LocalParty, LocalParty]
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(JSON.stringify(await mia.snapshot())).not.toContain((secret as string).slice(6))
  })

  test('a case goes its way while one way out hangs and another refuses', async () => {
    const [ana, raj, mia, leo, zoe] = parties as [LocalParty, LocalParty, LocalParty, LocalParty, LocalParty]
    plan = await agree(parties, await planForm(ana, world.sandbox, 3))
    await deposit(parties, ana, plan, world.sandbox.accessKey)
    await ana.sign(
      ana.call.cases.request({
        plan,
        purpose: 'access',
        emergency: 'identity-provider-down',
        what: 'Nobody can sign in',
        reference: 'INC-1',
        seconds: 900,
      }),
    )
    const id = await raj.until('the request', ({ cases }) => cases[0]?.id)
    for (const party of [raj, leo, zoe]) {
      await party.until('the request', ({ cases }) => cases.some((one) => one.id === id))
      await party.sign(party.call.cases.decide({ request: id, verdict: 'approve', reason: '' }))
    }
    await ana.until('the session', ({ sessions }) => sessions.find(({ here }) => here))
    await ana.until('the end', ({ cases }) => cases.find(({ grant }) => typeof grant?.endedAt === 'number'))
    expect(stalling.attempts()).toBeGreaterThan(0)
    expect(stalling.messages).toEqual([])
    expect(await outletOf(mia, 'hook', (state) => state === 'waiting')).toMatchObject({ trouble: 'it answered 503' })
  })

  test('what the one that reads got is the whole ledger, in order', async () => {
    const [, , mia] = parties as [LocalParty, LocalParty, LocalParty]
    const { delivered, total } = await outletOf(mia, 'reading', (state) => state === 'up-to-date')
    expect(delivered).toBe(total)
    expect(once(reading.messages.map(idOf))).toEqual(ledgerOf(mia))
    expect(reading.messages.map((message) => readSyslog(message).messageId)).toContain('grant')
  })

  test('after a kill each goes on where it was, or a little before: no gap, in order', async () => {
    const [, , mia] = parties as [LocalParty, LocalParty, LocalParty]
    const before = reading.messages.length
    await mia.kill()
    manner.now = 'reads'
    isAnswering = true
    await mia.revive()
    for (const name of ['stalling', 'reading', 'hook']) await outletOf(mia, name, (state) => state === 'up-to-date')
    const ledger = ledgerOf(mia)
    const host = hostOf(mia.running.app.desk().device.id)
    const own = stalling.messages.filter((message) => readSyslog(message).host === host)
    expect(once(own.map(idOf))).toEqual(ledger)
    expect(once(hook.messages.map((line) => (JSON.parse(line) as { id: string }).id))).toEqual(ledger)
    expect(once(reading.messages.map(idOf))).toEqual(ledger)
    // What was acknowledged and kept is not sent anew.
    expect(reading.messages.length - before).toBeLessThan(ledger.length)
  })

  test('while it is locked nothing goes out, and after the next unlock what came meanwhile does', async () => {
    const [, , mia] = parties as [LocalParty, LocalParty, LocalParty]
    await outletOf(mia, 'hook', (state) => state === 'up-to-date')
    await mia.call.vault.lock()
    const [tcp, calls] = [reading.attempts(), hook.attempts()]
    const { outlets } = await mia.until('the lock', (snapshot) => snapshot.vault.status === 'locked' && snapshot)
    expect(outlets).toEqual([])
    const [, raj] = parties as [LocalParty, LocalParty]
    await raj.sign(changedPeople(raj))
    expect([reading.attempts(), hook.attempts()]).toEqual([tcp, calls])
    await mia.unlock()
    await mia.until('the change', ({ drafts }) => drafts.length === 1)
    await mia.until('it to go out', ({ outlets }) => outlets.every(({ state }) => state === 'up-to-date'))
    expect(once(hook.messages.map((line) => (JSON.parse(line) as { id: string }).id))).toEqual(ledgerOf(mia))
  })

  test('one that was added while the vault locked works from the next unlock on', async () => {
    const [, , , , zoe] = parties as [LocalParty, LocalParty, LocalParty, LocalParty, LocalParty]
    const other = await streamReceiver(good)
    const { outlets } = zoe.running.app.desk()
    const adding = outlets.add({
      name: 'late',
      format: 'syslog',
      to: { via: 'tcp', address: `127.0.0.1:${other.port}` },
      from: 'beginning',
    })
    await outlets.close()
    const { id } = await adding
    await expect(outlets.tryNow(id)).rejects.toMatchObject({ code: 'not-found' })
    expect(other.attempts()).toBe(0)
    await zoe.call.vault.lock()
    await zoe.unlock()
    await outletOf(zoe, 'late', (state) => state === 'up-to-date')
    expect(once(other.messages.map(idOf))).toEqual(ledgerOf(zoe))
    await other.close()
  })

  test('one that was removed stays away, also after a restart', async () => {
    const [, , mia] = parties as [LocalParty, LocalParty, LocalParty]
    const { id } = await outletOf(mia, 'hook')
    await mia.call.outlets.remove({ id })
    await mia.kill()
    const calls = hook.attempts()
    await mia.revive()
    await outletOf(mia, 'reading', (state) => state === 'up-to-date')
    expect((await mia.snapshot()).outlets.map(({ name }) => name)).toEqual(['stalling', 'reading'])
    expect(hook.attempts()).toBe(calls)
    await expect(mia.call.outlets.remove({ id })).rejects.toMatchObject({ code: 'not-found' })
  })
})

/** A change of people that nobody endorses: a statement that the others get. */
async function changedPeople(party: LocalParty) {
  const { people } = await party.snapshot()
  const keep = people.map(({ member, roles, groups, name }) => ({
    member,
    roles,
    groups: name === 'Zoe' ? ['network'] : groups,
  }))
  return party.call.people.change({ keep, add: [] })
}
