import { digest, fromUtf8 } from '../../shared/bytes.ts'
import type { DraftView } from '../../shared/ipc-values.ts'
import { nextGeneration } from '../../shared/org/generations.ts'
import type { PlanVersion } from '../../shared/org/plans.ts'
import { memberOf } from '../../shared/statements/door.ts'
import type { Plan } from '../../shared/statements/kinds.ts'
import { deviceId } from '../../shared/statements/member.ts'
import { accessKeyBytes, accessKeyFromFile, withSeed } from '../issuers/aws/access-key.ts'
import { type Dealt, dealInWorker } from '../issuers/worker/client.ts'
import type { DealFacts } from '../issuers/worker/protocol.ts'
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
  try {
    const version = versionToDepositUnder(device, planId, source)
    const order = dealOrder(device, version)
    const { credential, file } = await credentialOf(source)
    const dealt = await deal(device, order, credential)
    return draftDealt(device, drafts, version.plan, dealt, file)
  } finally {
    wipeSource(source)
  }
}

/** Wipes the secrets of a call, also where it was refused before they were read. */
export function wipeSource(source: KeySource): void {
  if (source.mfaSeed !== undefined) wipe(source.mfaSeed)
  if (source.from === 'typed') wipe(source.secretAccessKey)
}

/** The plan under which a key is deposited, or looked at before. @throws {AppError} `not-allowed`. */
export function versionToDepositUnder(device: Device, planId: string, { mfaSeed }: KeySource): PlanVersion {
  checkAdmin(device)
  const version = device.org()?.plans.find(({ id }) => id === planId)
  if (version?.state !== 'effective')
    throw new AppError(
      'not-allowed',
      'A credential is deposited under a plan that is in effect. Let the admins endorse it first.',
    )
  if (version.plan.access.mfa !== undefined && mfaSeed === undefined)
    throw new AppError('not-allowed', 'The plan names an MFA device: enter the seed of it too.')
  return version
}

function checkAdmin(device: Device): void {
  if (!device.me()?.roles.includes('admin')) throw new AppError('not-allowed', 'Only admins deposit credentials.')
}

/**
 * Drafts the deposit of what was dealt.
 *
 * @param file - from which the key was read, if that is to be wiped.
 */
export function draftDealt(
  device: Device,
  drafts: Drafts,
  plan: Plan,
  dealt: Dealt,
  file: KeyFile | null = null,
): DraftView {
  const boxes = dealt.boxes.map(digest)
  const ciphertext = digest(dealt.ciphertext)
  const { generation, accessKeyId } = dealt.header
  return drafts.add({
    kind: 'deposit',
    sentence: `Deposit generation ${generation} of “${plan.credential.name}” (access key ${accessKeyId}) and send each of ${boxes.length} custodians one share; any ${plan.quorum.count} of them can use it together.`,
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

/** What a worker is to deal a key for: the next generation, to the custodians of a plan. @throws {AppError} `not-allowed`. */
export function dealOrder(device: Device, { id, plan }: Pick<PlanVersion, 'id' | 'plan'>): Omit<DealFacts, 'job'> {
  checkAdmin(device)
  const org = device.org()
  if (org === null) throw new AppError('not-allowed', 'Only members of an organization deposit credentials.')
  return {
    organization: org.id,
    plan: id,
    credential: plan.credential.credential,
    generation: nextGeneration(org.generations, plan.credential.credential),
    threshold: plan.quorum.count,
    from: device.id,
    custodians: plan.custodians.map((custodian) => {
      const member = memberOf(org.head.roster, custodian)
      if (!member)
        throw new AppError('not-allowed', 'A custodian of the plan is no longer a member. Change the plan first.')
      return { member: custodian, device: deviceId(member), boxPublicKey: member.device.keys.box }
    }),
  }
}

/** The version under which a new key of a credential is dealt: the one in effect of the same plan, else of any. @throws {AppError} */
export function planToDealUnder(device: Device, { plan, credential }: Plan): PlanVersion {
  const effective = (device.org()?.plans ?? []).filter(
    (one) => one.state === 'effective' && one.plan.credential.credential === credential.credential,
  )
  const version = effective.find((one) => one.plan.plan === plan) ?? effective[0]
  if (version === undefined)
    throw new AppError('not-allowed', 'No plan of this credential is in effect. Let the admins endorse one first.')
  return version
}

/** @param credential - wiped here. */
async function deal(
  device: Device,
  order: Omit<DealFacts, 'job'>,
  credential: Uint8Array<ArrayBuffer>,
): Promise<Dealt> {
  try {
    return await dealInWorker(device.host.startWorker(), order, credential)
  } finally {
    wipe(credential)
  }
}

/** The credential, with its seed if there is one, and the file that is to be wiped afterwards, if one is. */
export async function credentialOf(source: KeySource): ReturnType<typeof credentialFrom> {
  try {
    const { credential, file } = await credentialFrom(source)
    return { credential: source.mfaSeed ? withSeed(credential, fromUtf8(source.mfaSeed)) : credential, file }
  } finally {
    wipe(source.mfaSeed ?? new Uint8Array(0))
  }
}

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
