import { describe, expect, it } from 'vitest'
import type { PeerName, Receipt } from './exchange.ts'
import { encodeMessage } from './messages.ts'
import { join, rawPeer, reasons, startApp, startTeam, until } from './testing/apps.ts'
import { MemoryStore } from './testing/memory-store.ts'
import { idOf, person } from './testing/people.ts'

/** Keeps nothing before it is told to: a disk that is busy. */
class SlowStore extends MemoryStore {
  readonly waiting: (() => void)[] = []
  /** How often something was handed over; what is handed over at once counts once. */
  times = 0
  #isSameTime = false

  override async receive(envelope: Uint8Array, from: PeerName): Promise<Receipt> {
    if (!this.#isSameTime) this.times++
    this.#isSameTime = true
    queueMicrotask(() => {
      this.#isSameTime = false
    })
    await new Promise<void>((resolve) => this.waiting.push(resolve))
    return super.receive(envelope, from)
  }
}

async function slowApp() {
  const [alice, bob] = [person('alice'), person('bob')]
  const roster = () => [alice.peer, bob.peer]
  const store = new SlowStore()
  return { store, alice: await startApp(alice, roster, { store }), bob: await startApp(bob, roster) }
}

const texts = Array.from({ length: 100 }, (_, at) => `statement ${at}`)

describe('statements that came together', () => {
  it('are handed to the store at once, and reconciled is said when it has kept them all', async () => {
    const { store, alice, bob } = await slowApp()
    bob.store.add(...texts)
    await join(alice, bob)
    const isReconciled = () => alice.events.some(({ event }) => event === 'reconciled')
    let most = 0
    while (store.statements.size < texts.length) {
      await until(() => store.waiting.length > 0)
      expect(isReconciled()).toBe(false)
      most = Math.max(most, store.waiting.length)
      for (const go of store.waiting.splice(0)) go()
      await new Promise(setImmediate)
    }
    expect(most).toBeGreaterThan(1)
    await until(isReconciled)
    expect(store.texts()).toEqual(bob.store.texts())
  })

  it('are looked at while those before them are kept, and no more than those', async () => {
    const { store, alice, bob } = await slowApp()
    // More than comes in one moment.
    bob.store.add(...texts.map((text) => text.padEnd(20_000)))
    await join(alice, bob)
    await until(() => store.times === 2)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(store.times).toBe(2)
    expect(store.statements.size).toBe(0)
  })

  it('end the connection if they cannot be kept, though nothing comes after them', async () => {
    const [alice, bob] = [person('alice'), person('bob')]
    const roster = () => [alice.peer, bob.peer]
    const [one, other] = [await startApp(alice, roster), await startApp(bob, roster)]
    one.store.receive = () => Promise.reject(new TypeError('disk full'))
    other.store.add('the only one')
    await join(one, other)
    await until(() => reasons(one, 'disconnected').includes('internal'))
    expect(one.store.statements.size).toBe(0)
  })

  it('are taken one by one if nobody asked for them', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const slow = new SlowStore()
    alice.store.receive = (envelope, from) => slow.receive(envelope, from)
    const peer = await rawPeer(alice, bob.person, { hello: true })
    const pushes = texts
      .slice(0, 3)
      .map((text) => encodeMessage({ type: 'statement', id: idOf(text), envelope: Buffer.from(text) }))
    peer.socket.write(Buffer.concat(pushes))
    await until(() => slow.waiting.length > 0)
    await new Promise(setImmediate)
    expect(slow.waiting).toHaveLength(1)
  })
})
