import { digest, fromBase64Url } from '../../shared/bytes.ts'
import { releaseDuty } from '../../shared/case/duties.ts'
import { type Attempt, type Case, CLOCK_TOLERANCE_MS } from '../../shared/case/types.ts'
import type { Organization } from '../../shared/org/org-from.ts'
import { sealBox } from '../boxes.ts'
import type { Device } from './device.ts'

/**
 * Releases held shares wherever this app's own judgement says so, and drops those whose case is over. This is the rule
 * the organization rests on: custodians' apps, not the issuing device, decide whether a quorum is there.
 */
export async function releaseShares(device: Device): Promise<void> {
  const org = device.org()
  if (org === null) return
  for (const one of device.currentCases()) {
    if (device.held.until(one.id) === null) continue
    if (['impossible', 'blocked', 'withdrawn', 'expired', 'granted', 'ending', 'ended'].includes(one.state)) {
      device.held.drop(one.id)
      continue
    }
    const duty = releaseDuty(org, one, device.self())
    if (typeof duty === 'object' && clocksAgree(device, duty.attempt))
      await release(device, org, one, duty.attempt, duty.index)
  }
}

function clocksAgree(device: Device, { ready }: Attempt): boolean {
  if (
    Math.abs(ready.payload.time - device.clock().wall) <=
    CLOCK_TOLERANCE_MS + ready.payload.expires - ready.payload.time
  )
    return true
  const name = device.names()(ready.payload.member).name
  device.notes.add(
    'attention',
    `${name}’s clock and yours differ by more than 10 minutes`,
    'Your share was not released.',
    `Compare clocks with ${name} and set the wrong one.`,
  )
  return false
}

async function release(device: Device, org: Organization, one: Case, { ready }: Attempt, index: number): Promise<void> {
  const { payload } = ready
  const context = {
    organization: org.id,
    deposit: payload.deposit,
    request: one.id,
    ready: ready.id,
    from: device.id,
    to: payload.device,
    index,
  }
  await device.held.release(one.id, async (share) => {
    const sealed = await sealBox(fromBase64Url(payload.box), { purpose: 'release', ...context }, share)
    const fields = { request: one.id, ready: ready.id, deposit: payload.deposit, index, box: digest(sealed) }
    await device.author.write('release', device.pen(), fields, device.shelf.put(sealed))
  })
}
