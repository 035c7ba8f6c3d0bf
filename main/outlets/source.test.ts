import { expect, it, vi } from 'vitest'
import { drill } from '../../shared/outlets/testing/drill.ts'
import type { Unread } from '../app/store-unread.ts'
import { Outlet } from './outlet.ts'
import type { OutletPlace } from './records.ts'
import { sourceOf } from './source.ts'

const story = await drill()
const ids = story.statements.map(({ id }) => id)

/** The log of a device whose version does not accept these entries, and from which those were pruned. */
function logWithout(unread: readonly number[], pruned: readonly number[] = []) {
  const gone = new Set([...unread, ...pruned].map((at) => ids[at]))
  const because: Unread = { leaf: '', place: null, type: null, of: null, because: 'it is of a newer version' }
  return sourceOf({
    org: () => story.org(),
    case: () => undefined,
    store: {
      ids: () => ids,
      get: (id) => (gone.has(id) ? undefined : story.statements.find((one) => one.id === id)),
      heard: () => story.now,
      unread: () => new Map(unread.map((at) => [ids[at] ?? '', because])),
    },
  })
}

function outletOn(source: ReturnType<typeof sourceOf>, got: string[], place: OutletPlace | null = null) {
  let kept = place
  const outlet = new Outlet({
    settings: {
      id: 'AAAAAAAAAAA',
      name: 'test',
      format: 'jsonl',
      to: { via: 'tcp', address: '127.0.0.1:1' },
      key: null,
      start: 0,
    },
    place,
    source,
    transport: { most: 5, deliver: async (events) => void got.push(...events.map(({ id }) => id)) },
    pace: { settleMs: 0, firstRetryMs: 1, longestRetryMs: 2, saveMs: 0 },
    now: () => story.now,
    save: async (at) => void (kept = at),
    onChange: () => undefined,
  })
  outlet.start()
  return { outlet, kept: () => kept }
}

it('an outlet stops before what this version does not accept, says so, and sends it when a version does', async () => {
  const got: string[] = []
  const { outlet, kept } = outletOn(logWithout([7, 9]), got)
  await vi.waitFor(() =>
    expect(outlet.standing()).toMatchObject({
      state: 'waiting',
      next: 7,
      trouble: 'the next entry is not accepted by this version of Lockbox',
    }),
  )
  await outlet.close()
  expect(got).toEqual(ids.slice(0, 7))
  const updated = outletOn(logWithout([]), got, kept()).outlet
  await vi.waitFor(() => expect(updated.standing().state).toBe('up-to-date'))
  await updated.close()
  expect(got).toEqual(ids)
})

it('an outlet passes over what was pruned before it went out', async () => {
  const got: string[] = []
  const { outlet } = outletOn(logWithout([], [3, 4]), got)
  await vi.waitFor(() => expect(outlet.standing().state).toBe('up-to-date'))
  expect(outlet.standing()).toMatchObject({ gone: 2, next: ids.length })
  await outlet.close()
  expect(got).toEqual(ids.toSpliced(3, 2))
})
