import { randomBytes } from 'node:crypto'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../../e2e/sandbox-aws/sandbox.ts'
import { startNodeWorker } from '../../../shell/node-worker.ts'
import type { ShellWorker } from '../../../shell/shell.ts'
import type { AwsSession } from '../../aws/session.ts'
import { parseSession } from '../../aws/session.ts'
import { type Dealt, type Gone, type IssueWorker, type Release, readyWorker } from '../client.ts'
import { dealCredential } from '../deal.ts'
import { dealtFacts } from '../protocol.ts'
import { bundleWorker } from './bundle.ts'
import {
  credentialOf,
  dealOrder,
  foundOrganization,
  goFacts,
  type Organization,
  openHandover,
  releaseTo,
} from './organization.ts'

const random = (length: number) => Uint8Array.from(randomBytes(length))

/** A bundled worker to start again and again. */
export interface Bench {
  readonly program: URL
  start(): ShellWorker
  remove(): void
}

/** Bundles the worker once for a file of tests; `start` is how a shell starts one. */
export async function setUpBench(start: (program: URL) => ShellWorker = startNodeWorker): Promise<Bench> {
  const { program, remove } = await bundleWorker()
  return { program, start: () => start(program), remove }
}

/** An organization with a deposit and a sandbox whose clock stands until a test moves it. */
export interface Scene {
  readonly sandbox: Sandbox
  readonly organization: Organization
  readonly dealt: Dealt
  readonly time: { now: number }
}

/** A scene with a worker at `ready` and some releases to it. */
export interface Readied extends Scene {
  readonly process: ShellWorker
  readonly worker: IssueWorker
  readonly releases: readonly Release[]
}

/** Founds and deposits; without a process of its own, which the tests of issuing do not need. */
export async function setScene(options: SandboxOptions = {}): Promise<Scene> {
  const time = { now: Date.now() }
  const sandbox = await startSandbox({ clock: () => time.now, ...options })
  const organization = foundOrganization(random)
  const order = { job: 'deal' as const, ...dealOrder(organization) }
  const { facts, parts } = await dealCredential(order, credentialOf(sandbox), random)
  const [ciphertext = new Uint8Array(0), ...boxes] = parts
  return { sandbox, organization, dealt: { header: dealtFacts.parse(facts).header, ciphertext, boxes }, time }
}

/** As {@link setScene}, with a worker at `ready` and the releases of the custodians of these indexes. */
export async function setReady(
  bench: Bench,
  indexes: readonly number[],
  options: SandboxOptions = {},
): Promise<Readied> {
  const scene = await setScene(options)
  const process = bench.start()
  const worker = await readyWorker(process)
  return { ...scene, process, worker, releases: await releasesTo(scene, worker, indexes) }
}

/** Releases of the custodians of these indexes to a worker's key. */
export function releasesTo(
  { organization, dealt }: Scene,
  worker: IssueWorker,
  indexes: readonly number[],
): Promise<Release[]> {
  return Promise.all(indexes.map((index) => releaseTo(organization, dealt, worker.boxPublicKey, index)))
}

/** Says `go` with what the scene's commander asked for. */
export function go(
  scene: Scene,
  worker: IssueWorker,
  releases: readonly Release[],
  change: object = {},
): Promise<Gone> {
  const { organization, dealt, sandbox } = scene
  return worker.go({ ...goFacts(organization, dealt, sandbox), ...change, releases }, Uint8Array.from(dealt.ciphertext))
}

/** The session as the commander opens it. */
export async function sessionOf({ organization, dealt }: Scene, gone: Gone): Promise<AwsSession> {
  if (gone.is !== 'issued') throw new TypeError(`expected a session, got ${gone.is}`)
  return parseSession(await openHandover(organization, dealt, gone.handover))
}
