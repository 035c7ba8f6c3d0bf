import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { execPath, kill, platform } from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EMERGENCY_ROLE, type Sandbox, type SandboxOptions, startSandbox } from '../../../e2e/sandbox-aws/sandbox.ts'
import { digest, fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { jcs } from '../../../shared/jcs.ts'
import { decryptCredential } from '../../../shared/secrets/credential.ts'
import { combine } from '../../../shared/secrets/sharing.ts'
import { startNodeWorker } from '../../shell/node-worker.ts'
import type { ShellWorker } from '../../shell/shell.ts'
import { standingOf } from '../aws/identity.ts'
import { parseSession } from '../aws/session.ts'
import { type Dealt, dealInWorker, type Gone, type IssueWorker, type Release, readyWorker } from './client.ts'
import { dealCredential } from './deal.ts'
import { dealtFacts } from './protocol.ts'
import { dealingOf } from './shares.ts'
import { bundleWorker } from './testing/bundle.ts'
import {
  credentialOf,
  dealOrder,
  foundOrganization,
  goFacts,
  type Organization,
  openHandover,
  releaseTo,
  shareFacts,
  takeShare,
} from './testing/organization.ts'

let bundle: Awaited<ReturnType<typeof bundleWorker>>
let sandbox: Sandbox
let organization: Organization
let dealt: Dealt
let now: number

const random = (length: number) => Uint8Array.from(randomBytes(length))
const start = (): ShellWorker => startNodeWorker(bundle.program)

beforeAll(async () => {
  bundle = await bundleWorker()
})
afterAll(() => bundle.remove())
beforeEach(() => {
  now = Date.now()
})
afterEach(() => sandbox.close())

/** Founds, deposits, and gives a worker at `ready` with the releases of these custodians. */
async function readied(indexes: readonly number[], options: SandboxOptions = {}) {
  sandbox = await startSandbox({ clock: () => now, ...options })
  organization = foundOrganization(random)
  dealt = await dealHere()
  const process = start()
  const worker = await readyWorker(process)
  return { process, worker, releases: await releasesTo(worker, indexes) }
}

/** Deals without a process of its own, which the tests of issuing do not need. */
async function dealHere(): Promise<Dealt> {
  const facts = { job: 'deal' as const, ...dealOrder(organization) }
  const { facts: answer, parts } = await dealCredential(facts, credentialOf(sandbox), random)
  const [ciphertext = new Uint8Array(0), ...boxes] = parts
  return { header: dealtFacts.parse(answer).header, ciphertext, boxes }
}

function releasesTo(worker: IssueWorker, indexes: readonly number[]): Promise<Release[]> {
  return Promise.all(indexes.map((index) => releaseTo(organization, dealt, worker.boxPublicKey, index)))
}

const go = (worker: IssueWorker, releases: readonly Release[], change: object = {}): Promise<Gone> =>
  worker.go({ ...goFacts(organization, dealt, sandbox), ...change, releases }, Uint8Array.from(dealt.ciphertext))

async function sessionOf(gone: Gone) {
  if (gone.is !== 'issued') throw new TypeError(`expected a session, got ${JSON.stringify(gone)}`)
  return parseSession(await openHandover(organization, dealt, gone.handover))
}

describe('a deposit', () => {
  beforeEach(async () => {
    sandbox = await startSandbox()
    organization = foundOrganization(random)
    dealt = await dealInWorker(start(), dealOrder(organization), credentialOf(sandbox))
  })
  it('deals the access key three of five, and any three custodians could open it', async () => {
    const shares = await Promise.all(
      [5, 1, 3].map(async (index) => ({ index, share: await takeShare(organization, dealt, index) })),
    )
    const secret = combine(shares, dealingOf({ header: dealt.header, threshold: 3 }))
    const credential = await decryptCredential(secret, jcs(dealt.header), dealt.ciphertext)
    expect(JSON.parse(fromUtf8(credential))).toEqual(sandbox.accessKey)
    expect(dealt.header).toMatchObject({ accessKeyId: sandbox.accessKey.accessKeyId, commitments: { length: 3 } })
  })
  it('never comes out the same twice', async () => {
    const again = await dealInWorker(start(), dealOrder(organization), credentialOf(sandbox))
    expect(digest(again.ciphertext)).not.toBe(digest(dealt.ciphertext))
    expect(again.header.nonce).not.toBe(dealt.header.nonce)
  })
  it('is refused when the credential is no access key, without quoting it', async () => {
    const refused = dealInWorker(start(), dealOrder(organization), utf8('{"secret":"hunter2"}'))
    const unquoted: unknown = expect.not.stringContaining('hunter2')
    await expect(refused).rejects.toMatchObject({ code: 'refused', message: unquoted })
  })
  it('is refused with a threshold that cannot be, and the worker ends', async () => {
    const process = start()
    const dealing = dealInWorker(process, { ...dealOrder(organization), threshold: 99 }, credentialOf(sandbox))
    await expect(dealing).rejects.toMatchObject({ code: 'refused' })
    await process.exited
  })
})

describe('a session issued by three of five', () => {
  it('works for the requester, and AWS refuses it after its end', async () => {
    const { worker, process, releases } = await readied([1, 3, 5], { sessionSeconds: 3 })
    const gone = await go(worker, releases)
    const session = await sessionOf(gone)
    expect(gone).toMatchObject({
      accessKeyId: session.accessKeyId,
      expires: session.expiration,
      region: 'eu-central-1',
      bad: [],
    })
    expect(await standingOf(session, sandbox.endpoints['eu-central-1'] ?? '')).toMatchObject({ standing: 'alive' })
    now = session.expiration
    expect(await standingOf(session, sandbox.endpoints['eu-central-1'] ?? '')).toMatchObject({ standing: 'refused' })
    await process.exited
  })
  it('asks AWS nothing before go, and once after', async () => {
    const { worker, releases } = await readied([1, 2, 3])
    await worker.check({ ...shareFacts(organization, dealt), releases })
    expect(sandbox.log).toEqual([])
    await go(worker, releases)
    expect(sandbox.log).toMatchObject([
      { action: 'AssumeRole', accessKeyId: sandbox.accessKey.accessKeyId, outcome: 'ok' },
    ])
  })
  it('opens for nobody but the requester in this very attempt', async () => {
    const { worker, releases } = await readied([1, 2, 3])
    const gone = await go(worker, releases)
    if (gone.is !== 'issued') throw new TypeError('expected a session')
    const eve = { ...organization, commander: { ...organization.commander, box: organization.issuer.box } }
    await expect(openHandover(eve, dealt, gone.handover)).rejects.toMatchObject({ code: 'box-refused' })
  })
  it('comes from the next region when the first is down', async () => {
    const { worker, releases } = await readied([2, 4, 5])
    await sandbox.setDown('eu-central-1', true)
    const gone = await go(worker, releases)
    expect(gone).toMatchObject({
      is: 'issued',
      region: 'eu-west-1',
      attempted: [{ outcome: 'unreachable', mayExist: false }, {}],
    })
  })
})

describe('a bad share', () => {
  it.each<[string, (worker: IssueWorker) => Promise<Release>]>([
    [
      'altered',
      async (worker) => {
        const share = await takeShare(organization, dealt, 3)
        share[0] = (share[0] ?? 0) ^ 1
        return releaseTo(organization, dealt, worker.boxPublicKey, 3, { share })
      },
    ],
    [
      'of another index',
      async (worker) =>
        releaseTo(organization, dealt, worker.boxPublicKey, 3, { share: await takeShare(organization, dealt, 4) }),
    ],
    [
      'sealed for another attempt',
      (worker) => releaseTo(organization, dealt, worker.boxPublicKey, 3, { ready: digest(utf8('another ready')) }),
    ],
    ['sealed to another key', () => releaseTo(organization, dealt, organization.issuer.box.publicKey, 3)],
    [
      'of nothing at all',
      async (worker) => ({ ...(await releaseTo(organization, dealt, worker.boxPublicKey, 3)), box: new Uint8Array(0) }),
    ],
  ])('that is %s is named with its custodian, and another one makes up for it', async (_, bad) => {
    const { worker, releases } = await readied([1, 2])
    const carol = organization.custodians[2]?.member
    const spoilt = [...releases, await bad(worker)]
    const checked = await worker.check({ ...shareFacts(organization, dealt), releases: spoilt })
    expect(checked).toMatchObject({ good: [1, 2], bad: [{ member: carol, index: 3 }], missing: 1 })
    expect(await go(worker, spoilt)).toEqual(checked)
    expect(sandbox.log).toEqual([])
    const gone = await go(worker, [...spoilt, ...(await releasesTo(worker, [5]))])
    expect(gone).toMatchObject({ is: 'issued', bad: [{ member: carol, index: 3 }] })
  })
  it('that one custodian releases under the index of another is refused as theirs', async () => {
    const { worker, releases } = await readied([1, 2, 3])
    const [first, second, third] = releases
    if (!first || !second || !third) throw new TypeError('three releases')
    const posing = { ...third, member: first.member, device: first.device }
    const gone = await go(worker, [first, second, posing])
    expect(gone).toMatchObject({ is: 'shares', bad: [{ member: first.member, index: 3 }], missing: 1 })
    await worker.abandon()
  })
  it('that comes twice counts once', async () => {
    const { worker, releases } = await readied([1, 2])
    const gone = await go(worker, [...releases, ...releases.slice(0, 1)])
    expect(gone).toMatchObject({ is: 'shares', good: [1, 2], missing: 1 })
    await worker.abandon()
  })
  it('is not looked for in a custodian when the commitments themselves are short', async () => {
    const { worker, releases } = await readied([1, 2, 3])
    const header = { ...dealt.header, commitments: dealt.header.commitments.slice(0, 2) }
    await expect(go(worker, releases, { header })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('share-wrong-degree') as unknown,
    })
    expect(sandbox.log).toEqual([])
  })
  it('is not blamed on anybody when the ciphertext was altered', async () => {
    const { worker, releases } = await readied([1, 2, 3])
    const ciphertext = Uint8Array.from(dealt.ciphertext, (byte, at) => (at === 0 ? byte ^ 1 : byte))
    const gone = await worker.go({ ...goFacts(organization, dealt, sandbox), releases }, ciphertext)
    expect(gone).toMatchObject({ is: 'failed', code: 'credential-refused', mayExist: false, bad: [] })
    expect(sandbox.log).toEqual([])
  })
})

describe('a failure of AWS ends the attempt with its reason', () => {
  const noTags = { ...EMERGENCY_ROLE, trust: EMERGENCY_ROLE.trust.replace('"sts:TagSession",', '') }
  it.each<[string, string, boolean, SandboxOptions, () => void]>([
    ['a wrong AWS key', 'wrong-key', false, {}, () => sandbox.setActive(sandbox.accessKey.accessKeyId, false)],
    ['a denied AssumeRole', 'denied', false, { roles: [noTags] }, () => undefined],
    ['throttling everywhere', 'throttled', false, {}, () => sandbox.fault({ kind: 'throttled' }, { times: 2 })],
    [
      'a broken connection before',
      'unreachable',
      true,
      {},
      () => sandbox.fault({ kind: 'cut', done: false }, { times: 2 }),
    ],
    [
      'a broken connection after',
      'unreachable',
      true,
      {},
      () => sandbox.fault({ kind: 'cut', done: true }, { times: 2 }),
    ],
    ['clock skew', 'clock-skew', false, {}, () => sandbox.setClockSkew(20 * 60_000)],
  ])('%s', async (_, code, mayExist, options, fail) => {
    const { worker, process, releases } = await readied([1, 2, 3], options)
    fail()
    const gone = await go(worker, releases)
    expect(gone).toMatchObject({ is: 'failed', code, mayExist })
    expect(JSON.stringify(gone)).not.toContain(sandbox.accessKey.secretAccessKey)
    await process.exited
    expect(sandbox.log.some(({ issued }) => issued !== null)).toBe(
      code === 'unreachable' && sandbox.log.some(({ done }) => done),
    )
  })
  it('a session policy that is too large', async () => {
    const { worker, releases } = await readied([1, 2, 3])
    const dense = Array.from({ length: 170 }, (_, at) =>
      Math.sin(at + 1)
        .toString(36)
        .slice(2),
    )
      .join('')
      .slice(0, 1900)
    const sessionPolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Sid: dense, Effect: 'Deny', Action: '*', Resource: '*' }],
    })
    const { access } = goFacts(organization, dealt, sandbox)
    const gone = await go(worker, releases, { access: { ...access, sessionPolicy } })
    expect(gone).toMatchObject({ is: 'failed', code: 'policy-too-large', mayExist: false })
  })
  it('a time-out', { timeout: 20_000 }, async () => {
    const { worker, releases } = await readied([1, 2, 3], { regions: ['eu-central-1'] })
    sandbox.fault({ kind: 'silent', done: true })
    expect(await go(worker, releases)).toMatchObject({ is: 'failed', code: 'timed-out', mayExist: true })
  })
})

describe('the worker process', () => {
  it('killed before go loses its key: what was released to it opens for nobody', async () => {
    const { worker, process, releases } = await readied([1, 2, 3])
    process.kill()
    await process.exited
    expect(await go(worker, releases)).toMatchObject({ is: 'failed', code: 'worker-gone' })
    const next = await readyWorker(start())
    expect(await go(next, releases)).toMatchObject({ is: 'shares', good: [], missing: 3 })
    await next.abandon()
    expect(sandbox.log).toEqual([])
  })
  it('killed while AWS is asked leaves the word that a session may exist', async () => {
    const { worker, process, releases } = await readied([1, 2, 3])
    sandbox.fault({ kind: 'silent', done: true })
    const going = go(worker, releases)
    await expect.poll(() => sandbox.log.length).toBe(1)
    process.kill()
    expect(await going).toMatchObject({ is: 'failed', code: 'worker-gone', mayExist: true })
  })
  it('ends when main goes away', async () => {
    const { process } = await readied([])
    process.finish()
    expect(await process.exited).toBe(0)
  })
  it('ends after the credential was touched, so that a second go finds nothing', async () => {
    const { worker, process, releases } = await readied([1, 2, 3])
    expect(await go(worker, releases)).toMatchObject({ is: 'issued' })
    await process.exited
    expect(await go(worker, releases)).toMatchObject({ is: 'failed', code: 'worker-gone' })
    expect(sandbox.log).toHaveLength(1)
  })
  it.skipIf(platform !== 'linux')('has no arguments, environment, core dump, open file or debugger', async () => {
    const { worker, releases } = await readied([1, 2, 3])
    const pid = youngestChild()
    const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
    expect(read('cmdline').split('\0')).toEqual([execPath, fileURLToPath(bundle.program), ''])
    // The shell that sets the core limit adds its folder.
    expect(read('environ').replace(/^PWD=[^\0]*\0/, '')).toBe('')
    expect(read('limits')).toMatch(/^Max core file size +0 /m)
    expect(read('coredump_filter').trim()).toBe('00000000')
    const open = () => readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
    expect(open().filter((target) => target.startsWith('/') && !target.startsWith('/dev/'))).toEqual([])
    const sockets = () => open().filter((target) => target.startsWith('socket:'))
    const before = sockets()
    kill(pid, 'SIGUSR1')
    // Had the signal opened a debugger, its socket would be there by the time this is answered.
    expect(await worker.check({ ...shareFacts(organization, dealt), releases })).toMatchObject({ missing: 0 })
    expect(sockets()).toEqual(before)
    await worker.abandon()
  })
})

/** The process id of the worker that was started last: our youngest child. */
function youngestChild(): number {
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '),
  )
  return Math.max(...children.map(Number))
}

/** Where a descriptor points; nothing if it was closed meanwhile. */
function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)]
  } catch {
    return []
  }
}
