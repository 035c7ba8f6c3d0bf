import type { Digest } from '../bytes.ts'
import type { Organization } from '../org/org-from.ts'
import { deviceId, type Member } from '../statements/member.ts'

/**
 * The sealed blobs that a member's device needs, and therefore may have: credential ciphertext as custodian or issuer,
 * its own box of each generation, shares released to its `ready`, sessions sealed to its request. Nobody else gets any.
 *
 * @param cases - requests whose cases may still change: what was sealed for the others is of no use any more.
 */
export function blobsOf(org: Organization, member: Member, cases: readonly Digest[]): Set<Digest> {
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
  const { collection } = org
  for (const { kind, payload } of cases.flatMap((id) => collection.about(id))) {
    if (kind === 'release' && collection.get('ready', payload.ready)?.payload.device === device) wanted.add(payload.box)
    if (kind === 'handover' && collection.get('request', payload.request)?.payload.device === device)
      wanted.add(payload.sealed)
  }
  return wanted
}
