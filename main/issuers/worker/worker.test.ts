import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SandboxOptions } from '../../../e2e/sandbox-aws/sandbox.ts'
import { digest, fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { jcs } from '../../../shared/jcs.ts'
import { decryptCredential } from '../../../shared/secrets/credential.ts'
import { combine } from '../../../shared/secrets/sharing.ts'
import { standingOf } from '../aws/identity.ts'
import { dealInWorker, type IssueWorker, type Release } from './client.ts'
import { dealingOf } from './shares.ts'
import {
  type Bench,
  go,
  type Readied,
  releasesTo,
  type Scene,
  sessionOf,
  setReady,
  setScene,
  setUpBench,
} from './testing/bench.ts'
import {
  credentialOf,
  dealOrder,
  goFacts,
  openHandover,
  releaseTo,
  shareFacts,
  takeShare,
} from './testing/organization.ts'

let bench: Bench
let scene: Scene

beforeAll(async () => {
  bench = await setUpBench()
})
afterAll(() => bench.remove())
afterEach(() => scene.sandbox.close())

async function ready(indexes: readonly number[], options: SandboxOptions = {}): Promise<Readied> {
  const readied = await setReady(bench, indexes, options)
  scene = readied
  return readied
}

describe('a deposit', () => {
  beforeEach(async () => {
    const set = await setScene()
    const dealt = await dealInWorker(bench.start(), dealOrder(set.organization), credentialOf(set.sandbox))
    scene = { ...set, dealt }
  })
  it('deals the access key three of five, and any three custodians could open it', async () => {
    const shares = await Promise.all(
      [5, 1, 3].map(async (index) => ({ index, share: await takeShare(scene.organization, scene.dealt, index) })),
    )
    const secret = combine(shares, dealingOf({ header: scene.dealt.header, threshold: 3 }))
    const credential = await decryptCredential(secret, jcs(scene.dealt.header), scene.dealt.ciphertext)
    expect(JSON.parse(fromUtf8(credential))).toEqual(scene.sandbox.accessKey)
    expect(scene.dealt.header).toMatchObject({
      accessKeyId: scene.sandbox.accessKey.accessKeyId,
      commitments: { length: 3 },
    })
  })
  it('never comes out the same twice', async () => {
    const again = await dealInWorker(bench.start(), dealOrder(scene.organization), credentialOf(scene.sandbox))
    expect(digest(again.ciphertext)).not.toBe(digest(scene.dealt.ciphertext))
    expect(again.header.nonce).not.toBe(scene.dealt.header.nonce)
  })
  it('is refused when the credential is no access key, without quoting it', async () => {
    const refused = dealInWorker(bench.start(), dealOrder(scene.organization), utf8('{"secret":"hunter2"}'))
    const unquoted: unknown = expect.not.stringContaining('hunter2')
    await expect(refused).rejects.toMatchObject({ code: 'refused', message: unquoted })
  })
  it('is refused with a threshold that cannot be, and the worker ends', async () => {
    const process = bench.start()
    const dealing = dealInWorker(
      process,
      { ...dealOrder(scene.organization), threshold: 99 },
      credentialOf(scene.sandbox),
    )
    await expect(dealing).rejects.toMatchObject({ code: 'refused' })
    await process.exited
  })
})

describe('a session issued by three of five', () => {
  it('works for the requester, and AWS refuses it after its end', async () => {
    const { worker, process, releases } = await ready([1, 3, 5], { sessionSeconds: 3 })
    const gone = await go(scene, worker, releases)
    const session = await sessionOf(scene, gone)
    expect(gone).toMatchObject({
      accessKeyId: session.accessKeyId,
      expires: session.expiration,
      region: 'eu-central-1',
      bad: [],
    })
    expect(await standingOf(session, scene.sandbox.endpoints['eu-central-1'] ?? '')).toMatchObject({
      standing: 'alive',
    })
    scene.time.now = session.expiration
    expect(await standingOf(session, scene.sandbox.endpoints['eu-central-1'] ?? '')).toMatchObject({
      standing: 'refused',
    })
    await process.exited
  })
  it('asks AWS nothing before go, and once after', async () => {
    const { worker, releases } = await ready([1, 2, 3])
    await worker.check({ ...shareFacts(scene.organization, scene.dealt), releases })
    expect(scene.sandbox.log).toEqual([])
    await go(scene, worker, releases)
    expect(scene.sandbox.log).toMatchObject([
      { action: 'AssumeRole', accessKeyId: scene.sandbox.accessKey.accessKeyId, outcome: 'ok' },
    ])
  })
  it('opens for nobody but the requester in this very attempt', async () => {
    const { worker, releases } = await ready([1, 2, 3])
    const gone = await go(scene, worker, releases)
    if (gone.is !== 'issued') throw new TypeError('expected a session')
    const eve = {
      ...scene.organization,
      commander: { ...scene.organization.commander, box: scene.organization.issuer.box },
    }
    await expect(openHandover(eve, scene.dealt, gone.handover)).rejects.toMatchObject({ code: 'box-refused' })
  })
  it('comes from the next region when the first is down', async () => {
    const { worker, releases } = await ready([2, 4, 5])
    await scene.sandbox.setDown('eu-central-1', true)
    const gone = await go(scene, worker, releases)
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
        const share = await takeShare(scene.organization, scene.dealt, 3)
        share[0] = (share[0] ?? 0) ^ 1
        return releaseTo(scene.organization, scene.dealt, worker.boxPublicKey, 3, { share })
      },
    ],
    [
      'of another index',
      async (worker) =>
        releaseTo(scene.organization, scene.dealt, worker.boxPublicKey, 3, {
          share: await takeShare(scene.organization, scene.dealt, 4),
        }),
    ],
    [
      'sealed for another attempt',
      (worker) =>
        releaseTo(scene.organization, scene.dealt, worker.boxPublicKey, 3, { ready: digest(utf8('another ready')) }),
    ],
    [
      'sealed to another key',
      () => releaseTo(scene.organization, scene.dealt, scene.organization.issuer.box.publicKey, 3),
    ],
    [
      'of nothing at all',
      async (worker) => ({
        ...(await releaseTo(scene.organization, scene.dealt, worker.boxPublicKey, 3)),
        box: new Uint8Array(0),
      }),
    ],
  ])('that is %s is named with its custodian, and another one makes up for it', async (_, bad) => {
    const { worker, releases } = await ready([1, 2])
    const carol = scene.organization.custodians[2]?.member
    const spoilt = [...releases, await bad(worker)]
    const checked = await worker.check({ ...shareFacts(scene.organization, scene.dealt), releases: spoilt })
    expect(checked).toMatchObject({ good: [1, 2], bad: [{ member: carol, index: 3 }], missing: 1 })
    expect(await go(scene, worker, spoilt)).toEqual(checked)
    expect(scene.sandbox.log).toEqual([])
    const gone = await go(scene, worker, [...spoilt, ...(await releasesTo(scene, worker, [5]))])
    expect(gone).toMatchObject({ is: 'issued', bad: [{ member: carol, index: 3 }] })
  })
  it('that one custodian releases under the index of another is refused as theirs', async () => {
    const { worker, releases } = await ready([1, 2, 3])
    const [first, second, third] = releases
    if (!first || !second || !third) throw new TypeError('three releases')
    const posing = { ...third, member: first.member, device: first.device }
    const gone = await go(scene, worker, [first, second, posing])
    expect(gone).toMatchObject({ is: 'shares', bad: [{ member: first.member, index: 3 }], missing: 1 })
    await worker.abandon()
  })
  it('that comes twice counts once', async () => {
    const { worker, releases } = await ready([1, 2])
    const gone = await go(scene, worker, [...releases, ...releases.slice(0, 1)])
    expect(gone).toMatchObject({ is: 'shares', good: [1, 2], missing: 1 })
    await worker.abandon()
  })
  it('is not looked for in a custodian when the commitments themselves are short', async () => {
    const { worker, releases } = await ready([1, 2, 3])
    const header = { ...scene.dealt.header, commitments: scene.dealt.header.commitments.slice(0, 2) }
    await expect(go(scene, worker, releases, { header })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('share-wrong-degree') as unknown,
    })
    expect(scene.sandbox.log).toEqual([])
  })
  it('is not blamed on anybody when the ciphertext was altered', async () => {
    const { worker, releases } = await ready([1, 2, 3])
    const ciphertext = Uint8Array.from(scene.dealt.ciphertext, (byte, at) => (at === 0 ? byte ^ 1 : byte))
    const gone = await worker.go({ ...goFacts(scene.organization, scene.dealt, scene.sandbox), releases }, ciphertext)
    expect(gone).toMatchObject({ is: 'failed', code: 'credential-refused', mayExist: false, bad: [] })
    expect(scene.sandbox.log).toEqual([])
  })
})
