import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../shared/bytes.ts'
import { pack } from '../../shared/carriers/pack.ts'
import { type RelayContent, relaySummary } from '../../shared/carriers/relay.ts'
import { compression } from '../compression.ts'
import { Talk } from './talk.ts'
import { device, RelayStore } from './testing/people.ts'

const raj = device('raj').peer

/** Ana's side of a talk, by a clock that a test moves. */
function talking() {
  const store = new RelayStore()
  const sent: RelayContent[] = []
  let now = 1_000_000
  const clock = () => ({ wall: 1_800_000_000_000 + now, monotonic: now })
  const world = { store, about: store.about.bind(store), isConnected: () => false, clock }
  const talk = new Talk(
    world,
    () => [raj],
    async (_to, content) => void sent.push(content),
  )
  const take = (content: RelayContent) => talk.take(raj, { sent: clock().wall, content })
  return { store, sent, talk, take, pass: (ms: number) => void (now += ms) }
}

describe('a member’s device that asks or sends too much', () => {
  it('gets 64 messages for all that it lacks, and no more of it is read than goes into them', async () => {
    const { store, sent, take } = talking()
    // Each fills a message.
    for (let count = 0; count < 200; count++) store.add(`ana: ${count} ${randomBytes(24 * 1024).toString('hex')}`)
    const read = vi.spyOn(store, 'envelope')
    await take({ kind: 'have', last: true, buckets: Array.from({ length: 256 }, (_, at) => at), prefixes: new Set() })
    expect(sent.filter(({ kind }) => kind === 'pack')).toHaveLength(64)
    expect(new Set(read.mock.calls.map(([id]) => id)).size).toBeLessThan(70)
  })

  it('is answered so often, and then a few times a minute', async () => {
    const { store, sent, take, pass } = talking()
    store.add('ana: one')
    const summary: RelayContent = { kind: 'summary', summary: relaySummary([], new Uint8Array(8)) }
    for (let count = 0; count < 50; count++) await take(summary)
    expect(sent).toHaveLength(8)
    pass(60_000)
    for (let count = 0; count < 50; count++) await take(summary)
    expect(sent).toHaveLength(12)
  })

  it('is passed over once the door refused so much of it, and listened to again later', async () => {
    const { store, take, pass } = talking()
    const bad = Array.from({ length: 100 }, (_, at) => utf8(`refused ${at}`))
    const good = utf8('raj: request')
    const packed = (...statements: Uint8Array[]): RelayContent => ({
      kind: 'pack',
      pack: pack({ statements, blobs: [], notes: [] }, compression),
    })
    await take(packed(...bad))
    expect(store.received).toHaveLength(64)
    await take(packed(good))
    expect(store.texts()).toEqual([])
    pass(120_000)
    await take(packed(good))
    expect(store.texts()).toEqual(['raj: request'])
  })
})

describe('a summary', () => {
  it('is sent at once, again when something was lost, but not before a minute, and else hourly if there is more', async () => {
    const { store, sent, talk, pass } = talking()
    const summaries = () => sent.filter(({ kind }) => kind === 'summary').length
    await talk.turn()
    expect(summaries()).toBe(1)
    talk.lost()
    await talk.turn()
    expect(summaries()).toBe(1)
    pass(60_000)
    await talk.turn()
    expect(summaries()).toBe(2)
    pass(3_600_000)
    await talk.turn()
    expect(summaries()).toBe(2)
    store.add('ana: one')
    await talk.turn()
    expect(summaries()).toBe(3)
  })
})
