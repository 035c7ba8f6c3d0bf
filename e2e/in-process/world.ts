import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Digest } from '../../shared/bytes.ts'
import { utf8 } from '../../shared/bytes.ts'
import type { PlanForm } from '../../shared/ipc-values.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox-aws/sandbox.ts'
import { bundle } from './bundle.ts'
import { LocalApp, type LocalOptions } from './local-app.ts'
import { Party } from './party.ts'
import { Switchboard } from './switchboard.ts'
import type { TestClock } from './test-clock.ts'

/** A person whose app runs in this process. */
export type LocalParty = Party<LocalApp>

/** Several parties in one process, and a sandbox AWS. */
export interface World {
  readonly dir: string
  readonly sandbox: Sandbox
  readonly switchboard: Switchboard
  readonly worker: string
  arrive(name: string, more?: Partial<LocalOptions>): Promise<LocalParty>
  /** Keeps everybody's profile as it is now. */
  save(): Promise<void>
  /** Brings everybody back to where they were at {@link World.save}: everything since then never happened. */
  rewind(): Promise<void>
  close(): Promise<void>
}

let program: Promise<string> | null = null

/** The worker's program, bundled once for all worlds of this process. */
function workerProgram(): Promise<string> {
  program ??= (async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lockbox-worker-'))
    try {
      return await readFile(await bundle(new URL('worker.ts', import.meta.url), dir), 'utf8')
    } finally {
      await rm(dir, { recursive: true })
    }
  })()
  return program
}

/** Writes the worker and starts the sandbox. @param sessionSeconds - how long the sandbox lets sessions live. */
export async function newWorld(
  sessionSeconds: number,
  options: SandboxOptions = {},
  clock?: TestClock,
): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'lockbox-'))
  clock?.start()
  const worker = join(dir, 'worker.mjs')
  await writeFile(worker, `${clock?.workerBanner(dir) ?? ''}\n${await workerProgram()}`)
  const sandbox = await startSandbox({ sessionSeconds, clock: () => Date.now(), ...options })
  const switchboard = new Switchboard()
  const parties: LocalParty[] = []
  const saved = join(dir, 'saved')
  const rest = async (act: (party: LocalParty) => Promise<void>) => {
    await Promise.all(parties.map((party) => party.quit()))
    for (const party of parties) {
      await act(party)
      await party.revive()
    }
  }
  return {
    dir,
    sandbox,
    switchboard,
    worker,
    arrive: async (name, more = {}) => {
      const clocks = clock === undefined ? {} : { clock: clock.clock, time: clock.time }
      const local = { worker, carrier: () => switchboard.carrier(), ...clocks, ...more }
      const party = await Party.arrive({
        name,
        dir,
        launch: (profileDir, hands) => LocalApp.start(profileDir, local, hands),
      })
      parties.push(party)
      return party
    },
    save: () => rest((party) => cp(party.profileDir, join(saved, party.name), { recursive: true })),
    rewind: () =>
      rest(async (party) => {
        await rm(party.profileDir, { recursive: true })
        await cp(join(saved, party.name), party.profileDir, { recursive: true })
      }),
    close: async () => {
      await Promise.all(parties.map((party) => party.quit()))
      await sandbox.close()
      await rm(dir, { recursive: true, force: true })
      clock?.stop()
    },
  }
}

type Roles = ('admin' | 'approver' | 'auditor' | 'commander')[]
/** What each founder is, by their place. */
export const PARTS: readonly { readonly roles: Roles; readonly groups: string[] }[] = [
  { roles: ['admin', 'approver', 'commander'], groups: ['platform'] },
  { roles: ['admin', 'approver'], groups: ['security'] },
  { roles: ['admin', 'approver'], groups: ['platform'] },
  { roles: ['approver', 'auditor'], groups: ['security'] },
  { roles: ['approver', 'commander'], groups: ['platform'] },
]

/** Five (or more, or fewer) people found an organization: cards by file, one draft, 12 words, everyone's endorsement. */
export function found(parties: readonly Party[]): Promise<string[]> {
  return foundWith(parties, {})
}

/** As {@link found}, but for those who are something else than their place makes them. @param parts - by name. */
export async function foundWith(
  parties: readonly Party[],
  parts: Readonly<Record<string, { readonly roles: Roles; readonly groups: string[] }>>,
): Promise<string[]> {
  const [founder, ...others] = parties as [Party, ...Party[]]
  const members = []
  for (const [at, party] of parties.entries()) {
    const { roles, groups } = parts[party.name] ?? partOf(at)
    const card = await founder.call.people.readCard(await party.call.people.card({ roles, groups }))
    members.push({ card: card.digest, roles, groups })
  }
  await founder.sign(founder.call.people.found({ organization: 'Example Bank', members }))
  const draft = await founder.until('its own draft', ({ drafts }) => drafts[0])
  const file = await founder.call.people.draftFile({ roster: draft.id })
  for (const party of others) await party.call.exchange.readFile(file)
  const words = await Promise.all(
    parties.map((party) =>
      party.until('the 12 words', ({ drafts }) => drafts.find(({ id }) => id === draft.id)?.words),
    ),
  )
  if (new Set(words.map((twelve) => twelve.join(' '))).size !== 1) throw new Error('the windows show different words')
  for (const party of parties) await party.sign(party.call.endorse.draft({ of: draft.id, compared: true }))
  await Promise.all(parties.map((party) => party.until('the organization', ({ stage }) => stage === 'member')))
  return words[0] as string[]
}

/** The part that the person who arrived at that place plays in every story. */
export function partOf(at: number) {
  return PARTS[at % PARTS.length] as (typeof PARTS)[number]
}

/** A plan for the sandbox's role, from the built-in template. */
export async function planForm(
  party: Party,
  sandbox: Pick<Sandbox, 'roleArn' | 'regions'>,
  threshold: number,
): Promise<PlanForm> {
  const [template] = await party.call.plans.templates()
  const { people } = await party.snapshot()
  if (template === undefined) throw new Error('there is no template')
  const custodians = people.map(({ member }) => member)
  const others = people.filter(({ me }) => !me)
  return {
    replaces: null,
    name: template.name,
    emergencies: [template.emergency],
    runbook: template.runbook,
    credential: { credential: null, name: 'prod-root' },
    access: { kind: 'aws-sts', roleArn: sandbox.roleArn, sessionPolicy: null, regions: [...sandbox.regions] },
    requesters: people.filter(({ roles }) => roles.includes('commander')).map(({ member }) => member),
    custodians,
    quorum: { count: threshold, groups: [{ group: 'security', count: 1 }], veto: [] },
    whyTight: '',
    durations: [...template.durations],
    issuers: others.map(({ member }) => member).slice(1, 3),
    requesterMayIssue: false,
    witness: 'required',
    lockEndsSession: false,
  }
}

/** Proposes the plan and has the admins endorse it. */
export async function agree(parties: readonly Party[], form: PlanForm): Promise<Digest> {
  const [author] = parties as [Party]
  await author.sign(author.call.plans.draft(form))
  const plan = await author.until('the plan', ({ plans }) => plans.find(({ name }) => name === form.name))
  const admins = parties.filter((_, at) => partOf(at).roles.includes('admin'))
  for (const party of admins) {
    await party.until('the plan to endorse', ({ plans }) => plans.some(({ id }) => id === plan.id))
    await party.sign(party.call.endorse.draft({ of: plan.id, compared: false }))
  }
  await Promise.all(
    parties.map((party) =>
      party.until('the plan in effect', ({ plans }) =>
        plans.some(({ id, state }) => id === plan.id && state === 'effective'),
      ),
    ),
  )
  return plan.id
}

/** Deposits the sandbox's key; every custodian accepts, and custody is proved. */
export async function deposit(
  parties: readonly Party[],
  depositor: Party,
  plan: Digest,
  key: { accessKeyId: string; secretAccessKey: string },
): Promise<Digest> {
  const secretAccessKey = utf8(key.secretAccessKey)
  await depositor.sign(
    depositor.call.credentials.deposit({ plan, key: { from: 'typed', accessKeyId: key.accessKeyId, secretAccessKey } }),
  )
  for (const party of parties) {
    const mine = await party.until('a share to accept', ({ generations }) =>
      generations.find((one) => one.mine === 'accept'),
    )
    await party.sign(party.call.endorse.draft({ of: mine.id, compared: false }))
  }
  const proven = await Promise.all(
    parties.map((party) =>
      party.until('custody proved by all', ({ generations }) => generations.find(({ state }) => state === 'proven')),
    ),
  )
  return (proven[0] as { id: string }).id
}
