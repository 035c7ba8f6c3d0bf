import type { Digest, UnixMilliseconds } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { isRecording } from '../statements/evidence.ts'
import type { PayloadOf } from '../statements/kinds.ts'
import { deviceId, type Member } from '../statements/member.ts'
import { isOver } from './grants.ts'
import { groupedBy } from './grouped.ts'
import { stoodIn } from './issuings.ts'
import { type Case, type Grant, grantsIn } from './types.ts'

/**
 * The sealed blobs that a member's device needs, and therefore may have: credential ciphertext as custodian or issuer,
 * its own box of each generation, shares released to its `ready` while its attempt may come to something, sessions sealed to its
 * request until they are over or it has wiped them, and its own box of those that may deny or replace, while they may. Nobody
 * else gets any. And the events of {@link evidenceBlobs}, which are not sealed to anybody.
 *
 * @param cases - those that may still change: what was sealed for the others is of no use any more.
 */
export function blobsOf(org: Organization, member: Member, cases: readonly Case[], now: UnixMilliseconds): Set<Digest> {
  const device = deviceId(member)
  const wanted = new Set<Digest>()
  for (const { deposit, problems, state } of org.generations) {
    if (problems.length > 0 || state === 'retired') continue
    const at = deposit.header.custodians.indexOf(member.member)
    const issues = org.plans.some(
      ({ plan }) => plan.credential.credential === deposit.header.credential && plan.issuers.includes(member.member),
    )
    if (at >= 0 || issues) wanted.add(deposit.ciphertext)
    const box = deposit.boxes[at]
    if (box !== undefined) wanted.add(box)
  }
  for (const part of evidenceBlobs(org)) wanted.add(part)
  const withBoxes = cases.filter((one) => grantsIn(one).length === 0 || boxesInUse(one, now).length > 0)
  for (const { sealed } of boxesFor(
    org,
    device,
    withBoxes.map(({ id }) => id),
  ))
    wanted.add(sealed)
  for (const one of cases) for (const sealed of sealedTo(org, device, one, now)) wanted.add(sealed)
  return wanted
}

/** What custodians and issuing devices of a case sealed to a device, and it may still have to open. */
function sealedTo({ collection }: Organization, device: Digest, one: Case, now: UnixMilliseconds): Digest[] {
  const done = grantsIn(one).filter(
    (grant) => isOver(grant, now) || grant.ends.some(({ payload }) => payload.device === device && payload.wiped),
  )
  return one.timeline.flatMap(({ kind, payload }) => {
    if (kind === 'release' && mayGoOn(one))
      return collection.get('ready', payload.ready)?.payload.device === device ? [payload.box] : []
    if (kind === 'handover' && one.request.payload.device === device)
      return done.some(({ id }) => id === payload.grant) ? [] : [payload.sealed]
    return []
  })
}

/** Whether an attempt of a case may still come to a grant. */
export function mayGoOn({ state }: Pick<Case, 'state'>): boolean {
  return ['impossible', 'asked', 'approved', 'issuing'].includes(state)
}

/** Evidence of one member about one case whose events are kept: whoever attaches without end must not fill everybody's disk. */
export const MOST_EVIDENCE = 4
/** Recorded terminals of who asked, of one case, that are kept. */
export const MOST_RECORDINGS = 8
/** Parts of all evidence of one member that are kept, and as many of all recorded terminals: 128 MiB. */
export const MOST_EVIDENCE_PARTS = 512

/**
 * The events of AWS's record that members attached to cases in which AWS was asked for something: every member may look at them, for
 * as long as the case is kept. Of each member and case the first {@link MOST_EVIDENCE} by number in their device's chain, then by id;
 * of each member, in that order, what takes no more than {@link MOST_EVIDENCE_PARTS}. And by the same rule, counted apart, the first
 * {@link MOST_RECORDINGS} recorded terminals of whoever asked, who alone has a session to record.
 */
export function evidenceBlobs(org: Pick<Organization, 'collection' | 'history'>): Set<Digest> {
  const genuine = org.collection.of('evidence').filter((one) => stoodIn(org, one))
  const cases = groupedBy(genuine, ({ payload }) => payload.request)
  const about = [...cases].flatMap(([request, group]) => (isUse(org, request) ? group : []))
  const asked = ({ payload }: VerifiedOf<'evidence'>) =>
    org.collection.get('request', payload.request)?.payload.member === payload.member
  const recordings = about.filter((one) => isRecording(one.payload) && asked(one))
  const trails = about.filter(({ payload }) => !isRecording(payload))
  return new Set([...partsOf(trails, MOST_EVIDENCE), ...partsOf(recordings, MOST_RECORDINGS)])
}

/** @param most - of one member about one case. */
function partsOf(evidence: readonly VerifiedOf<'evidence'>[], most: number): Digest[] {
  const groups = groupedBy(evidence, ({ payload }) => `${payload.request} ${payload.member}`)
  const first = [...groups.values()].flatMap((group) => firstOf(group, most))
  const members = groupedBy(first, ({ payload }) => payload.member)
  return [...members.values()].flatMap(partsWithin)
}

/** Whether a request is here, and some device said that it asked AWS for it. */
function isUse(org: Pick<Organization, 'collection' | 'history'>, request: Digest): boolean {
  const { collection } = org
  return (
    collection.get('request', request) !== undefined &&
    collection.about(request).some((one) => (one.kind === 'issuing' || one.kind === 'grant') && stoodIn(org, one))
  )
}

function partsWithin(evidence: readonly VerifiedOf<'evidence'>[]): Digest[] {
  const parts: Digest[] = []
  for (const { payload } of inOrder(evidence))
    if (parts.length + payload.parts.length <= MOST_EVIDENCE_PARTS) parts.push(...payload.parts)
  return parts
}

function firstOf<S extends VerifiedOf<'evidence' | 'aftercare'>>(group: readonly S[], most: number): readonly S[] {
  return group.length <= most ? group : inOrder(group).slice(0, most)
}

function inOrder<S extends VerifiedOf<'evidence' | 'aftercare'>>(group: readonly S[]): readonly S[] {
  return group.toSorted((a, b) => a.payload.sequence - b.payload.sequence || (a.id < b.id ? -1 : 1))
}

/** Accounts of one issuing device in one case whose boxes are kept: several grants of it, and a second try for each. */
export const MOST_AFTERCARE = 8

/** Boxes that issuing devices of these cases sealed to a device, for ending a session or replacing a key. */
function boxesFor({ collection }: Organization, device: Digest, cases: readonly Digest[]) {
  const told = cases
    .flatMap((id) => collection.about(id))
    .filter((one) => one.kind === 'aftercare')
    .filter(({ payload }) => collection.get('grant', payload.grant)?.payload.device === payload.device)
  const groups = groupedBy(told, ({ payload }) => `${payload.request} ${payload.device}`)
  return [...groups.values()]
    .flatMap((group) => firstOf(group, MOST_AFTERCARE).flatMap(({ payload }) => boxesIn(payload)))
    .filter((box) => box.device === device)
}

/** Every box that the issuing device of a grant sealed for ending its session and replacing its key. */
export function boxesIn({
  revoker,
  rotator,
}: Pick<PayloadOf<'aftercare'>, 'revoker' | 'rotator'>): readonly { device: Digest; sealed: Digest }[] {
  return [...(revoker?.boxes ?? []), ...(rotator?.boxes ?? [])]
}

/** Boxes of a case that somebody may still have to open. */
export function boxesInUse(one: Case, now: UnixMilliseconds): Digest[] {
  return grantsInUse(one, now).flatMap(({ aftercare }) =>
    aftercare.flatMap(({ payload }) => boxesIn(payload).map(({ sealed }) => sealed)),
  )
}

/** The grants whose boxes every app keeps: those of a session that is not over by the clock, or all while the case's key is owed. */
export function grantsInUse(one: Case, now: UnixMilliseconds): readonly Grant[] {
  const isOwed = one.obligations.some(({ code }) => code === 'retire')
  return grantsIn(one).filter((grant) => isOwed || !isOver(grant, now))
}
