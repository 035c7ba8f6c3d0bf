import { digest, fromUtf8 } from '../../shared/bytes.ts'
import type { DraftView } from '../../shared/ipc.ts'
import { nextGeneration } from '../../shared/org/generations.ts'
import { memberOf } from '../../shared/statements/door.ts'
import type { Plan } from '../../shared/statements/kinds.ts'
import { deviceId } from '../../shared/statements/member.ts'
import { accessKeyBytes, accessKeyFromFile, withSeed } from '../issuers/aws/access-key.ts'
import { type Dealt, dealInWorker } from '../issuers/worker/client.ts'
import { wipe } from '../vault/sodium.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'
import { intendToWipe, type KeyFile, readKeyFile, wipeKeyFiles } from './key-file.ts'

/** Where the access key comes from, and the seed of an MFA device where the plan names one; the secrets are wiped here. */
export type KeySource = { readonly mfaSeed?: Uint8Array } & (
  | { readonly from: 'typed'; readonly accessKeyId: string; readonly secretAccessKey: Uint8Array }
  | { readonly from: 'file'; readonly path: string; readonly wipe: boolean }
)

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
  const generation = nextGeneration(org.generations, plan.credential.credential)
  if (plan.access.mfa !== undefined && source.mfaSeed === undefined)
    throw new AppError('not-allowed', 'The plan names an MFA device: enter the seed of it too.')
  const { credential, file } = await seeded(source)
  const dealt = await deal(device, planId, plan, generation, credential)
  const boxes = dealt.boxes.map(digest)
  const ciphertext = digest(dealt.ciphertext)
  return drafts.add({
    kind: 'deposit',
    sentence: `Deposit generation ${generation} of “${plan.credential.name}” (access key ${dealt.header.accessKeyId}) and send each of ${boxes.length} custodians one share; any ${plan.quorum.count} of them can use it together.`,
    fields: { header: dealt.header, ciphertext, boxes },
    check: async () => {
      await Promise.all([dealt.ciphertext, ...dealt.boxes].map((blob) => device.shelf.put(blob)))
      // Before the deposit, so that a crash right after it leaves no file that nobody knows of.
      if (file !== null) await intendToWipe(device, ciphertext, file)
    },
    after: async () => {
      if (file !== null) await wipeKeyFiles(device)
    },
  })
}

/** @param credential - wiped here. */
async function deal(
  device: Device,
  planId: string,
  plan: Plan,
  generation: number,
  credential: Uint8Array<ArrayBuffer>,
): Promise<Dealt> {
  const roster = device.org()?.head.roster
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

/** The credential with its seed, if there is one. */
async function seeded(source: KeySource): ReturnType<typeof credentialFrom> {
  try {
    const { credential, file } = await credentialFrom(source)
    return { credential: source.mfaSeed ? withSeed(credential, fromUtf8(source.mfaSeed)) : credential, file }
  } finally {
    wipe(source.mfaSeed ?? new Uint8Array(0))
  }
}

/** The credential, and the file that is to be wiped afterwards, if one is. */
async function credentialFrom(
  source: KeySource,
): Promise<{ credential: Uint8Array<ArrayBuffer>; file: KeyFile | null }> {
  if (source.from === 'typed') {
    try {
      const secretAccessKey = fromUtf8(source.secretAccessKey)
      return { credential: accessKeyBytes({ accessKeyId: source.accessKeyId, secretAccessKey }), file: null }
    } finally {
      wipe(source.secretAccessKey)
    }
  }
  const { bytes, file } = await readKeyFile(source.path)
  try {
    return { credential: accessKeyFromFile(bytes), file: source.wipe ? file : null }
  } finally {
    wipe(bytes)
  }
}
