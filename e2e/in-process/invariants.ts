import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Statement, StatementOf } from '../../shared/statements/envelope.ts'
import type { Kind } from '../../shared/statements/kinds.ts'
import type { Sandbox } from '../sandbox-aws/sandbox.ts'
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
 * a failure that says that nothing exists, so that the case says a session may exist.
 */
export function expectAccountedFor(log: Sandbox['log'], statements: readonly Statement[]): void {
  const granted = new Set(ofKind(statements, 'grant').map(({ payload }) => payload.accessKeyId))
  for (const { issued, parameters } of log) {
    if (issued === null || granted.has(issued)) continue
    const issuing = ofKind(statements, 'issuing').find(
      ({ payload }) => payload.sessionName === parameters['RoleSessionName'],
    )
    const failures = ofKind(statements, 'failed').filter(({ payload }) => payload.ready === issuing?.payload.ready)
    for (const { payload } of failures) expect(payload).toMatchObject({ mayExist: true })
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
export async function expectSame(parties: readonly Party[]): Promise<readonly Statement[]> {
  const deadline = performance.now() + 10_000
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

/** DESIGN §10.12, as far as it goes without rotation: some generation is held, and every key of AWS's is named. */
export async function expectCovered(parties: readonly Party[], sandbox: Sandbox): Promise<void> {
  for (const party of parties) {
    const { generations } = await party.snapshot()
    expect(generations.some(({ state }) => state === 'held' || state === 'proven')).toBe(true)
    const named = generations.map(({ accessKeyId }) => accessKeyId)
    for (const { accessKeyId } of sandbox.accessKeys.values()) expect(named).toContain(accessKeyId)
  }
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
