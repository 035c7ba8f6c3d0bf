import { open, rm, stat } from 'node:fs/promises'
import { digest, fromUtf8 } from '../../shared/bytes.ts'
import type { DraftView } from '../../shared/ipc.ts'
import { memberOf } from '../../shared/statements/door.ts'
import type { Plan } from '../../shared/statements/kinds.ts'
import { deviceId } from '../../shared/statements/member.ts'
import { accessKeyBytes, accessKeyFromFile } from '../issuers/aws/access-key.ts'
import { type Dealt, dealInWorker } from '../issuers/worker/client.ts'
import { wipe } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'

const MAX_KEY_FILE_BYTES = 64 * 1024

/** Where the access key comes from; `secretAccessKey` is wiped here. */
export type KeySource =
  | { readonly from: 'typed'; readonly accessKeyId: string; readonly secretAccessKey: Uint8Array }
  | { readonly from: 'file'; readonly path: string; readonly wipe: boolean }

/**
 * Encrypts an access key and deals its key to the plan's custodians, in a worker; then drafts the deposit. The sealed
 * parts are on the disk before the statement that names them is recorded. Nothing of the key stays here.
 */
export async function draftDeposit(
  device: Device,
  drafts: Drafts,
  planId: string,
  source: KeySource,
): Promise<DraftView> {
  const org = device.org()
  const version = org?.plans.find(({ id }) => id === planId)
  if (org === null || version?.state !== 'effective')
    throw new AppError(
      'not-allowed',
      'A credential is deposited under a plan that is in effect. Let the admins endorse it first.',
    )
  if (!device.me()?.roles.includes('admin')) throw new AppError('not-allowed', 'Only admins deposit credentials.')
  const { plan } = version
  const generations = org.generations.filter(({ deposit }) => deposit.header.credential === plan.credential.credential)
  const generation = Math.max(0, ...generations.map(({ deposit }) => deposit.header.generation)) + 1
  const dealt = await deal(device, planId, plan, generation, source)
  const boxes = dealt.boxes.map(digest)
  return drafts.add({
    kind: 'deposit',
    sentence: `Deposit generation ${generation} of “${plan.credential.name}” (access key ${dealt.header.accessKeyId}) and send each of ${boxes.length} custodians one share; any ${plan.quorum.count} of them can use it together.`,
    fields: { header: dealt.header, ciphertext: digest(dealt.ciphertext), boxes },
    check: async () => {
      for (const blob of [dealt.ciphertext, ...dealt.boxes]) await device.shelf.put(blob)
    },
    after: async () => {
      if (source.from === 'file' && source.wipe) await wipeFile(device, source.path)
    },
  })
}

async function deal(device: Device, planId: string, plan: Plan, generation: number, source: KeySource): Promise<Dealt> {
  const roster = device.org()?.head.roster
  const credential = await credentialFrom(source)
  try {
    const custodians = plan.custodians.map((id) => {
      const member = roster && memberOf(roster, id)
      if (!member)
        throw new AppError('not-allowed', 'A custodian of the plan is no longer a member. Change the plan first.')
      return { member: id, device: deviceId(member), boxPublicKey: member.device.keys.box }
    })
    const facts = {
      organization: device.organizationId() as string,
      plan: planId,
      credential: plan.credential.credential,
      generation,
      threshold: plan.quorum.count,
      from: device.id,
      custodians,
    }
    return await dealInWorker(device.host.startWorker(), facts, credential)
  } finally {
    wipe(credential)
  }
}

async function credentialFrom(source: KeySource): Promise<Uint8Array<ArrayBuffer>> {
  if (source.from === 'typed') {
    try {
      return accessKeyBytes({ accessKeyId: source.accessKeyId, secretAccessKey: fromUtf8(source.secretAccessKey) })
    } finally {
      wipe(source.secretAccessKey)
    }
  }
  const bytes = await readKeyFile(source.path)
  try {
    return accessKeyFromFile(bytes)
  } finally {
    wipe(bytes)
  }
}

async function readKeyFile(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile())
    throw new AppError('key-file', 'There is no such file. Check the path of the file with the access key.')
  if (found.size > MAX_KEY_FILE_BYTES)
    throw new AppError('key-file', 'This file is too large to be an access key. Choose the file that AWS gave.')
  const file = await open(path, 'r')
  try {
    const bytes = new Uint8Array(found.size)
    await file.read(bytes, 0, bytes.length, 0)
    return bytes
  } finally {
    await file.close()
  }
}

/** Overwrites and removes the file. What an SSD or a copying file system keeps of it, nobody here can reach. */
async function wipeFile(device: Device, path: string): Promise<void> {
  try {
    const file = await open(path, 'r+')
    try {
      const { size } = await file.stat()
      await file.write(new Uint8Array(size), 0, size, 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await rm(path)
    device.notes.add(
      'info',
      'The file with the access key was overwritten and removed',
      'Backups and snapshots of that disk may still hold it.',
      'Remove those as well.',
    )
  } catch {
    device.notes.add(
      'danger',
      'The file with the access key could not be removed',
      'The key still lies on that disk.',
      `Remove the file yourself.`,
    )
  }
}
