import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Statement, StatementOf } from '../../shared/statements/envelope.ts'
import type { Kind } from '../../shared/statements/kinds.ts'
import { EMERGENCY_USER, type Sandbox } from '../sandbox-aws/sandbox.ts'
import type { Party } from './party.ts'
import { statementsOf } from './people.ts'

/** Statements of one kind. */
export function ofKind<K extends Kind>(statements: readonly Statement[], kind: K): StatementOf<K>[] {
  return statements.filter((one): one is StatementOf<K> & Statement => one.kind === kind)
}

/** DESIGN §10.7: the sandbox was never asked for a session that some issuing device had not recorded before. */
export function expectRecordedBefore(log: Sandbox['log'], statements: readonly Statement[]): void {
  const issuings = ofKind(statements, 'issuing').map(({ payload }) => payload)
  for (const { action, parameters, at } of log) {
    if (action !== 'AssumeRole') continue
    const recorded = issuings.find(({ sessionName }) => sessionName === parameters['RoleSessionName'])
    expect(recorded).toMatchObject({ sessionName: parameters['RoleSessionName'] })
    expect(recorded?.time).toBeLessThanOrEqual(at)
  }
}

/**
 * No session is unaccounted for: each that the sandbox issued is named by a grant, or its attempt has neither a grant nor
 * a failure that says that nothing exists, so that the case says a session may exist. Two devices may have made an attempt of
 * one number, and call their sessions alike: then it is of one that had begun and not said before that it came to nothing.
 */
export function expectAccountedFor(log: Sandbox['log'], statements: readonly Statement[]): void {
  const granted = new Set(ofKind(statements, 'grant').map(({ payload }) => payload.accessKeyId))
  const denials = ofKind(statements, 'failed').flatMap(({ payload }) => (payload.mayExist ? [] : [payload]))
  for (const { issued, parameters, at } of log) {
    if (issued === null || granted.has(issued)) continue
    const attempts = ofKind(statements, 'issuing')
      .map(({ payload }) => payload)
      .filter(({ sessionName }) => sessionName === parameters['RoleSessionName'])
      .map(({ ready, time }) => ({ time, denied: denials.filter((one) => one.ready === ready).map((one) => one.time) }))
    if (attempts.length === 0) continue
    const wasOn = ({ time, denied }: (typeof attempts)[number]) => time <= at && !denied.some((over) => over <= at)
    const isTold = (attempts.length === 1 ? attempts : attempts.filter(wasOn)).some(({ denied }) => denied.length === 0)
    expect({ issued, at, attempts, isTold }).toMatchObject({ isTold: true })
  }
}

/** Every device's statements are one chain: no place taken twice, none missing. */
export function expectChains(statements: readonly Statement[]): void {
  const byDevice = new Map<string, Statement[]>()
  for (const one of statements) {
    const own = byDevice.get(one.payload.device)
    if (own === undefined) byDevice.set(one.payload.device, [one])
    else own.push(one)
  }
  for (const [device, own] of byDevice) {
    const inOrder = [...own].sort((a, b) => a.payload.sequence - b.payload.sequence)
    inOrder.forEach(({ payload }, at) => {
      expect([device, payload.sequence]).toEqual([device, at])
      expect(payload.previous).toBe(inOrder[at - 1]?.id ?? null)
    })
  }
}

/** Everybody has the same statements, sooner or later. @returns them. */
export async function expectSame(parties: readonly Party[], ms = 10_000): Promise<readonly Statement[]> {
  const deadline = performance.now() + ms
  for (;;) {
    const all = await Promise.all(parties.map((party) => statementsOf(party)))
    const sets = all.map((statements) => statements.map(({ id }) => id).sort())
    const [first, ...others] = sets
    const same = others.every((other) => other.join() === first?.join())
    if (same || performance.now() > deadline) {
      for (const other of others) expect(other).toEqual(first)
      return all[0] ?? []
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** DESIGN §10.12 without a key under way: some generation of a key that works is held, and every key that AWS had first is named. */
export async function expectCovered(parties: readonly Party[], sandbox: Sandbox): Promise<void> {
  for (const party of parties) {
    await expectWorking(party, sandbox)
    const { generations } = await party.snapshot()
    const named = generations.map(({ accessKeyId }) => accessKeyId)
    for (const { accessKeyId } of sandbox.accessKeys.values()) expect(named).toContain(accessKeyId)
  }
}

/** DESIGN §10.12: some key that works is that of a generation which is held, as somebody sees it. */
export async function expectWorking(party: Party, sandbox: Sandbox): Promise<void> {
  const { generations } = await party.snapshot()
  const held = generations.filter(({ state }) => state === 'held' || state === 'proven')
  const working = sandbox.activeKeys(EMERGENCY_USER.name)
  expect(working.filter((id) => held.some(({ accessKeyId }) => accessKeyId === id))).not.toEqual([])
}

/** Nothing is left of a key that was replaced, or of one that was lost: AWS has the newest, and nothing was alarming. */
export async function expectReplaced(party: Party, sandbox: Sandbox): Promise<void> {
  const { generations, notes } = await party.snapshot()
  const newest = generations.toSorted((a, b) => b.generation - a.generation)[0]
  expect(sandbox.activeKeys(EMERGENCY_USER.name)).toEqual([newest?.accessKeyId])
  expect(keysLeft(sandbox)).toEqual([newest?.accessKeyId])
  expect(notes.filter(({ what }) => what.includes('nobody accounts for'))).toEqual([])
}

/** Public ids of the keys that AWS has, on or off, of those that it had first and those that were made since. */
function keysLeft({ accessKey, log }: Sandbox): string[] {
  const made = log.flatMap(({ action, issued }) => (action === 'CreateAccessKey' && issued !== null ? [issued] : []))
  const gone = log
    .filter(({ action, done }) => action === 'DeleteAccessKey' && done)
    .map(({ parameters }) => parameters['AccessKeyId'])
  return [accessKey.accessKeyId, ...made].filter((id) => !gone.includes(id))
}

/**
 * Of no key is anything taken away but of one that a case used, or that was made by whoever began to replace one; and nothing
 * is done to any before somebody's beginning was recorded.
 */
export function expectOnlyTheirs(log: Sandbox['log'], statements: readonly Statement[]): void {
  const begun = Math.min(...ofKind(statements, 'rotating').map(({ payload }) => payload.time))
  const deposits = new Set(ofKind(statements, 'grant').map(({ payload }) => payload.basis.deposit))
  const used = ofKind(statements, 'deposit').filter(({ id }) => deposits.has(id))
  const theirs = new Set(used.map(({ payload }) => payload.header.accessKeyId))
  for (const { action, parameters, issued, at } of log) {
    if (action === null || !CHANGING.includes(action)) continue
    expect(begun).toBeLessThanOrEqual(at)
    if (action === 'CreateAccessKey') theirs.add(issued ?? '')
    else expect([...theirs]).toContain(parameters['AccessKeyId'])
  }
}

/** No device says twice of a key that it was turned off, or deleted. */
export function expectSaidOnce(statements: readonly Statement[]): void {
  const said = ofKind(statements, 'rotated').map(({ payload: { grant, device, step } }) =>
    [grant, device, step].join(' '),
  )
  expect(said.filter((one, at) => said.indexOf(one) !== at)).toEqual([])
}

const CHANGING = ['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey']

/**
 * What the cases of rotations say is so, in everybody's window: what may replace the key was made only where AWS made it, and
 * where AWS may have made what nobody has, that is said. Nobody got a session by any of them.
 */
export async function expectRotationsTold(
  parties: readonly Party[],
  sandbox: Sandbox,
  statements: readonly Statement[],
): Promise<void> {
  const requests = ofKind(statements, 'request').filter(({ payload }) => payload.purpose === 'rotation')
  const ids = requests.map(({ id }) => id)
  expect(ofKind(statements, 'handover').filter(({ payload }) => ids.includes(payload.request))).toEqual([])
  for (const party of parties) {
    const { cases, sessions } = await party.snapshot()
    expect(sessions.filter((one) => ids.includes(one.case))).toEqual([])
    for (const { id, headline, next } of cases.filter((one) => ids.includes(one.id)))
      expectToldOf(`${headline}. ${next}`, rotatorsFor(id, sandbox, statements), id, statements)
  }
}

function expectToldOf(says: string, made: number, request: string, statements: readonly Statement[]): void {
  const told = ofKind(statements, 'aftercare').filter(({ payload }) => payload.request === request)
  const has = told.some(({ payload }) => payload.rotator !== null)
  if (told.length === 0) return expect(says).not.toMatch(/^What may replace the key/)
  expect(says).toMatch(
    has ? /^What may replace the key (is|was) made, and/ : /^What may replace the key could not be made\. N/,
  )
  if (has) expect(made).toBeGreaterThan(0)
  else if (made > 0) expect(says).toMatch(/AWS may have made|may exist/)
}

/** How many sessions of the rotator AWS gave in a case, whoever got them. */
function rotatorsFor(request: string, { log, aftercare }: Sandbox, statements: readonly Statement[]): number {
  const names = ofKind(statements, 'issuing')
    .filter(({ payload }) => payload.request === request)
    .map(({ payload }) => payload.sessionName)
  return log.filter(
    ({ issued, parameters }) =>
      issued !== null &&
      parameters['RoleArn'] === aftercare.rotator.roleArn &&
      names.includes(parameters['RoleSessionName'] ?? ''),
  ).length
}

/** None of these secrets lies in the clear in any file of a folder, in any form in which it might be written. */
export async function expectNowhere(dir: string, secrets: readonly string[]): Promise<void> {
  const forms = secrets.flatMap((secret) => {
    const bytes = Buffer.from(secret)
    return [bytes, Buffer.from(bytes.toString('base64url')), Buffer.from(bytes.toString('hex'))]
  })
  for (const path of await filesIn(dir)) {
    // A file on its way to its name may be gone by now; it is looked at under that name.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    expect([path, forms.filter((form) => bytes.includes(form)).length]).toEqual([path, 0])
  }
}

async function filesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
