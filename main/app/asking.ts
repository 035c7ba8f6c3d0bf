import { type Digest, fromUtf8, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { mayWithdraw } from '../../shared/case/duties.ts'
import { rotationPlan } from '../../shared/case/renewing.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import { generateBoxKey } from '../../shared/secrets/box-key.ts'
import type { PayloadOf } from '../../shared/statements/kinds.ts'
import { utcWords } from '../../shared/utc.ts'
import { askedWords } from '../../shared/views/asked.ts'
import { notNowWords } from '../../shared/views/not-now.ts'
import type { Journal } from '../vault/journal.ts'
import { randomBytes, wipe } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'

/** Which kept blob holds the private half of a request's one-time key. */
const TABLE = 'recipient'

/** What was kept in this run, so that whoever waits for a session does not wait until all of these records were read. */
const kept = new WeakMap<Journal, Map<string, Digest>>()

/** What a commander asks for. */
export interface Asked {
  readonly plan: Digest
  readonly purpose: PayloadOf<'request'>['purpose']
  readonly emergency: string
  readonly what: string
  readonly reference: string
  readonly seconds: number
}

/** Drafts a request, with a one-time key to which the session will be sealed. */
export function draftRequest(device: Device, drafts: Drafts, asked: Asked): DraftView {
  const org = device.org()
  const plan = org?.plans.find(({ id }) => id === asked.plan)
  if (org === null || plan?.state !== 'effective')
    throw new AppError('not-allowed', 'This plan is not in effect. Choose another, or let the admins endorse it.')
  if (!plan.plan.requesters.includes(device.profile.member))
    throw new AppError('not-allowed', 'You may not ask under this plan. Let a commander who may do it.')
  if (!plan.plan.durations.includes(asked.seconds) || !plan.plan.emergencies.includes(asked.emergency))
    throw new AppError('not-allowed', 'The plan does not offer this duration or does not cover this emergency.')
  const recipient = generateBoxKey(randomBytes)
  const isKept = asked.purpose !== 'rotation'
  // Nobody is to open what nobody is to have.
  if (!isKept) wipe(recipient.privateKey)
  return drafts.add({
    kind: 'request',
    sentence: `Ask for ${askedWords(asked, plan.plan.credential.name, null)}`,
    fields: { ...asked, recipient: toBase64Url(recipient.publicKey) },
    // On the medium before the request is, so that a request never waits for a session that nobody could open.
    check: async () => (isKept ? keepRecipient(device, recipient.publicKey, recipient.privateKey) : undefined),
    after: async () => wipe(recipient.privateKey),
    drop: () => wipe(recipient.privateKey),
  })
}

/**
 * Drafts a request for what replaces the key that a case used, and for no access: where nobody has that any more. All it says
 * is taken from that case.
 *
 * @throws {AppError} `not-found`, `not-allowed`.
 */
export function draftRotation(device: Device, drafts: Drafts, request: Digest): DraftView {
  const org = device.org()
  const one = device.case(request)
  if (org === null || one === undefined) throw new AppError('not-found', 'This case is not on this device.')
  const now = device.clock().wall
  const version = rotationPlan(one, { org, cases: device.currentCases(), me: device.self(), now })
  if (typeof version === 'string') throw new AppError('not-allowed', notNowWords(version))
  const { emergency, reference, member, time } = one.request.payload
  const { emergencies, durations } = version.plan
  return draftRequest(device, drafts, {
    plan: version.id,
    purpose: 'rotation',
    emergency: emergencies.includes(emergency) ? emergency : (emergencies[0] ?? emergency),
    what: `Nobody has what may replace the key used in ${device.names()(member).name}’s case of ${utcWords(time)}.`,
    reference,
    seconds: Math.min(...durations),
  })
}

async function keepRecipient(device: Device, publicKey: Uint8Array, privateKey: Uint8Array): Promise<void> {
  const blob = await device.vault.blobs.put(privateKey)
  const { journal } = device.vault
  await journal.append(TABLE, toBase64Url(publicKey), utf8(blob))
  kept.set(journal, (kept.get(journal) ?? new Map<string, Digest>()).set(toBase64Url(publicKey), blob))
}

/** The private half of a request's one-time key, or null if it is gone; the caller's to wipe. */
export async function recipientKey(device: Device, publicKey: string): Promise<Uint8Array | null> {
  const blob = await recipientBlob(device.vault.journal, publicKey)
  return blob === null ? null : device.vault.blobs.get(blob)
}

/** Deletes the private half: after the end nothing sealed to it should open again. */
export async function forgetRecipient(device: Device, publicKey: string): Promise<void> {
  const blob = await recipientBlob(device.vault.journal, publicKey)
  if (blob !== null) await device.vault.blobs.delete(blob)
}

/** Which kept blobs hold the private halves of one-time keys, by their public halves. */
export async function recipientBlobs(journal: Journal): Promise<ReadonlyMap<string, Digest>> {
  const found = new Map<string, Digest>()
  for await (const { key, value } of journal.records(TABLE)) found.set(key, fromUtf8(value))
  return found
}

async function recipientBlob(journal: Journal, publicKey: string): Promise<Digest | null> {
  return kept.get(journal)?.get(publicKey) ?? (await recipientBlobs(journal)).get(publicKey) ?? null
}

/** Withdraws the owner's request; signed by the device alone, since stopping must be quick. */
export async function withdraw(device: Device, request: Digest, reason: string): Promise<void> {
  const one = device.case(request)
  if (one === undefined || one.request.payload.member !== device.profile.member)
    throw new AppError('not-allowed', 'Only whoever asked can withdraw a request.')
  if (!mayWithdraw(one, device.profile.member))
    throw new AppError('not-allowed', 'This request can no longer be withdrawn. End its session instead.')
  await device.author.write('withdrawal', device.pen(), { request, reason })
}
