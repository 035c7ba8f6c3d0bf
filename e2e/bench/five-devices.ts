import { LanCarrier } from '../../main/exchange/carrier.ts'
import { touch } from '../../main/vault/testing/window.ts'
import type { Digest } from '../../shared/bytes.ts'
import type { DraftView } from '../../shared/ipc.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import type { Plug } from '../in-process/switchboard.ts'
import { agree, deposit, found, type LocalParty, newWorld, planForm, type World } from '../in-process/world.ts'

export const NAMES = ['Ana', 'Raj', 'Mia', 'Leo', 'Zoe'] as const
type Name = (typeof NAMES)[number]

/**
 * Five people in one process with an organization, a plan of three of five, and a key in custody. Ana asks; Mia's device
 * issues, and Leo's if Mia's does not.
 */
export interface FiveDevices {
  readonly world: World
  readonly people: Readonly<Record<Name, LocalParty>>
  readonly plan: Digest
  /** Pulls or restores somebody's cable. */
  readonly plug: (name: Name, isPlugged: boolean) => Promise<void>
  /** Has all of them meet over TLS on the loopback address from now on. */
  readonly toLan: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Sets them up. @param worker - the worker program. */
export async function fiveDevices(worker: string): Promise<FiveDevices> {
  const world = await newWorld(900)
  const plugs = new Map<string, Plug>()
  let isOnLan = false
  const arrive = (name: Name) =>
    world.arrive(name, {
      worker,
      carrier: () => {
        if (isOnLan) return new LanCarrier([], { host: '127.0.0.1', port: 0, discover: false })
        const plug = world.switchboard.carrier()
        plugs.set(name, plug)
        return plug
      },
    })
  const parties = await Promise.all(NAMES.map(arrive))
  for (const party of parties) await party.setUp()
  await found(parties)
  const people = Object.fromEntries(parties.map((party) => [party.name, party])) as FiveDevices['people']
  const plan = await agree(parties, await planForm(people.Ana, world.sandbox, 3))
  await deposit(parties, people.Ana, plan, world.sandbox.accessKey)
  return {
    world,
    people,
    plan,
    plug: async (name, isPlugged) => plugs.get(name)?.plug(isPlugged),
    toLan: () => {
      isOnLan = true
      return meetOnLan(parties)
    },
    close: () => world.close(),
  }
}

async function meetOnLan(parties: readonly LocalParty[]): Promise<void> {
  for (const party of parties) await party.call.vault.lock()
  for (const party of parties) await party.unlock()
  const ports = await Promise.all(parties.map((party) => party.until('its port', ({ exchange }) => exchange.port)))
  for (const party of parties.slice(1))
    for (const port of ports.slice(0, parties.indexOf(party)))
      party.running.app.desk().carrier.addAddress(`127.0.0.1:${port}`)
  for (const party of parties)
    await party.until(
      'all the others',
      ({ exchange, standing }) => standing?.state === 'current' && exchange.peers.every(({ connected }) => connected),
    )
}

/** Has Ana ask; the request's id. */
export async function ask({ people: { Ana }, plan }: FiveDevices, reference: string): Promise<Digest> {
  const emergency = 'identity-provider-down'
  await Ana.sign(
    Ana.call.cases.request({ plan, purpose: 'access', emergency, what: 'A drill', reference, seconds: 900 }),
  )
  return Ana.until('the request', ({ cases }) => cases.find((one) => one.reference === reference)?.id)
}

/** Lets somebody read the request and reach for the key; what is left is the touch itself. */
export async function reachForKey(party: LocalParty, request: Digest): Promise<() => Promise<void>> {
  await party.until('the request', has(request))
  return reach(party, await party.call.cases.decide({ request, verdict: 'approve', reason: '' }))
}

/** Lets somebody read a draft and reach for the key; what is left is the touch itself. */
export async function reach(party: LocalParty, { draft }: DraftView): Promise<() => Promise<void>> {
  let step = await party.call.sign.start({ draft })
  // The app recorded something of its own since the draft was made: a person reads once more.
  while (step.kind === 'moved') step = await party.call.sign.start({ draft })
  if (step.kind !== 'get') throw new Error(`expected to be asked for a key, not ${step.kind}`)
  const { ceremony } = step
  const answer = touch(party.keys[0], step)
  return async () => {
    const last = await party.call.ceremony.answer({ ceremony, answer })
    if (last.kind !== 'done') throw new Error(`${party.name}’s touch came to ${last.kind}`)
  }
}

/** Waits until somebody's window shows that a device is ready to issue. */
export function readyToIssue(party: LocalParty, request: Digest): Promise<unknown> {
  return party.until('a device that is ready', ({ cases }) =>
    cases.some(({ id, attempt }) => id === request && attempt !== null),
  )
}

function has(request: Digest): (snapshot: Snapshot) => boolean {
  return ({ cases }) => cases.some(({ id }) => id === request)
}

/** Resolves with the moment at which the session of a case is in its requester's hands. */
export function sessionAt(party: LocalParty, request: Digest): Promise<number> {
  const { app } = party.running
  return new Promise((resolve) => {
    const tell = app.sessions.onChange
    app.sessions.onChange = () => {
      tell()
      const isHere = app.sessions.views(app.desk().device).some((view) => view.case === request && view.here)
      if (!isHere) return
      app.sessions.onChange = tell
      resolve(performance.now())
    }
  })
}

/** How long it took from `began` to the session in Ana's hands; she is done with it then, and all is over. */
export async function finished(
  { people: { Ana } }: FiveDevices,
  request: Digest,
  began: number,
  at: Promise<number>,
): Promise<number> {
  const took = (await at) - began
  await Ana.call.sessions.done({ case: request })
  await Ana.until('the end', ({ cases }) => cases.some(({ id, state }) => id === request && state !== 'granted'))
  return took
}
