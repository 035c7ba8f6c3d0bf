import { describe, expect, it } from 'vitest'
import type { ExchangeLimits } from './limits.ts'
import { encodeMessage } from './messages.ts'
import { isConnected, join, rawPeer, reasons, startApp, startTeam, type TestApp, until } from './testing/apps.ts'
import { MemoryStore } from './testing/memory-store.ts'
import { idOf, person } from './testing/people.ts'

const many = (count: number) => Array.from({ length: count }, (_, index) => `statement ${index} ${'x'.repeat(200)}`)
const has = (app: TestApp, count: number) => () => app.store.statements.size === count

describe('statements over the LAN', () => {
  it('reach both sides, each what it lacks and no more', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    alice.store.add('by alice', 'by both')
    bob.store.add('by bob', 'by both')
    await join(alice, bob)
    await until(() => has(alice, 3)() && has(bob, 3)())
    expect(alice.store.texts()).toEqual(bob.store.texts())
    expect([alice.store.count('statement'), bob.store.count('statement')]).toEqual([1, 1])
    await until(() => [alice, bob].every(({ events }) => events.some(({ event }) => event === 'reconciled')))
  })

  it('reach an app that was off, from several peers together, each statement once', async () => {
    const { apps, roster } = await startTeam(['alice', 'bob', 'carol'])
    const { alice, bob, carol } = apps
    for (const app of [alice, bob, carol]) app.store.add(...many(3000))
    const dave = person('dave')
    roster.push(dave.peer)
    const late = await startApp(dave, () => roster)
    await join(late, alice, bob, carol)
    await until(has(late, 3000))
    expect(late.store.count('statement')).toBe(3000)
  })

  it('cost little to compare when ten thousand are the same and one is not', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    for (const { store } of [alice, bob]) store.add(...many(10_000))
    alice.store.add('the one')
    await join(alice, bob)
    await until(has(bob, 10_001))
    expect(bob.lan.peersState()[0]?.bytesReceived).toBeLessThan(16 * 1024)
  })

  it('that were pruned are neither asked for again nor offered', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'])).apps
    const told = ['old', 'young']
    alice.store.add(...told)
    bob.store.add(...told)
    alice.store.prune('old')
    await join(alice, bob, carol)
    bob.lan.announce(bob.store.add('news'))
    await until(() => alice.store.texts().includes('news') && has(carol, 2)())
    await until(() => alice.events.filter(({ event }) => event === 'reconciled').length >= 2)
    expect([alice.store.texts(), alice.store.count('statement')]).toEqual([['news', 'young'], 1])
    // Carol met alice alone: what alice could not give her was not offered, so nothing is left unanswered.
    expect(carol.store.texts()).toEqual(['news', 'young'])
    expect(carol.events.some(({ event }) => event === 'reconciled')).toBe(true)
  })

  it('travel on to apps that are not connected with their author', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'])).apps
    await join(bob, alice, carol)
    alice.lan.announce(alice.store.add('news'))
    await until(has(carol, 1))
    expect(isConnected(alice, carol)).toBe(false)
    expect(carol.store.calls).toEqual([{ what: 'statement', from: 'bob' }])
  })

  it('are pushed to every connected peer within a tenth of a second', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'])).apps
    await join(alice, bob, carol)
    await join(bob, carol)
    const tookMs: number[] = []
    for (let round = 1; round <= 5; round++) {
      const from = performance.now()
      alice.lan.announce(alice.store.add(`news ${round}`))
      await until(() => has(bob, round)() && has(carol, round)())
      tookMs.push(performance.now() - from)
    }
    expect(Math.min(...tookMs)).toBeLessThan(100)
  })

  it('that are announced by the thousand are offered by id, and all arrive', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    await join(alice, bob)
    alice.lan.announce(alice.store.add(...many(5000)))
    await until(has(bob, 5000))
    expect(isConnected(alice, bob)).toBe(true)
  })

  it('that came from a peer are offered to the others together, and not to those who sent them meanwhile', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits: { gatherMs: 2000 } })).apps
    const [author, other] = await Promise.all([
      rawPeer(alice, bob.person, { hello: true }),
      rawPeer(alice, carol.person, { hello: true }),
    ])
    await until(() => [bob, carol].every((each) => isConnected(alice, each)))
    const push = (text: string) => encodeMessage({ type: 'statement', id: idOf(text), envelope: Buffer.from(text) })
    author.socket.write(push('one'))
    await until(() => alice.store.has(idOf('one')))
    other.socket.write(encodeMessage({ type: 'ping', sent: 7 }))
    await until(() => other.received().includes('"sent":7}'))
    author.socket.write(Buffer.concat([push('two'), push('three')]))
    other.socket.write(push('two'))
    const offer = encodeMessage({ type: 'have', ids: [idOf('one'), idOf('three')] })
    await until(() => other.received().includes(Buffer.from(offer)))
    expect(other.received().includes(Buffer.from(idOf('two'), 'base64url'))).toBe(false)
  })

  it('that are more than a peer may offer at once come in later rounds, and reconciled is said when all are here', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { offered: 50, reconcileMs: 50 } })).apps
    alice.store.add(...Array.from({ length: 300 }, (_, at) => `statement ${at}`))
    const had: number[] = []
    bob.lan.subscribe(({ event }) => {
      if (event === 'reconciled') had.push(bob.store.statements.size)
    })
    await join(bob, alice)
    await until(() => had.length > 0 || reasons(bob, 'disconnected').length > 0)
    expect([had[0], reasons(bob, 'disconnected')]).toEqual([300, []])
  })

  it('are offered as fast as the peer reads, so that a long log keeps nobody out who lacks a little of it', async () => {
    // Of all their ids together no connection takes as much at once.
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { unreadBytes: 300 * 1024 } })).apps
    const texts = Array.from({ length: 12_000 }, (_, at) => `statement ${at}`)
    alice.store.add(...texts)
    bob.store.add(...texts.slice(600))
    await join(bob, alice)
    await until(() => bob.store.statements.size === texts.length || reasons(bob, 'disconnected').length > 0)
    expect([bob.store.statements.size, reasons(bob, 'disconnected')]).toEqual([texts.length, []])
  })

  it('that one peer spoiled still come from another', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'])).apps
    const [id] = bob.store.add('the good one')
    if (id === undefined) throw new Error('no id')
    carol.store.statements.set(id, Buffer.from('refused: a spoiled copy'))
    await join(alice, carol)
    await until(() => alice.store.count('statement') === 1)
    await join(alice, bob)
    await until(has(alice, 1))
    expect(alice.store.texts()).toEqual(['the good one'])
  })

  it('that are refused are not asked for again while the connection lasts; those that wait are, in the next round', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'], { limits: { reconcileMs: 50 } })).apps
    bob.store.add('refused by alice', 'waiting at alice')
    await join(alice, bob)
    await until(() => alice.store.received.filter((text) => text === 'waiting at alice').length >= 3)
    expect(alice.store.received.filter((text) => text === 'refused by alice')).toHaveLength(1)
  })

  it('that their author pushes are not asked of those who offer them as well', async () => {
    // Nothing may be asked for before it had a minute to come by itself.
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits: { graceMs: 60_000 } })).apps
    const [author, other] = await Promise.all([
      rawPeer(alice, bob.person, { hello: true }),
      rawPeer(alice, carol.person, { hello: true }),
    ])
    const news = { id: idOf('news'), envelope: Buffer.from('news') }
    for (const ids of [[], [news.id]]) other.socket.write(encodeMessage({ type: 'have', ids }))
    other.socket.write(encodeMessage({ type: 'ping', sent: 7 }))
    await until(() => other.received().includes('"sent":7}'))
    author.socket.write(encodeMessage({ type: 'statement', ...news }))
    await until(has(alice, 1))
    expect(alice.store.calls).toEqual([{ what: 'statement', from: 'bob' }])
    expect(other.received().includes(Buffer.from(encodeMessage({ type: 'want', ids: [news.id] })))).toBe(false)
  })

  it('that do not come by themselves are asked of those who offer them, after a moment', async () => {
    const { alice, carol } = (await startTeam(['alice', 'carol'], { limits: { graceMs: 300 } })).apps
    const other = await rawPeer(alice, carol.person, { hello: true })
    await until(() => isConnected(alice, carol))
    const from = performance.now()
    for (const ids of [[], [idOf('news')]]) other.socket.write(encodeMessage({ type: 'have', ids }))
    await until(() => other.received().includes(Buffer.from(encodeMessage({ type: 'want', ids: [idOf('news')] }))))
    expect(performance.now() - from).toBeGreaterThan(280)
  })

  it('are asked of another peer when the first does not answer', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits: { answerMs: 100 } })).apps
    const [id] = carol.store.add('kept back by bob')
    if (id === undefined) throw new Error('no id')
    bob.store.ids = () => [id]
    await join(alice, bob)
    await join(alice, carol)
    await until(has(alice, 1))
    expect(alice.store.calls).toEqual([{ what: 'statement', from: 'carol' }])
  })
})

describe('blobs over the LAN', () => {
  it('go to those who may have them and to nobody else', async () => {
    const { alice, bob, eve } = (await startTeam(['alice', 'bob', 'eve'])).apps
    const id = alice.store.addBlob('share for bob', bob.person.peer.device)
    for (const { store } of [bob, eve]) store.wanted.add(id)
    await join(alice, bob, eve)
    await until(() => bob.store.blobs.has(id))
    alice.lan.announce(alice.store.add('after it'))
    await until(has(eve, 1))
    expect(eve.store.count('blob')).toBe(0)
  })

  it('are given as soon as they are there, if they were wanted before', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const id = idOf('a late blob')
    bob.store.wanted.add(id)
    await join(alice, bob)
    alice.store.addBlob('a late blob', bob.person.peer.device)
    alice.lan.refresh()
    await until(() => bob.store.blobs.has(id))
    expect(bob.store.count('blob')).toBe(1)
  })

  it('are asked for a moment after a statement made them wanted, and passed on', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'])).apps
    await join(bob, alice, carol)
    const id = alice.store.addBlob('ciphertext', bob.person.peer.device)
    for (const { store } of [bob, carol]) {
      const receive = store.receive.bind(store)
      store.receive = (envelope, from) => {
        store.wanted.add(id)
        return receive(envelope, from)
      }
    }
    bob.store.allowed.set(id, new Set([carol.person.peer.device]))
    alice.lan.announce(alice.store.add('a deposit'))
    await until(() => bob.store.blobs.has(id) && carol.store.blobs.has(id))
    expect(carol.store.calls.filter(({ what }) => what === 'blob')).toEqual([{ what: 'blob', from: 'bob' }])
  })

  it('that a statement makes wanted are asked of nobody where they come right behind it', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits: { gatherMs: 2000 } })).apps
    const [author, other] = await Promise.all([
      rawPeer(alice, bob.person, { hello: true }),
      rawPeer(alice, carol.person, { hello: true }),
    ])
    await until(() => [bob, carol].every((each) => isConnected(alice, each)))
    const [share, late] = [idOf('a share'), idOf('another')]
    const receive = alice.store.receive.bind(alice.store)
    alice.store.receive = (envelope, from) => {
      for (const id of [share, late]) alice.store.wanted.add(id)
      return receive(envelope, from)
    }
    const envelope = Buffer.from('a release')
    author.socket.write(encodeMessage({ type: 'statement', id: idOf('a release'), envelope }))
    await until(() => alice.store.has(idOf('a release')))
    author.socket.write(encodeMessage({ type: 'blob', blob: Buffer.from('a share') }))
    await until(() => alice.store.blobs.has(share))
    const wants = (...ids: readonly string[]) => Buffer.from(encodeMessage({ type: 'blobsWanted', ids }))
    await until(() => [author, other].every((peer) => peer.received().includes(wants(late))))
    for (const peer of [author, other]) expect(peer.received().includes(wants(share, late))).toBe(false)
  })

  it('that a statement names come right behind it, unasked, if they are small, to those who may have them', async () => {
    const { alice, bob, eve } = (await startTeam(['alice', 'bob', 'eve'])).apps
    const [toBob, toEve] = await Promise.all([
      rawPeer(alice, bob.person, { hello: true }),
      rawPeer(alice, eve.person, { hello: true }),
    ])
    await until(() => [bob, eve].every((other) => isConnected(alice, other)))
    const share = alice.store.addBlob('share for bob', bob.person.peer.device)
    const large = alice.store.addBlob('x'.repeat(20_000), bob.person.peer.device)
    const id = idOf('a release')
    alice.store.named.set(id, [large, share])
    alice.lan.announce(alice.store.add('a release'))
    for (const { socket } of [toBob, toEve]) socket.write(encodeMessage({ type: 'ping', sent: 7 }))
    await until(() => [toBob, toEve].every((peer) => peer.received().includes('"sent":7}')))
    const pushed = encodeMessage({ type: 'statement', id, envelope: Buffer.from('a release') })
    const behind = encodeMessage({ type: 'blob', blob: Buffer.from('share for bob') })
    expect(toBob.received().includes(Buffer.concat([pushed, behind]))).toBe(true)
    expect(toBob.received().includes('x'.repeat(20_000))).toBe(false)
    expect([toEve.received().includes(Buffer.from(pushed)), toEve.received().includes('share for bob')]).toEqual([
      true,
      false,
    ])
  })

  describe('that everybody keeps', () => {
    /** Bob meets the others, and then wants them; whoever is named has them, and most likely alice. */
    async function wanting(limits: Partial<ExchangeLimits>, ...owners: readonly ('alice' | 'carol' | 'dora')[]) {
      const { apps } = await startTeam(['alice', 'bob', 'carol', 'dora'], { limits })
      const { alice, bob, carol, dora } = apps
      await join(bob, alice, carol, dora)
      const texts = Array.from({ length: 24 }, (_, at) => `evidence ${at} `.padEnd(100_000, '.'))
      for (const text of texts) {
        for (const name of owners) apps[name].store.addBlob(text, bob.person.peer.device)
        bob.store.wanted.add(idOf(text))
        bob.store.likely.set(idOf(text), [alice.person.peer.device])
      }
      bob.lan.refresh()
      const cameFrom = () => bob.store.calls.flatMap(({ what, from }) => (what === 'blob' ? [from] : []))
      return { alice, texts, cameFrom, hasAll: () => bob.store.blobsWanted().length === 0 }
    }

    it('come from the device that most likely has them, each once, however many have them', async () => {
      const { texts, cameFrom, hasAll } = await wanting({}, 'carol', 'dora', 'alice')
      await until(hasAll)
      expect(cameFrom()).toEqual(texts.map(() => 'alice'))
    })

    it('come from others if that device gives none', async () => {
      const { cameFrom, hasAll } = await wanting({ answerMs: 100 }, 'carol')
      await until(hasAll)
      expect(new Set(cameFrom())).toEqual(new Set(['carol']))
    })

    it('come from one other, each once and at once, if that device goes', async () => {
      const { alice, texts, cameFrom, hasAll } = await wanting({}, 'carol', 'dora')
      await alice.lan.stop()
      await until(hasAll)
      expect(cameFrom()).toHaveLength(texts.length)
      expect(new Set(cameFrom()).size).toBe(1)
    })
  })

  it('that are larger than a frame are not sent', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const large = alice.store.addBlob('x'.repeat(256 * 1024 + 1), bob.person.peer.device)
    const largest = alice.store.addBlob('y'.repeat(256 * 1024), bob.person.peer.device)
    for (const id of [large, largest]) bob.store.wanted.add(id)
    await join(alice, bob)
    await until(() => bob.store.blobs.has(largest))
    expect([bob.store.blobs.has(large), isConnected(alice, bob)]).toEqual([false, true])
  })
})

describe('checkpoints over the LAN', () => {
  it('always travel along, and on', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits: { relayMs: 100 } })).apps
    alice.store.own = 'alice 1'
    await join(bob, alice, carol)
    await until(() => carol.store.signedNotes.has('alice 1'))
    alice.store.own = 'alice 2'
    alice.lan.announce(alice.store.add('with it'))
    await until(() => carol.store.signedNotes.has('alice 2'))
    expect(alice.store.count('note')).toBe(0)
  })

  it('are told by their own device at once, and by others in turn: to each once', async () => {
    const { alice, bob, carol } = (await startTeam(['alice', 'bob', 'carol'], { limits: { relayMs: 3_600_000 } })).apps
    await join(bob, alice, carol)
    bob.store.signedNotes.add('of another')
    bob.store.own = 'bob 1'
    for (let round = 0; round < 3; round++) bob.lan.refresh()
    await until(() => alice.store.signedNotes.has('bob 1') && carol.store.signedNotes.has('bob 1'))
    bob.lan.announce(bob.store.add('after it'))
    await until(() => alice.store.has(idOf('after it')) && carol.store.has(idOf('after it')))
    expect([alice.store.count('note'), carol.store.count('note')]).toEqual([1, 1])
  })

  it('are cosigned on request', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    await join(alice, bob)
    bob.store.witnessAnswer = { cosigned: 'note with a line more' }
    const asked: unknown[] = []
    const witness = bob.store.witness.bind(bob.store)
    bob.store.witness = (request, from) => {
      asked.push(request)
      return witness(request, from)
    }
    const request = { note: '— a note\n', proof: [idOf('hash')], from: 3 }
    expect(await alice.lan.requestWitness(bob.person.peer.device, request)).toEqual(bob.store.witnessAnswer)
    expect(asked).toEqual([request])
    expect(bob.store.calls).toEqual([{ what: 'witness', from: 'alice' }])
  })

  it('are refused with the note that was cosigned last', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    await join(alice, bob)
    const answer = alice.lan.requestWitness(bob.person.peer.device, { note: 'n', proof: [], from: 0 })
    expect(await answer).toEqual({ refused: 'fork', last: 'the last note' })
  })

  it('name the time-out when the witness does not answer', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    await join(alice, bob)
    bob.store.witnessAnswer = null
    const answer = alice.lan.requestWitness(bob.person.peer.device, { note: 'n', proof: [], from: 0 }, 50)
    await expect(answer).rejects.toMatchObject({ code: 'timed-out' })
  })

  it('name the lost connection when the witness goes away', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    await join(alice, bob)
    bob.store.witnessAnswer = null
    const answer = alice.lan.requestWitness(bob.person.peer.device, { note: 'n', proof: [], from: 0 })
    const stopped = until(() => bob.store.count('witness') === 1).then(() => bob.lan.stop())
    await expect(answer).rejects.toMatchObject({ code: 'not-connected' })
    await stopped
  })

  it('cannot be asked of somebody who is not connected', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    const answer = alice.lan.requestWitness(bob.person.peer.device, { note: 'n', proof: [], from: 0 })
    await expect(answer).rejects.toMatchObject({ code: 'not-connected' })
  })

  it('are refused when the witness’s own app fails, which keeps the connection', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    await join(alice, bob)
    bob.store.witness = () => Promise.reject(new TypeError('disk'))
    const answer = alice.lan.requestWitness(bob.person.peer.device, { note: 'n', proof: [], from: 0 })
    expect(await answer).toEqual({ refused: 'internal', last: undefined })
    expect(bob.logged).toEqual(['could not answer a witness request (TypeError)'])
    expect(isConnected(alice, bob)).toBe(true)
  })
})

describe('an app whose store fails', () => {
  it('drops the connection and goes on', async () => {
    const { alice, bob } = (await startTeam(['alice', 'bob'])).apps
    await join(alice, bob)
    const receive = bob.store.receive.bind(bob.store)
    bob.store.receive = () => Promise.reject(new TypeError('disk full'))
    alice.lan.announce(alice.store.add('news'))
    await until(() => bob.events.some((one) => one.event === 'disconnected' && one.reason === 'internal'))
    bob.store.receive = receive
    await until(has(bob, 1))
    expect(bob.events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['connected', 'disconnected', 'reconciled']),
    )
  })
})

describe('a store', () => {
  it('is not called once the exchange has stopped', async () => {
    const store = new MemoryStore()
    const alice = person('alice')
    const app = await startApp(alice, () => [alice.peer], { store })
    await app.lan.stop()
    app.lan.announce(store.add('too late'))
    app.lan.refresh()
    app.lan.refreshPeers()
    expect([store.calls, app.lan.peersState(), app.lan.port]).toEqual([[], [], null])
  })
})
