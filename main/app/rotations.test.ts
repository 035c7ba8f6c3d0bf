import { randomFillSync } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { jcs } from '../../shared/jcs.ts'
import { sealBox } from '../../shared/secrets/box.ts'
import { generateBoxKey } from '../../shared/secrets/box-key.ts'
import { person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import { carefulAccess } from '../../shared/testing/usual-plan.ts'
import { messageBytes } from '../issuers/worker/messages.ts'
import type { ShellWorker } from '../shell/shell.ts'
import type { Device } from './device.ts'
import type { Draft, Drafts } from './drafts.ts'
import { NOTHING_DONE, type RotationRecord } from './rotation-record.ts'
import { Rotations } from './rotations.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const

/** A worker that has begun when it is let, and answers nothing after that. */
function workers() {
  const all: { readonly worker: ShellWorker; readonly begin: () => void; isOver: boolean }[] = []
  const start = (): ShellWorker => {
    let begin = () => undefined as void
    let kill = () => undefined as void
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const exited = new Promise<null>((resolve) => (kill = () => resolve(null)))
    const frames = (async function* () {
      await Promise.race([begun, exited])
      yield messageBytes({ facts: { is: 'started' }, parts: [] })
      await exited
    })()
    const worker = { send: () => Promise.resolve(), frames, finish: () => undefined, exited, kill }
    const one = { worker, begin, isOver: false }
    void exited.then(() => (one.isOver = true))
    all.push(one)
    return worker
  }
  return { all, start }
}

/** Carol, an admin, has the rotator of alice's case; what her app does with it. */
async function carols(kept: RotationRecord | null = null) {
  const custodians = ['bob', 'carol', 'dave', 'erin'].map((name) => person(name).member)
  const told = await setupWith(NAMES, {
    plan: { access: carefulAccess, custodians, quorum: { count: 2, groups: [], veto: [] } },
  })
  const { story, plan } = told
  const { request, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  await story.care('bob', grant, { revoker: ['bob'], rotator: ['carol'] })
  const requests = [request]
  const key = generateBoxKey((length) => randomFillSync(new Uint8Array(length)))
  const { organization, basis, device: from } = grant.payload
  const { deposit, ready } = basis
  const { device: to, member } = person('carol')
  const context = { organization, deposit, request: request.id, ready, from, to, index: null }
  const box = await sealBox(key.publicKey, { purpose: 'rotator', ...context }, Uint8Array.of(1))
  const { all, start } = workers()
  const write = vi.fn<(kind: string) => Promise<void>>(() => Promise.resolve())
  const cases = () => requests.map((each) => story.case(each))
  const device = {
    id: to,
    org: () => story.org(),
    case: (id: string) => cases().find((one) => one.id === id),
    cases,
    currentCases: cases,
    self: () => ({ member, device: to }),
    clock: () => ({ wall: story.now, monotonic: story.now }),
    shelf: { has: () => true, get: () => Promise.resolve(box) },
    host: { startWorker: start },
    author: { write },
    pen: () => null,
    notes: { failure: () => undefined },
    standing: { maySign: true },
    vault: {
      journal: {
        append: () => Promise.resolve(),
        records: async function* () {
          if (kept !== null) yield { key: grant.id, value: jcs(kept) }
        },
      },
    },
  } as unknown as Device
  const rotations = new Rotations({ now: () => device.clock(), after: () => () => undefined })
  /** The touch that begins it, in a case. */
  const beginIn = async (id: string) => {
    let draft: Draft<'rotating'> | null = null
    const drafts = { add: (one: Draft<'rotating'>) => void (draft = one) } as unknown as Drafts
    rotations.draftBegin(device, drafts, id)
    const { check, after } = draft as unknown as Draft<'rotating'>
    await check?.(key.privateKey)
    return after?.({} as never)
  }
  const hold = async () => {
    const made = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
    await story.hold(made, ['bob', 'carol', 'dave'])
    return made
  }
  /** Somebody who began it says that the old key is off. */
  const sayOff = async (by: string, made: { readonly id: string }) => {
    await story.rotating(by, grant)
    await story.rotated(by, grant, made, { step: 'deactivated' })
  }
  const here = () => rotations.here(device, story.case(request))
  const begin = () => beginIn(request.id)
  /** A second case that used the same key. */
  const also = async () => {
    const more = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
    requests.push(more.request)
    return {
      begin: () => beginIn(more.request.id),
      here: () => rotations.here(device, story.case(more.request)),
    }
  }
  return {
    all,
    begin,
    also,
    hold,
    sayOff,
    here,
    write,
    turn: () => rotations.turn(device),
    close: () => rotations.close(),
  }
}

it('says that the old key is off as others say, and of its own word only as long as it does not know better', async () => {
  // It turned the key on again since.
  const { hold, sayOff, here, turn } = await carols({ ...NOTHING_DONE, wasOn: true })
  const made = await hold()
  expect(here()?.isSaidOff).toBe(false)
  await sayOff('carol', made)
  expect(here()?.isSaidOff).toBe(true)
  // What it has kept is read by then.
  await turn()
  expect(here()?.isSaidOff).toBe(false)
  await sayOff('bob', made)
  expect(here()?.isSaidOff).toBe(true)
})

describe('the touch that begins to replace a key', () => {
  it('given twice at once leaves one worker with the rotator, and ends the other', async () => {
    const { all, begin, here, close } = await carols()
    const touches = [begin(), begin()].map((touch) => touch.catch((error: unknown) => error))
    await vi.waitFor(() => expect(all).toHaveLength(2))
    for (const one of all) one.begin()
    const refused = (await Promise.all(touches)).filter((error) => error !== undefined)
    expect(refused).toEqual([expect.objectContaining({ code: 'not-allowed' })])
    await vi.waitFor(() => expect(all.filter(({ isOver }) => isOver)).toHaveLength(1))
    expect(here()?.isRunning).toBe(true)
    await close()
    expect(all.map(({ isOver }) => isOver)).toEqual([true, true])
  })
  it('is not given for a second case while that key is being replaced for the first', async () => {
    const { all, begin, also, close } = await carols()
    const second = await also()
    expect(second.here()).toMatchObject({ isBehind: false, mayBegin: true })
    const touches = [begin(), second.begin()].map((touch) => touch.catch((error: unknown) => error))
    await vi.waitFor(() => expect(all).toHaveLength(2))
    for (const one of all) one.begin()
    const refused = (await Promise.all(touches)).filter((error) => error !== undefined)
    expect(refused).toEqual([expect.objectContaining({ code: 'not-allowed' })])
    expect(second.here()).toMatchObject({ isBehind: true, mayBegin: false })
    await expect(second.begin()).rejects.toMatchObject({ code: 'not-allowed' })
    await close()
    expect(second.here()).toMatchObject({ isBehind: false, mayBegin: true })
  })
  it('has it seen again that the old key is gone, before anybody says so', async () => {
    const gone = { ...NOTHING_DONE, goneAt: 5 }
    const { all, begin, hold, write, turn, close } = await carols(gone)
    await turn()
    expect(write).not.toHaveBeenCalled()
    const touch = begin()
    await vi.waitFor(() => expect(all).toHaveLength(1))
    all[0]?.begin()
    await touch
    await hold()
    await turn()
    expect(write).not.toHaveBeenCalled()
    await close()
  })
  it('is not needed where it was seen, once another key is held in its place', async () => {
    const { hold, write, turn } = await carols({ ...NOTHING_DONE, goneAt: 5 })
    await hold()
    await turn()
    expect(write).toHaveBeenCalledWith('rotated', null, expect.objectContaining({ step: 'deleted', at: 5 }))
  })
})
