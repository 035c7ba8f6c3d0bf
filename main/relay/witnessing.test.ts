import { describe, expect, it } from 'vitest'
import { utf8 } from '../../shared/bytes.ts'
import type { RelayContent } from '../../shared/carriers/relay.ts'
import { jcs } from '../../shared/jcs.ts'
import type { WitnessRequest } from '../exchange/exchange.ts'
import { readWitness, readWitnessed } from '../exchange/messages.ts'
import { device, RelayStore } from './testing/people.ts'
import { Witnessing } from './witnessing.ts'

const [ana, raj, leo] = ['ana', 'raj', 'leo'].map((name) => device(name).peer) as [
  ReturnType<typeof device>['peer'],
  ReturnType<typeof device>['peer'],
  ReturnType<typeof device>['peer'],
]
const request: WitnessRequest = { note: 'a note', proof: [], from: 3 }
const MINUTE = 60_000

/** One side, by a clock that a test moves; what it sends lies in `sent`. */
function side() {
  const store = new RelayStore()
  const sent: { to: string; content: RelayContent }[] = []
  let now = 1_000_000
  const clock = () => ({ wall: 1_800_000_000_000 + now, monotonic: now })
  const witnessing = new Witnessing(
    { store, clock },
    () => [ana, raj, leo],
    async (to, content) => void sent.push({ to: to.name, content }),
  )
  const json = (at = -1) => {
    const content = sent.at(at)?.content
    if (content === undefined || !('json' in content)) throw new TypeError('nothing was asked or answered')
    return content.json
  }
  return { store, sent, witnessing, json, now: () => clock().wall, pass: (ms: number) => void (now += ms) }
}

const question = (id: number) => jcs({ ...request, id })

describe('asking by relay', () => {
  it('gets the answer of the device that was asked, which judged what it was asked', async () => {
    const [one, other] = [side(), side()]
    other.store.witnessAnswer = { cosigned: 'a note with a line more' }
    const asked: unknown[] = []
    const judge = other.store.witness.bind(other.store)
    other.store.witness = (given, from) => {
      asked.push([given, from.name])
      return judge(given, from)
    }
    const answer = one.witnessing.ask(raj.device, request)
    expect(one.sent.map(({ to, content }) => [to, content.kind])).toEqual([['raj', 'witness']])
    expect(await other.witnessing.onQuestion(ana, one.now(), one.json())).toBe(true)
    expect(asked).toEqual([[request, 'ana']])
    expect(other.sent.map(({ to, content }) => [to, content.kind])).toEqual([['ana', 'witnessed']])
    expect(one.witnessing.onAnswer(raj, other.json())).toBe(true)
    expect(await answer).toEqual(other.store.witnessAnswer)
  })

  it('is told why not, and what was cosigned last', async () => {
    const [one, other] = [side(), side()]
    const answer = one.witnessing.ask(raj.device, request)
    await other.witnessing.onQuestion(ana, one.now(), one.json())
    one.witnessing.onAnswer(raj, other.json())
    expect(await answer).toEqual({ refused: 'fork', last: 'the last note' })
  })

  it('waits for no more than so long, and not beyond the relay’s end', async () => {
    const { witnessing } = side()
    await expect(witnessing.ask(raj.device, request, 20)).rejects.toMatchObject({ code: 'timed-out' })
    const open = witnessing.ask(raj.device, request)
    witnessing.close()
    await expect(open).rejects.toMatchObject({ code: 'not-connected' })
    await expect(witnessing.ask(raj.device, request)).rejects.toMatchObject({ code: 'not-connected' })
  })

  it('takes no answer from another device than the one asked, none to another question, and none twice', async () => {
    const { witnessing, json } = side()
    const answer = witnessing.ask(raj.device, request)
    const { id } = readWitness(json())
    const says = (cosigned: string, to = id) => jcs({ cosigned, id: to })
    witnessing.onAnswer(leo, says('by Leo'))
    witnessing.onAnswer(raj, says('to another question', (id + 1) % 2 ** 32))
    witnessing.onAnswer(raj, says('by Raj'))
    witnessing.onAnswer(raj, says('once more'))
    expect(await answer).toEqual({ cosigned: 'by Raj' })
  })

  it('numbers what it asks so that a later run takes no answer to an earlier one', async () => {
    const ids = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { witnessing, json } = side()
        void witnessing.ask(raj.device, request, 1).catch(() => undefined)
        return readWitness(json()).id
      }),
    )
    expect(new Set(ids).size).toBe(8)
  })
})

describe('being asked by relay', () => {
  it.each([
    ['ten minutes ago', -10 * MINUTE, 1],
    ['longer ago', -10 * MINUTE - 1, 0],
    ['by a clock ten minutes ahead', 10 * MINUTE, 1],
    ['by a clock further ahead', 10 * MINUTE + 1, 0],
  ])('%s: answered or passed over, unjudged', async (_, ago, answers) => {
    const { store, sent, witnessing, now } = side()
    expect(await witnessing.onQuestion(ana, now() + ago, question(1))).toBe(true)
    expect([store.count('witness'), sent.length]).toEqual([answers, answers])
  })

  it('again and again costs no more than 16 answers, then four a minute; others are answered meanwhile', async () => {
    const { store, witnessing, now, pass } = side()
    const asks = (from = ana) => witnessing.onQuestion(from, now(), question(1))
    for (let count = 0; count < 40; count++) await asks()
    expect(store.count('witness')).toBe(16)
    await asks(leo)
    expect(store.count('witness')).toBe(17)
    pass(MINUTE)
    for (let count = 0; count < 40; count++) await asks()
    expect(store.count('witness')).toBe(21)
  })

  it('is refused where the store fails, and takes nothing else with it', async () => {
    const { store, json, witnessing, now } = side()
    store.witness = () => Promise.reject(new TypeError('disk'))
    expect(await witnessing.onQuestion(ana, now(), question(7))).toBe(true)
    expect(readWitnessed(json())).toEqual({ id: 7, refused: 'internal' })
  })

  it.each([
    ['no JSON', utf8('{')],
    ['a field too many', jcs({ ...request, id: 1, more: 1 })],
    ['no note', jcs({ from: 0, id: 1, proof: [] })],
  ])('with %s is nothing, and is not answered', async (_, json) => {
    const { sent, witnessing, now } = side()
    expect(await witnessing.onQuestion(ana, now(), json)).toBe(false)
    expect(witnessing.onAnswer(ana, json)).toBe(false)
    expect(sent).toEqual([])
  })
})
