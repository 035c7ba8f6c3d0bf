import { expect, onTestFinished, test, vi } from 'vitest'
import { buildChild, Child } from '../../main/exchange/testing/children.ts'
import { person } from '../../main/exchange/testing/people.ts'
import { person as memberOf } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import { conclusions } from '../../shared/testing/summary.ts'
import { Network, whyNoHosts } from './hosts.ts'
import { MOST_CROSSINGS } from './team.ts'

const why = whyNoHosts()
if (why !== null) console.log(`LEFT OUT: twenty apps at once, because hosts cannot be made here: ${why}`)

const NAMES = Array.from({ length: 20 }, (_, at) => `p${at + 1}`)
/** The most that one app may ever have had in memory, Node itself included. */
const MOST_MEMORY_KIB = 160 * 1024

/** A whole case in an organization of twenty: all its statements by whose app says them. */
async function twenty() {
  const custodians = NAMES.slice(1, 15).map((name) => memberOf(name).member)
  const told = await setupWith(NAMES, { plan: { custodians } })
  await grantedCase(told, 'p1', ['p4', 'p5', 'p6'], 'p2')
  const { story } = told
  const said = NAMES.map((name) => {
    const { member } = memberOf(name)
    return story.statements.filter(({ payload }) => payload.member === member)
  })
  return { story, said }
}

/** Waits until something comes to be; looking is not free where twenty are looked at. */
const soon = (look: () => number[], expected: readonly number[]) =>
  vi.waitFor(() => expect(look()).toEqual(expected), { timeout: 60_000, interval: 200 })

// The carrier of the product in twenty processes, with real statements; what an app concludes of those that it has, in the
// order in which they came, is computed here: twenty whole apps take minutes to set up.
test.skipIf(why !== null)(
  'twenty apps on twenty hosts find each other and have the same statements and case, each of which came about once to each',
  async () => {
    const network = new Network()
    onTestFinished(() => network.remove())
    const [{ story, said }, built] = await Promise.all([twenty(), buildChild()])
    onTestFinished(() => built.remove())
    const lan = network.segment('lan')
    const people = NAMES.map(person)
    const apps = people.map((who, at) => {
      const host = network.host(who.peer.name)
      host.plug(lan)
      host.setAddresses(`10.77.0.${at + 1}/24`)
      const app = new Child(built.program, who, host.prefix)
      onTestFinished(() => app.end())
      app.start(
        people.map(({ peer }) => peer),
        { discover: true, limits: { tickMs: 100 } },
      )
      return app
    })
    await soon(
      () => apps.map((app) => new Set(app.namesOf('connected')).size),
      apps.map(() => apps.length - 1),
    )

    const texts = said.map((own) => own.map(({ envelope }) => Buffer.from(envelope).toString()))
    for (const [at, app] of apps.entries()) app.order({ order: 'add', texts: texts[at] ?? [] })
    const all = new Map(said.flat().map((one) => [Buffer.from(one.envelope).toString(), one]))
    expect(all.size).toBeGreaterThan(40)
    const lacks = (at: number) => all.size - (texts[at]?.length ?? 0)
    await soon(
      () => apps.map((app) => app.received.length),
      apps.map((_, at) => lacks(at)),
    )

    const expected = conclusions(story.statements, story.organization, story.now)
    expect(expected).toContain('"state": "granted"')
    let needed = 0
    let arrived = 0
    for (const [at, app] of apps.entries()) {
      const has = [...(texts[at] ?? []), ...app.received].flatMap((text) => all.get(text) ?? [])
      expect(has).toHaveLength(all.size)
      expect(conclusions(has, story.organization, story.now)).toBe(expected)
      expect(app.peakKib).toBeLessThan(MOST_MEMORY_KIB)
      expect(app.errors).toBe('')
      needed += lacks(at)
      arrived += app.arrived
    }
    const most = Math.max(...apps.map(({ peakKib }) => peakKib))
    console.log(
      `twenty: ${all.size} statements; each came ${(arrived / needed).toFixed(3)} times; at most ${(most / 1024).toFixed(0)} MiB`,
    )
    expect(arrived / needed).toBeLessThan(MOST_CROSSINGS)
  },
  150_000,
)
