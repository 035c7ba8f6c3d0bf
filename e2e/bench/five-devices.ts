import { touch } from '../../main/vault/testing/window.ts'
import type { Digest } from '../../shared/bytes.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { type Devices, newDevices, type RemoteParty } from '../devices/devices.ts'
import { agree, deposit, found, planForm } from '../in-process/world.ts'
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts'

export const NAMES = ['Ana', 'Raj', 'Mia', 'Leo', 'Zoe'] as const
type Name = (typeof NAMES)[number]

/**
 * Five people, each app a process of its own, with an organization, a plan of three of five, and a key in custody. They meet
 * over TLS on the loopback address. Ana asks; Mia's device issues, and Leo's if Mia's does not.
 */
export interface FiveDevices extends Pick<Devices<SandboxProcess>, 'dir' | 'sandbox' | 'close'> {
  readonly people: Readonly<Record<Name, RemoteParty>>
  readonly plan: Digest
}

/** Sets them up. @param worker - the worker program. */
export async function fiveDevices(worker: string): Promise<FiveDevices> {
  const devices = await newDevices(await startSandboxProcess(900), worker)
  const { dir, sandbox } = devices
  const parties = await devices.arrive(...NAMES)
  await found(parties)
  const people = Object.fromEntries(parties.map((party) => [party.name, party])) as FiveDevices['people']
  await allMeet(people)
  const plan = await agree(parties, await planForm(people.Ana, sandbox, 3))
  await deposit(parties, people.Ana, plan, sandbox.accessKey)
  return { dir, sandbox, people, plan, close: () => devices.close() }
}

/** Mia, whom the cases lock and unlock, dials everybody by herself: others would pause before they try again. */
async function allMeet(people: FiveDevices['people']): Promise<void> {
  for (const { call } of [people.Leo, people.Zoe]) {
    const { exchange } = await call.app.snapshot()
    await people.Mia.call.exchange.addAddress({ address: `127.0.0.1:${exchange.port}` })
  }
  for (const party of Object.values(people)) await meetsAll(party)
}

/** Waits until somebody is connected with all others, and all have handed over what they have. */
export async function meetsAll(party: RemoteParty): Promise<void> {
  await party.until(
    'all the others',
    ({ exchange, standing }) =>
      standing?.state === 'current' && exchange.peers.filter(({ connected }) => connected).length === NAMES.length - 1,
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

/** What is left of a signature: the touch itself, and the id of what it signs. */
export interface Reached {
  readonly id: Digest
  readonly touch: () => Promise<void>
}

/** Lets somebody read the request and reach for the key. */
export async function reachForKey(party: RemoteParty, request: Digest): Promise<Reached> {
  await party.until('the request', has(request))
  return reach(party, await party.call.cases.decide({ request, verdict: 'approve', reason: '' }))
}

/** Lets somebody read a draft and reach for the key. */
export async function reach(party: RemoteParty, shown: DraftView): Promise<Reached> {
  let { draft, id } = shown
  let step = await party.call.sign.start({ draft })
  // The app recorded something of its own since the draft was made: a person reads once more.
  while (step.kind === 'moved') {
    ;({ draft, id } = step.draft)
    step = await party.call.sign.start({ draft })
  }
  if (step.kind !== 'get') throw new Error(`expected to be asked for a key, not ${step.kind}`)
  const { ceremony } = step
  const answer = touch(party.keys[0], step)
  return {
    id,
    touch: async () => {
      const last = await party.call.ceremony.answer({ ceremony, answer })
      if (last.kind !== 'done') throw new Error(`${party.name}’s touch came to ${last.kind}`)
    },
  }
}

/** Waits until somebody's window shows that a device is ready to issue. */
export function readyToIssue(party: RemoteParty, request: Digest): Promise<unknown> {
  return party.until('a device that is ready', ({ cases }) =>
    cases.some(({ id, attempt }) => id === request && attempt !== null),
  )
}

function has(request: Digest): (snapshot: Snapshot) => boolean {
  return ({ cases }) => cases.some(({ id }) => id === request)
}

/** Ana is done with the session of a case, and all is over. */
export async function finish({ people: { Ana } }: FiveDevices, request: Digest): Promise<void> {
  await Ana.call.sessions.done({ case: request })
  await Ana.until('the end', ({ cases }) => cases.some(({ id, state }) => id === request && state !== 'granted'))
}
