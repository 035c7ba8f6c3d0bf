import type { IAMClient } from '@aws-sdk/client-iam'
import { accessKeyBytes } from './access-key.ts'
import type { Endpoint } from './client.ts'
import { askIam, IAM_TIMEOUT_MS, type IamAnswer, type IamFailure } from './iam-call.ts'
import { keysListed } from './listed-keys.ts'
import { iam } from './load-sdk.ts'
import { parseRotator } from './narrow.ts'
import type { ListedKey } from './rotation.ts'

/** What a call about the keys of the rotator's user takes. */
export interface KeysMeans {
  /** As sealed; the caller's to wipe. */
  readonly rotator: Uint8Array
  /** Where IAM is asked: the plan's `access.aftercare.iam`. */
  readonly iam: Endpoint
  /** How long one call may take, milliseconds. */
  readonly timeoutMs?: number
}

/** A key that was created. */
export interface CreatedKey {
  readonly accessKeyId: string
  /** See `access-key.ts`; the caller's to wipe. */
  readonly credential: Uint8Array<ArrayBuffer>
}

/** One call, once. @throws {IssuerError} `invalid` if the rotator is none. */
async function ask<Good>(
  { rotator, iam: at, timeoutMs = IAM_TIMEOUT_MS }: KeysMeans,
  what: string,
  send: (client: IAMClient, UserName: string, signal: { readonly abortSignal: AbortSignal }) => Promise<Good>,
): Promise<IamAnswer<Good>> {
  const { user, ...keys } = parseRotator(rotator)
  return askIam(at, keys, what, (client, abortSignal) => send(client, user, { abortSignal }), timeoutMs)
}

/** Half an answer: nothing may follow from what is not in it. */
const half = (words: string): IamFailure => ({ is: 'unreached', mayExist: true, code: 'invalid', name: '', words })

/** The user's keys. */
export async function listKeys(means: KeysMeans): Promise<IamAnswer<{ readonly keys: readonly ListedKey[] }>> {
  const { ListAccessKeysCommand } = await iam()
  const listed = await ask(means, 'list the keys', (client, UserName, signal) =>
    client.send(new ListAccessKeysCommand({ UserName }), signal),
  )
  if (listed.is !== 'done') return listed
  const keys = keysListed(listed.good)
  if (keys === null) return half('AWS did not answer in full which keys the user has.')
  return { ...listed, good: { keys } }
}

/** Creates a key, asking once. After `unreached` one may exist whose secret nobody knows. */
export async function createKey(means: KeysMeans): Promise<IamAnswer<CreatedKey>> {
  const { CreateAccessKeyCommand } = await iam()
  const made = await ask(means, 'create a key', (client, UserName, signal) =>
    client.send(new CreateAccessKeyCommand({ UserName }), signal),
  )
  if (made.is !== 'done') return made
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = made.good.AccessKey ?? {}
  const { mfaSeed } = parseRotator(means.rotator)
  try {
    const credential = accessKeyBytes({ accessKeyId, secretAccessKey, ...(mfaSeed === undefined ? {} : { mfaSeed }) })
    return { ...made, good: { accessKeyId, credential } }
  } catch {
    return half('AWS’s answer lacked the key that it created.')
  }
}

/** Turns a key on or off. Safe to repeat. */
export async function setActive(means: KeysMeans, AccessKeyId: string, isActive: boolean): Promise<IamAnswer<unknown>> {
  const { UpdateAccessKeyCommand } = await iam()
  const Status = isActive ? 'Active' : 'Inactive'
  return ask(means, `turn a key ${isActive ? 'on' : 'off'}`, (client, UserName, signal) =>
    client.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }), signal),
  )
}

/** Deletes a key; done also if it is not there. Safe to repeat. */
export async function deleteKey(means: KeysMeans, AccessKeyId: string): Promise<IamAnswer<unknown>> {
  const { DeleteAccessKeyCommand } = await iam()
  const deleted = await ask(means, 'delete a key', (client, UserName, signal) =>
    client.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }), signal),
  )
  return deleted.is !== 'done' && deleted.name === NO_SUCH_KEY ? { is: 'done', good: null, skewMs: null } : deleted
}

/** Whether AWS knows of any use of a key; its knowledge comes late. */
export async function wasUsed(means: KeysMeans, AccessKeyId: string): Promise<IamAnswer<boolean>> {
  const { GetAccessKeyLastUsedCommand } = await iam()
  const used = await ask(means, 'see whether a key was used', (client, _, signal) =>
    client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }), signal),
  )
  if (used.is !== 'done') return used
  const { LastUsedDate, ServiceName, Region } = used.good.AccessKeyLastUsed ?? {}
  if (LastUsedDate !== undefined) return { ...used, good: true }
  // AWS says so where there was none; what is merely missing may have been cut off.
  if (ServiceName === 'N/A' && Region === 'N/A') return { ...used, good: false }
  return half('AWS did not answer in full whether a key was used.')
}

/** IAM's name for a key that is not there. */
export const NO_SUCH_KEY = 'NoSuchEntityException'
