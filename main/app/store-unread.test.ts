import { expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import { tellUnread, unreadOf } from './store-unread.ts'

const idOf = (byte: number) => toBase64Url(new Uint8Array(32).fill(byte))

/** A record of an envelope that says so. */
function recordOf(payload: unknown, type = 'application/vnd.lockbox.decision+json') {
  const envelope = jcs({ payload: toBase64Url(utf8(JSON.stringify(payload))), payloadType: type, signatures: [] })
  return {
    position: 1,
    table: 'statement',
    key: idOf(7),
    version: 1,
    value: Uint8Array.of(...new Uint8Array(8), ...envelope),
  }
}

const place = { device: idOf(1), previous: null, sequence: 0 }
const nowhere = () => undefined
const consent = (of: unknown, type = 'endorsement') =>
  unreadOf(recordOf({ ...place, of }, `application/vnd.lockbox.${type}+json`), '')
const read = unreadOf(recordOf({ ...place, more: true }), 'expected less\nin it')

it('a decision to go on without some names them all, in their order (docs/formats/journal.md §2.2)', () => {
  const told = tellUnread(
    new Map([
      [idOf(7), read],
      [idOf(8), read],
    ]),
    nowhere,
  )
  expect(told).toMatchObject({ entries: 2, because: 'expected less in it', mayGoOn: true })
  expect(Buffer.from(told?.digest ?? []).toString('hex')).toBe(
    'af0a68e2d2692b58ecda95051d5e7fe5dd3bc9f3d3f0b5260166565c694919f4',
  )
  expect(tellUnread(new Map(), nowhere)).toBeNull()
})

it.each([
  ['of a list of people', recordOf(place, 'application/vnd.lockbox.roster+json')],
  ['of a list of people of a later kind', recordOf(place, 'application/vnd.lockbox.roster2+json')],
  ['without its place', recordOf({ ...place, sequence: -1 })],
  ['without a payload', { ...recordOf(place), value: new Uint8Array(9) }],
  ['of no bytes', { ...recordOf(place), value: new Uint8Array() }],
])('nobody goes on without one %s', (_what, record) => {
  const unread = new Map([
    [idOf(8), read],
    [idOf(7), unreadOf(record, '')],
  ])
  expect(tellUnread(unread, nowhere)).toMatchObject({ entries: 2, mayGoOn: false })
})

it.each([
  ['a list of people', 'roster', false],
  ['what is not here', undefined, false],
  ['a plan', 'plan', true],
  ['a deposit', 'deposit', true],
] as const)('without a consent to %s (of kind %s) whether anybody goes on: %s', (_what, kind, mayGoOn) => {
  const kindOf = (id: string) => (id === idOf(9) ? kind : undefined)
  for (const type of ['endorsement', 'endorsement2']) {
    const told = tellUnread(new Map([[idOf(7), consent(idOf(9), type)]]), kindOf)
    expect(told).toMatchObject({ entries: 1, mayGoOn })
  }
})

it('nobody goes on without a consent of which nobody knows to what; it keeps its place', () => {
  for (const of of [undefined, 'a list', null]) {
    const unread = consent(of)
    expect(unread.place).toEqual(place)
    expect(tellUnread(new Map([[idOf(7), unread]]), () => 'plan')).toMatchObject({ mayGoOn: false })
  }
})

it('a consent to what is not let in either is judged by what that says it is', () => {
  const of = (type: string) =>
    tellUnread(
      new Map([
        [idOf(7), consent(idOf(9))],
        [idOf(9), unreadOf(recordOf(place, `application/vnd.lockbox.${type}+json`), '')],
      ]),
      nowhere,
    )?.mayGoOn
  expect([of('plan'), of('roster')]).toEqual([true, false])
})
