import type { Sandbox } from '../../../../e2e/sandbox-aws/sandbox.ts'
import { digest, fromBase64Url, toBase64Url, utf8 } from '../../../../shared/bytes.ts'
import { jcs } from '../../../../shared/jcs.ts'
import { openBox, sealBox } from '../../../../shared/secrets/box.ts'
import { type BoxKey, generateBoxKey } from '../../../../shared/secrets/box-key.ts'
import type { Random } from '../../../../shared/secrets/random.ts'
import { accessKeyBytes } from '../../aws/access-key.ts'
import type { Dealt, Release } from '../client.ts'
import type { CheckFacts, DealFacts, GoFacts } from '../protocol.ts'

/** One of the people of a test, with the keys of their device. */
export interface Person {
  readonly member: string
  readonly device: string
  readonly box: BoxKey
}

/** Five custodians, an issuing device and a commander, all made from their names. */
export interface Organization {
  readonly id: string
  readonly custodians: readonly Person[]
  readonly issuer: Person
  readonly commander: Person
}

const named = (name: string) => digest(utf8(name))

/** Makes the people; only their keys are random. */
export function foundOrganization(random: Random): Organization {
  const person = (name: string): Person => ({
    member: toBase64Url(fromBase64Url(named(`member ${name}`)).slice(0, 16)),
    device: named(`device ${name}`),
    box: generateBoxKey(random),
  })
  return {
    id: named('organization'),
    custodians: ['alice', 'bob', 'carol', 'dave', 'erin'].map(person),
    issuer: person('ivan'),
    commander: person('mallory'),
  }
}

/** What a deposit of three of five asks the worker for. */
export function dealOrder({ id, custodians, commander }: Organization): Omit<DealFacts, 'job'> {
  return {
    organization: id,
    plan: named('plan'),
    credential: toBase64Url(new Uint8Array(16)),
    generation: 1,
    threshold: 3,
    from: commander.device,
    custodians: custodians.map(({ member, device, box }) => ({
      member,
      device,
      boxPublicKey: toBase64Url(box.publicKey),
    })),
  }
}

/** The sandbox's long-lived key as a credential. */
export function credentialOf({ accessKey }: Sandbox): Uint8Array<ArrayBuffer> {
  return accessKeyBytes(accessKey)
}

/** The facts that a check and a go have in common. */
export function shareFacts(organization: Organization, { header }: Dealt): Omit<CheckFacts, 'releases'> {
  return {
    organization: organization.id,
    deposit: named('deposit'),
    request: named('request'),
    ready: named('ready'),
    issuer: organization.issuer.device,
    header,
    threshold: 3,
  }
}

/** What the commander asked for, at the sandbox. */
export function goFacts(
  organization: Organization,
  dealt: Dealt,
  { roleArn, regions }: Sandbox,
): Omit<GoFacts, 'releases'> {
  const { member, device, box } = organization.commander
  return {
    ...shareFacts(organization, dealt),
    requester: { member, device, recipient: toBase64Url(box.publicKey) },
    purpose: 'access',
    seconds: 900,
    reference: 'INC-7',
    attempt: 1,
    access: { kind: 'aws-sts', roleArn, sessionPolicy: null, regions: [...regions] },
  }
}

/** A custodian opens the dealt box, as the touch of approval does; gives the share. */
export async function takeShare(organization: Organization, dealt: Dealt, index: number): Promise<Uint8Array> {
  const custodian = organization.custodians[index - 1]
  if (!custodian) throw new TypeError(`no custodian ${index}`)
  const context = {
    organization: organization.id,
    deposit: digest(jcs(dealt.header)),
    request: null,
    ready: null,
    from: organization.commander.device,
    to: custodian.device,
    index,
  }
  return openBox(
    custodian.box.privateKey,
    { purpose: 'share', ...context },
    dealt.boxes[index - 1] ?? new Uint8Array(0),
  )
}

/** A custodian's release of a share to a worker's box key; `ready` other than the right one makes it a stray. */
export async function releaseTo(
  organization: Organization,
  dealt: Dealt,
  boxPublicKey: Uint8Array,
  index: number,
  change: { share?: Uint8Array; ready?: string } = {},
): Promise<Release> {
  const custodian = organization.custodians[index - 1]
  if (!custodian) throw new TypeError(`no custodian ${index}`)
  const { member, device } = custodian
  const { deposit, request, ready, issuer } = shareFacts(organization, dealt)
  const share = change.share ?? (await takeShare(organization, dealt, index))
  const context = {
    organization: organization.id,
    deposit,
    request,
    ready: change.ready ?? ready,
    from: device,
    to: issuer,
    index,
  }
  return { member, device, index, box: await sealBox(boxPublicKey, { purpose: 'release', ...context }, share) }
}

/** The commander opens the handover; gives the session's bytes. */
export function openHandover(organization: Organization, dealt: Dealt, handover: Uint8Array): Promise<Uint8Array> {
  const { deposit, request, ready, issuer } = shareFacts(organization, dealt)
  const { device, box } = organization.commander
  const context = { organization: organization.id, deposit, request, ready, from: issuer, to: device, index: null }
  return openBox(box.privateKey, { purpose: 'handover', ...context }, handover)
}
