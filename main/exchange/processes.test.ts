import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { until } from './testing/apps.ts'
import { buildChild, Child } from './testing/children.ts'
import { type Person, person } from './testing/people.ts'

let built: Awaited<ReturnType<typeof buildChild>>
beforeAll(async () => {
  built = await buildChild()
})
afterAll(() => built.remove())

async function launch(who: Person, people: readonly Person[]): Promise<Child> {
  const child = new Child(built.program, who)
  onTestFinished(() => child.end())
  child.start(
    people.map(({ peer }) => peer),
    { host: '127.0.0.1' },
  )
  await until(() => child.port !== null)
  return child
}

const dial = (from: Child, to: Child) => from.order({ order: 'dial', address: `127.0.0.1:${to.port}` })
const texts = (child: Child) => [...child.received].sort()

describe('apps in processes of their own', () => {
  it('gossip: what one says reaches all, over those in between', async () => {
    const people = ['alice', 'bob', 'carol'].map(person)
    const [alice, bob, carol] = await Promise.all(people.map((who) => launch(who, people)))
    if (!alice || !bob || !carol) throw new Error('three apps were started')
    dial(alice, bob)
    dial(carol, bob)
    await until(() => bob.namesOf('connected').length === 2)
    alice.order({ order: 'add', texts: ['by alice'] })
    carol.order({ order: 'add', texts: ['by carol'] })
    await until(() => [alice, carol].every(({ received }) => received.length === 1) && bob.received.length === 2)
    expect([texts(alice), texts(bob), texts(carol)]).toEqual([['by carol'], ['by alice', 'by carol'], ['by alice']])
    expect([alice, bob, carol].map(({ errors }) => errors)).toEqual(['', '', ''])
  })

  it('that was killed catches up when it runs again', async () => {
    const people = ['alice', 'bob'].map(person)
    const [alice, bob] = await Promise.all(people.map((who) => launch(who, people)))
    if (!alice || !bob) throw new Error('two apps were started')
    dial(bob, alice)
    await until(() => alice.namesOf('connected').length === 1)
    await bob.end('SIGKILL')
    await until(() => alice.namesOf('disconnected').length === 1)
    alice.order({ order: 'add', texts: Array.from({ length: 500 }, (_, index) => `while bob was off ${index}`) })
    const again = await launch(bob.person, people)
    dial(again, alice)
    await until(() => again.received.length === 500)
    expect(alice.namesOf('connected')).toEqual(['bob', 'bob'])
    await Promise.all([alice.quit(), again.quit()])
    expect([alice.errors, again.errors]).toEqual(['', ''])
  })

  it('keep going when one of them is killed in the middle of giving', async () => {
    const people = ['alice', 'bob', 'carol'].map(person)
    const [alice, bob, carol] = await Promise.all(people.map((who) => launch(who, people)))
    if (!alice || !bob || !carol) throw new Error('three apps were started')
    const many = Array.from({ length: 4000 }, (_, index) => `${index} ${'x'.repeat(2000)}`)
    for (const child of [alice, bob]) child.order({ order: 'add', texts: many })
    await until(() => [alice, bob].every(({ reports }) => reports.some(({ report }) => report === 'added')))
    dial(carol, alice)
    dial(carol, bob)
    await until(() => carol.received.length > 100)
    await alice.end('SIGKILL')
    await until(() => carol.received.length === 4000)
    expect(new Set(carol.received).size).toBe(4000)
    expect(carol.errors).toBe('')
  })
})
