import { describe, expect, it } from 'vitest'
import type { PlanVersion } from '../../shared/org/plans.ts'
import { messageBytes, parseMessage } from '../issuers/worker/messages.ts'
import type { ShellWorker } from '../shell/shell.ts'
import { SetUpChecks } from './checking.ts'
import { draftDeposit, type KeySource } from './depositing.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const MFA = 'arn:aws:iam::123456789012:mfa/x'
const LINE = { check: 'key', says: 'wrong', words: 'It was mistyped.', source: 'https://aws.example/' }

const version = (id: string, state: PlanVersion['state'], access: object = {}, credential = 'c') => ({
  id,
  state,
  plan: {
    name: id,
    durations: [900],
    credential: { credential },
    access: {
      roleArn: `arn:aws:iam::123456789012:role/${id}`,
      sessionPolicy: null,
      regions: [{ region: 'eu-west-1', endpoint: 'https://sts.eu-west-1.amazonaws.com' }],
      ...access,
    },
  },
})
const PLANS = [
  version('good', 'effective'),
  version('alike', 'effective'),
  version('elsewhere', 'effective', {}, 'another'),
  version('replaced', 'replaced'),
  version('draft', 'draft'),
  version('coded', 'effective', { mfa: MFA }),
]

function typed(mfaSeed?: string) {
  const secretAccessKey = Buffer.from(SECRET)
  const more = mfaSeed === undefined ? {} : { mfaSeed: Buffer.from(mfaSeed) }
  return { from: 'typed', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey, ...more } satisfies KeySource
}

/** A worker that answers a check, or does nothing until it is killed. */
function workerOf(answers: boolean) {
  const seen: { facts?: unknown; killed: boolean } = { killed: false }
  let kill: () => void = () => undefined
  const killed = new Promise<null>((resolve) => (kill = () => resolve(null)))
  const worker: ShellWorker = {
    send: async (frame) => void (seen.facts = parseMessage(Uint8Array.from(frame)).facts),
    frames: (async function* () {
      if (answers) yield messageBytes({ facts: { is: 'checked', lines: [LINE] }, parts: [] })
      else await killed
    })(),
    finish: () => undefined,
    exited: killed,
    kill: () => {
      seen.killed = true
      kill()
    },
  }
  return { worker, seen }
}

function checksOf(roles: string[], worker?: ShellWorker): SetUpChecks {
  const startWorker = () => {
    if (worker === undefined) throw new TypeError('nothing may be asked of AWS')
    return worker
  }
  const device = { me: () => ({ roles }), org: () => ({ plans: PLANS }), host: { startWorker } }
  return new SetUpChecks(device as unknown as Device)
}

describe('a deposit that is refused', () => {
  it('wipes what it was given', async () => {
    const source = typed('GEZDGNBVGY3TQOJQ')
    const device = { me: () => ({ roles: ['approver'] }) } as unknown as Device
    await expect(draftDeposit(device, undefined as unknown as Drafts, 'good', source)).rejects.toMatchObject({
      code: 'not-allowed',
    })
    expect([...source.secretAccessKey, ...(source.mfaSeed ?? [])].every((byte) => byte === 0)).toBe(true)
  })
})

describe('a check of a key that may be deposited', () => {
  it('asks for the plan and for those in effect over its credential, and wipes what it was given', async () => {
    const { worker, seen } = workerOf(true)
    const source = typed()
    expect(await checksOf(['admin'], worker).run('good', source)).toEqual([LINE])
    const { setup } = seen.facts as { setup: { roles: { arn: string }[]; others: string[] } }
    expect(setup.roles.map(({ arn }) => arn.split('/')[1])).toEqual(['good', 'alike'])
    expect([setup.others, seen.killed]).toEqual([['coded'], true])
    expect(source.secretAccessKey.every((byte) => byte === 0)).toBe(true)
    expect(JSON.stringify(seen.facts)).not.toContain(SECRET)
  })
  it.each([
    ['of nobody but an admin', ['approver'], 'good'],
    ['of no plan that is not in effect', ['admin'], 'draft'],
    ['of no plan with an MFA device without its seed', ['admin'], 'coded'],
    ['of no plan that is not there', ['admin'], 'unknown'],
  ])('is taken %s', async (_, roles, plan) => {
    const source = typed(plan === 'coded' ? undefined : 'GEZDGNBVGY3TQOJQ')
    await expect(checksOf(roles).run(plan, source)).rejects.toMatchObject({ code: 'not-allowed' })
    expect([...source.secretAccessKey, ...(source.mfaSeed ?? [])].every((byte) => byte === 0)).toBe(true)
  })
  it('ends with its worker when it is stopped, and concludes nothing', async () => {
    const { worker, seen } = workerOf(false)
    const checks = checksOf(['admin'], worker)
    const running = checks.run('good', typed())
    await expect.poll(() => seen.facts).toBeDefined()
    checks.stop()
    expect([await running, seen.killed]).toEqual([null, true])
  })
  it('starts no worker when it is stopped before', async () => {
    const checks = checksOf(['admin'])
    const running = checks.run('coded', typed('GEZDGNBVGY3TQOJQ'))
    checks.stop()
    expect(await running).toBeNull()
  })
  it('is taken one at a time: another ends it', async () => {
    const [first, second] = [workerOf(false), workerOf(true)]
    const workers = [first.worker, second.worker]
    const device = {
      me: () => ({ roles: ['admin'] }),
      org: () => ({ plans: PLANS }),
      host: { startWorker: () => workers.shift() },
    }
    const checks = new SetUpChecks(device as unknown as Device)
    const running = checks.run('good', typed())
    await expect.poll(() => first.seen.facts).toBeDefined()
    expect([await checks.run('good', typed()), await running, first.seen.killed]).toEqual([[LINE], null, true])
  })
  it('says that its worker is gone if nobody stopped it', async () => {
    const { worker, seen } = workerOf(false)
    const running = checksOf(['admin'], worker).run('good', typed())
    await expect.poll(() => seen.facts).toBeDefined()
    worker.kill()
    await expect(running).rejects.toMatchObject({ code: 'gone' })
  })
})
