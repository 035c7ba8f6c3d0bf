import { describe, expect, it } from 'vitest'
import { toBase64Url } from '../../shared/bytes.ts'
import { type Answer, answerSchema } from '../../shared/ceremony.ts'
import type { Client } from '../client.ts'
import { approvalDraft, enrolStep, refusedStep, touchStep } from '../testing/answers.ts'
import { appWith } from '../testing/app.ts'
import { digestId, nameId } from '../testing/people.ts'
import { memberSnapshot } from '../testing/snapshots.ts'
import type { Authenticator } from './authenticator.ts'
import { type CeremonyDesk, createDesk, type Desk } from './desk.ts'

const ABOUT = { doing: 'unlock Lockbox', draft: null }
const DONE = { kind: 'done', ceremony: nameId('ceremony'), task: 'sign', notices: [] } as const

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value).buffer

/** An assertion as a browser gives it, with a PRF output. */
function assertion(secret: ArrayBuffer): Credential {
  return Object.assign(Object.create(null) as Credential, {
    id: nameId('key 1'),
    type: 'public-key',
    rawId: bytes(16, 1),
    authenticatorAttachment: 'cross-platform',
    response: {
      clientDataJSON: bytes(60, 2),
      authenticatorData: bytes(37, 3),
      signature: bytes(70, 4),
      userHandle: null,
    },
    getClientExtensionResults: () => ({ prf: { results: { first: secret } } }),
  })
}

/** A desk whose answers to main are kept as they were when they were sent. */
async function deskWith(
  authenticator: Partial<Authenticator>,
  replies: readonly unknown[] = [DONE],
  starts: readonly unknown[] = [],
) {
  const answers: Answer[] = []
  const queue = [...replies]
  const started = [...starts]
  const { app } = await appWith(memberSnapshot('raj'))
  const client: Client = {
    ...app.client,
    sign: { ...app.client.sign, start: () => Promise.resolve(started.shift() as never) },
    ceremony: {
      answer: ({ answer }) => {
        answers.push(answerSchema.parse(structuredClone(answer)))
        return Promise.resolve(queue.shift() as never)
      },
    },
  }
  const nobody = () => new Promise<null>(() => undefined)
  return { answers, desk: createDesk(client, { create: nobody, get: nobody, ...authenticator }, () => 0) }
}

const step = (given: unknown) => Promise.resolve(given as never)

describe('a ceremony with a key', () => {
  it('brings the PRF output as bytes beside the answer, and wipes it after the call', async () => {
    const secret = bytes(32, 7)
    const { desk, answers } = await deskWith({ get: () => Promise.resolve(assertion(secret)) })
    expect(await desk.run(step(touchStep('unlock')), ABOUT)).toEqual({ end: 'done', notices: [] })
    expect(answers).toMatchObject([{ kind: 'asserted', secret: new Uint8Array(32).fill(7) }])
    expect(
      JSON.stringify(answers.map(({ kind, ...rest }) => [kind, 'response' in rest ? rest.response : null])),
    ).not.toContain(toBase64Url(new Uint8Array(32).fill(7)))
    expect(new Uint8Array(secret)).toEqual(new Uint8Array(32))
  })

  it('asks the key with buffers, and with the salt of each credential', async () => {
    const asked: PublicKeyCredentialRequestOptions[] = []
    const { desk } = await deskWith({
      get: (options) => {
        asked.push(options)
        return Promise.resolve(assertion(bytes(32, 7)))
      },
    })
    await desk.run(step(touchStep('unlock')), ABOUT)
    const [options] = asked
    expect(options?.challenge).toBeInstanceOf(ArrayBuffer)
    expect(options?.allowCredentials?.[0]?.id).toBeInstanceOf(ArrayBuffer)
    const salt = options?.extensions?.prf?.evalByCredential?.[nameId('key 1')]?.first
    expect(salt).toBeInstanceOf(ArrayBuffer)
  })

  it.each(['NotAllowedError', 'InvalidStateError'])('tells main the name of %s and nothing else', async (name) => {
    const { desk, answers } = await deskWith({
      create: () => Promise.reject(new DOMException('The operation either timed out or was not allowed.', name)),
    })
    await desk.run(step(enrolStep), ABOUT)
    expect(answers).toEqual([{ kind: 'failed', name }])
  })

  it('ends when the person cancels: the key is let go, and main is told', async () => {
    const signals: AbortSignal[] = []
    const { desk, answers } = await deskWith({ get: untilAborted(signals) })
    const run = desk.run(step(touchStep('unlock')), ABOUT)
    await shown(desk, 'touch')
    desk.cancel()
    expect((await run).end).toBe('cancelled')
    expect(answers).toEqual([{ kind: 'cancel' }])
    expect(signals[0]?.aborted).toBe(true)
    expect(desk.store.getState()).toEqual({ at: 'nothing' })
  })

  it('asks again for the other key without telling main', async () => {
    const signals: AbortSignal[] = []
    const waiting = untilAborted(signals)
    const { desk, answers } = await deskWith({
      get: (options, signal) =>
        signals.length === 0 ? waiting(options, signal) : Promise.resolve(assertion(bytes(32, 7))),
    })
    const run = desk.run(step(touchStep('unlock')), ABOUT)
    await shown(desk, 'touch')
    desk.otherKey()
    expect((await run).end).toBe('done')
    expect(answers.map(({ kind }) => kind)).toEqual(['asserted'])
  })

  it('repeats a step after a refusal that may be retried', async () => {
    const { desk, answers } = await deskWith({ get: () => Promise.resolve(assertion(bytes(32, 7))) }, [
      touchStep('unlock'),
      DONE,
    ])
    const run = desk.run(step(refusedStep), ABOUT)
    await shown(desk, 'refused')
    desk.again()
    expect((await run).end).toBe('done')
    expect(answers.map(({ kind }) => kind)).toEqual(['again', 'asserted'])
  })

  it('wipes and does not use what a key answers in the moment of cancelling', async () => {
    const secret = bytes(32, 7)
    const { desk, answers } = await deskWith({
      get: (_options, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(assertion(secret)))),
    })
    const run = desk.run(step(touchStep('unlock')), ABOUT)
    await shown(desk, 'touch')
    desk.cancel()
    await run
    expect(answers).toEqual([{ kind: 'cancel' }])
    expect(new Uint8Array(secret)).toEqual(new Uint8Array(32))
  })

  it('shows a failed call instead of losing it', async () => {
    const { desk } = await deskWith({})
    const run = desk.run(Promise.reject(new TypeError('no such call')), ABOUT)
    await shown(desk, 'broken')
    desk.cancel()
    expect((await run).end).toBe('refused')
  })

  it('refuses a second ceremony while one is under way', async () => {
    const { desk } = await deskWith({})
    void desk.review(approvalDraft, 'Approve', 'approve')
    expect(() => desk.run(step(touchStep('unlock')), ABOUT)).toThrow('already under way')
  })
})

describe('a draft', () => {
  it('is signed only after its reader goes on, and dropped if they do not', async () => {
    const { app, main } = await appWith(memberSnapshot('raj'))
    const back = app.desk.review(approvalDraft, 'Approve', 'approve')
    app.desk.cancel()
    expect(await back).toBe('cancelled')
    expect(main.calls.map(({ channel }) => channel)).toEqual(['app.snapshot', 'sign.drop'])
    void app.desk.review(approvalDraft, 'Approve', 'approve')
    app.desk.proceed()
    await shown(app.desk, 'touch')
    expect(main.calls.at(-1)).toEqual({ channel: 'sign.start', request: { draft: approvalDraft.draft } })
  })
})

describe('a draft that lost its place in the record', () => {
  const anew = { ...approvalDraft, id: digestId('anew') }

  it('is shown anew before the key is asked', async () => {
    const { desk } = await deskWith({}, [], [{ kind: 'moved', draft: anew }, touchStep('sign')])
    void desk.review(approvalDraft, 'Approve', 'approve')
    desk.proceed()
    await shownWhere(desk, (state) => state.at === 'review' && state.moved)
    expect(desk.store.getState()).toMatchObject({ about: { draft: { id: anew.id } } })
    desk.proceed()
    await shown(desk, 'touch')
    expect(desk.store.getState()).toMatchObject({ about: { draft: { id: anew.id } } })
  })

  it('is shown anew when that came out only after the touch', async () => {
    const late = { ...refusedStep, code: 'chain-moved', mayRetry: false }
    const starts = [touchStep('sign'), { kind: 'moved', draft: anew }]
    const { desk } = await deskWith({ get: () => Promise.resolve(assertion(bytes(32, 7))) }, [late], starts)
    void desk.review(approvalDraft, 'Approve', 'approve')
    desk.proceed()
    await shownWhere(desk, (state) => state.at === 'review' && state.moved)
    expect(desk.store.getState()).toMatchObject({ about: { draft: { id: anew.id } } })
  })
})

function untilAborted(signals: AbortSignal[]): Authenticator['get'] {
  return (_options, signal) =>
    new Promise((_resolve, reject) => {
      signals.push(signal)
      signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
    })
}

/** Waits until something lies on the desk. */
function shown(desk: Pick<CeremonyDesk, 'store'>, at: string): Promise<void> {
  return shownWhere(desk, (state) => state.at === at)
}

function shownWhere({ store }: Pick<CeremonyDesk, 'store'>, is: (state: Desk) => boolean): Promise<void> {
  if (is(store.getState())) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = store.subscribe((state) => {
      if (!is(state)) return
      stop()
      // The choice is listened for after the state is shown.
      queueMicrotask(resolve)
    })
  })
}
