import { randomFillSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { openBox } from '../../../shared/secrets/box.ts'
import { generateBoxKey } from '../../../shared/secrets/box-key.ts'
import { awsIssuer } from '../aws/issuer.ts'
import { parseRevoker, parseRotator } from '../aws/narrow.ts'
import type { Issuer } from '../issuer.ts'
import { type Message, messageBytes, parseMessage } from './messages.ts'
import { type AfterFacts, readyFacts } from './protocol.ts'
import { serve } from './serve.ts'
import { type Bench, go, type Readied, type Scene, sessionOf, setReady, setScene, setUpBench } from './testing/bench.ts'
import { goFacts, type Organization, type Person, releaseTo, shareFacts } from './testing/organization.ts'

let scene: Scene
afterEach(() => scene.sandbox.close())

const holder = generateBoxKey((length) => randomFillSync(new Uint8Array(length)))
const receiver = ({ device, box }: Person) => ({ device, boxPublicKey: toBase64Url(box.publicKey) })
/** To the first two custodians, and to an admin. */
const facts = ({ custodians, issuer, commander }: Organization): AfterFacts => ({
  member: issuer.member,
  revoker: custodians.slice(0, 2).map(receiver),
  rotator: [receiver(commander)],
  holder: toBase64Url(holder.publicKey),
})
const accessWith = (aftercare: object) => ({
  access: { ...goFacts(scene.organization, scene.dealt, scene.sandbox).access, aftercare },
})
function open(purpose: 'revoker' | 'rotator', { device, box }: Pick<Person, 'device' | 'box'>, sealed: Uint8Array) {
  const { organization, dealt } = scene
  const { deposit, request, ready, issuer } = shareFacts(organization, dealt)
  const context = { organization: organization.id, deposit, request, ready, from: issuer, to: device, index: null }
  return openBox(box.privateKey, { purpose, ...context }, sealed)
}

describe('the aftercare of a worker', () => {
  let bench: Bench
  let readied: Readied
  beforeAll(async () => {
    bench = await setUpBench()
  })
  beforeEach(async () => {
    readied = await setReady(bench, [1, 2, 3])
    scene = readied
  })
  afterAll(() => bench.remove())

  it('comes after the access, sealed to each who may use it and to nobody else, and then the worker ends', async () => {
    const { worker, process, releases, sandbox, organization } = readied
    const gone = await go(scene, worker, releases, accessWith(sandbox.aftercare))
    const session = await sessionOf(scene, gone)
    expect(sandbox.log).toHaveLength(1)
    const made = await worker.aftercare(facts(organization))
    await process.exited
    expect(made.lacks).toBe('')
    const [alice, bob] = organization.custodians
    const { revoker, rotator } = made
    if (!revoker || !rotator || !alice || !bob) throw new TypeError('both, to two and one')
    expect(revoker.boxes.map(({ device }) => device)).toEqual([alice.device, bob.device].toSorted())
    for (const person of [alice, bob]) {
      const box = revoker.boxes.find(({ device }) => device === person.device)?.box ?? new Uint8Array(0)
      const opened = parseRevoker(await open('revoker', person, box))
      expect(opened).toMatchObject({ userId: revoker.userId, expiration: revoker.expires })
      await expect(open('rotator', person, box)).rejects.toMatchObject({ code: 'box-refused' })
      await expect(open('revoker', organization.commander, box)).rejects.toMatchObject({ code: 'box-refused' })
    }
    const { issuer: device } = shareFacts(organization, scene.dealt)
    expect(parseRevoker(await open('revoker', { device, box: holder }, revoker.own))).toMatchObject({
      userId: revoker.userId,
      expiration: revoker.expires,
    })
    const [to] = rotator.boxes
    const rotates = parseRotator(await open('rotator', organization.commander, to?.box ?? new Uint8Array(0)))
    expect(rotates).toMatchObject({ expiration: rotator.expires })
    expect(new Set([session.accessKeyId, rotates.accessKeyId]).size).toBe(2)
    expect(gone).toMatchObject({ userId: revoker.userId })
  })
  it('is not waited for where the plan has none: the worker has ended with its answer', async () => {
    const { worker, process, releases } = readied
    await go(scene, worker, releases)
    await process.exited
    expect(await worker.aftercare(facts(scene.organization))).toEqual({
      revoker: null,
      rotator: null,
      lacks:
        'Neither revoker nor rotator: the worker ended before it answered. AWS may have made them; nobody has them.',
      unheld: [],
    })
  })
  it('that nobody could receive is not made, which is said', async () => {
    const { worker, releases, sandbox, organization } = readied
    await go(scene, worker, releases, accessWith(sandbox.aftercare))
    const made = await worker.aftercare({ ...facts(organization), revoker: [] })
    expect(made).toMatchObject({ revoker: null, lacks: 'No revoker: no custodian’s device could have it.' })
    expect(made.rotator?.boxes).toHaveLength(1)
    expect(sandbox.log).toHaveLength(2)
  })
  it('of a worker that dies meanwhile is lacking, which is said', async () => {
    const { worker, process, releases, sandbox, organization } = readied
    await go(scene, worker, releases, accessWith(sandbox.aftercare))
    sandbox.fault({ kind: 'silent', done: true }, { times: 2 })
    const making = worker.aftercare(facts(organization))
    await expect.poll(() => sandbox.log.length).toBeGreaterThan(1)
    process.kill()
    expect(await making).toMatchObject({
      revoker: null,
      rotator: null,
      lacks: expect.stringContaining('ended') as unknown,
    })
  })
})

describe('the credential that a worker holds for the aftercare', () => {
  /** A worker in this process; what it was lent as credential can be looked at. */
  async function held(holdMs: number, change: Partial<Issuer> = {}) {
    scene = await setScene()
    const { organization, dealt, sandbox } = scene
    const lent: Uint8Array[] = []
    const issuer: Issuer = {
      ...awsIssuer(),
      rehearse: () => Promise.reject(new Error('no')),
      issue: (order) => {
        lent.push(order.credential)
        return awsIssuer().issue(order)
      },
      ...change,
    }
    const answers: Message[] = []
    const inbox: Uint8Array[] = []
    let wake: () => void = () => undefined
    const frames = (async function* () {
      for (;;) {
        const next = inbox.shift()
        if (next) yield next
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    })()
    const say = (message: Message) => {
      inbox.push(messageBytes(message))
      wake()
    }
    const ended = serve({
      frames,
      send: (frame) => Promise.resolve(void answers.push(parseMessage(frame))),
      random: (length) => randomFillSync(new Uint8Array(length)),
      issuer,
      holdMs,
    })
    say({ facts: { job: 'issue' }, parts: [] })
    await expect.poll(() => answers.length).toBe(1)
    const { boxPublicKey } = readyFacts.parse(answers[0]?.facts)
    const releases = await Promise.all(
      [1, 2, 3].map((at) => releaseTo(organization, dealt, fromBase64Url(boxPublicKey), at)),
    )
    const boxes = releases.map(({ box }) => box)
    const asked = {
      step: 'go',
      ...goFacts(organization, dealt, sandbox),
      ...accessWith(sandbox.aftercare),
      releases: releases.map(({ member, device, index }) => ({ member, device, index })),
    }
    say({ facts: asked, parts: [...boxes, Uint8Array.from(dealt.ciphertext)] })
    await expect.poll(() => answers.length).toBe(2)
    expect(answers[1]?.facts).toMatchObject({ is: 'issued' })
    const isWiped = () => lent.every((bytes) => bytes.length > 0 && bytes.every((byte) => byte === 0))
    return { say, ended, answers, isWiped }
  }

  it('is wiped when the time is over although no message came, and the worker ends', async () => {
    const { ended, isWiped, answers } = await held(1000)
    expect(isWiped()).toBe(false)
    await ended
    expect(isWiped()).toBe(true)
    expect(answers).toHaveLength(2)
  })
  it('is wiped before the answer goes out', async () => {
    const { say, ended, isWiped, answers } = await held(60_000)
    say({ facts: { step: 'aftercare', ...facts(scene.organization) }, parts: [] })
    await ended
    expect(isWiped()).toBe(true)
    expect(answers[2]?.facts).toMatchObject({ is: 'aftercare', lacks: '' })
  })
  it('is wiped in time although a call is still under way, which is given up', async () => {
    let wipedAtAbort: boolean | null = null
    let look = () => false
    const issued = await held(1000, {
      aftercare: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            wipedAtAbort = look()
            resolve({ revoker: null, rotator: null, lacks: ['No revoker: given up.'], unheld: [] })
          })
        }),
    })
    look = issued.isWiped
    issued.say({ facts: { step: 'aftercare', ...facts(scene.organization) }, parts: [] })
    await issued.ended
    expect(wipedAtAbort).toBe(true)
    expect(issued.answers[2]?.facts).toMatchObject({ is: 'aftercare', lacks: 'No revoker: given up.' })
  })
  it('is wiped when something else is asked', async () => {
    const { say, ended, isWiped, answers } = await held(60_000)
    say({ facts: { step: 'check' }, parts: [] })
    await ended
    expect(isWiped()).toBe(true)
    expect(answers[2]?.facts).toMatchObject({ is: 'refused' })
  })
})
