import type { Digest } from '../../shared/bytes.ts'
import { boxesIn, boxesInUse, evidenceBlobs, mayGoOn } from '../../shared/case/blobs.ts'
import { isOver } from '../../shared/case/grants.ts'
import { keysToReplace } from '../../shared/case/replacing.ts'
import { type Case, END_CERTAIN_MS, grantsIn } from '../../shared/case/types.ts'
import { recipientBlobs } from './asking.ts'
import type { Device } from './device.ts'
import { sealedSessions, unhanded } from './handing-over.ts'
import { madeHere, untold } from './made-aftercare.ts'

/**
 * Deletes blobs that nothing needs any more, or that never came to be named: parts of a deposit or a request that a
 * crash cut off before its statement, shares of retired generations whose key nobody is to delete, sessions that are over (DESIGN §4).
 *
 * Only while a vault is being opened and nothing puts any: a blob is kept before what names it is recorded, and until then
 * looks like one that nothing needs.
 */
export async function sweepBlobs(device: Device): Promise<void> {
  // What is not read may name what looks like nothing needs it.
  if (device.org() === null || device.store.unread().size > 0) return
  const untoldParts = await ofUntold(device)
  if (untoldParts === null) return
  await device.shelf.keepOnly([
    ...ofGenerations(device),
    ...device.cases().flatMap((one) => ofCase(one, device.clock().wall)),
    ...(await ofOwnRequests(device)),
    ...(await ofOwnGrants(device)),
    ...untoldParts,
    ...ofEvidence(device),
  ])
}

function ofGenerations(device: Device): Digest[] {
  const me = device.me()
  const mine = me === null ? new Set<Digest>() : device.blobsOf(me)
  const inUse = new Set(
    device
      .cases()
      .filter(mayGoOn)
      .flatMap(({ attempts }) => attempts.map(({ ready }) => ready.payload.deposit)),
  )
  // Until its key is deleted it may be turned on again, should too few hold the newer one any more.
  const toReplace = new Set(
    device
      .cases()
      .flatMap(keysToReplace)
      .map(({ statement }) => statement.payload.basis.deposit),
  )
  return (device.org()?.generations ?? [])
    .filter(({ id, state }) => state !== 'retired' || inUse.has(id) || toReplace.has(id))
    .flatMap(({ deposit, state }) => {
      const parts = [deposit.ciphertext, ...deposit.boxes]
      // The depositor's app hands everybody's parts around until all have theirs; then it keeps what is its owner's.
      return state === 'proven' ? parts.filter((id) => mine.has(id)) : parts
    })
}

function ofEvidence(device: Device): Digest[] {
  const org = device.org()
  return org === null ? [] : [...evidenceBlobs(org)]
}

function ofCase(one: Case, now: number): Digest[] {
  const releases = mayGoOn(one) ? one.attempts.flatMap((attempt) => attempt.releases) : []
  const grants = grantsIn(one).filter((grant) => !isOver(grant, now))
  return [
    ...releases.map(({ payload }) => payload.box),
    ...grants.flatMap(({ handover }) => handover?.payload.sealed ?? []),
    ...boxesInUse(one, now),
  ]
}

/** A session may still come, or may still be opened, until then. */
function mayBeOpened(one: Case, now: number): boolean {
  if (one.grant !== null) return !one.grant.ends.some(({ payload }) => payload.wiped)
  return now < one.expires + one.request.payload.seconds * 1000 + END_CERTAIN_MS
}

async function ofOwnRequests(device: Device): Promise<Digest[]> {
  const blobs = await recipientBlobs(device.vault.journal)
  return device.cases().flatMap((one) => {
    const blob = blobs.get(one.request.payload.recipient)
    return blob !== undefined && mayBeOpened(one, device.clock().wall) ? [blob] : []
  })
}

async function ofOwnGrants(device: Device): Promise<Digest[]> {
  const sealed = await sealedSessions(device)
  const grants = device.cases().flatMap((one) => unhanded(device, one))
  return grants.flatMap(({ statement }) => sealed.get(statement.payload.basis.ready) ?? [])
}

/** What this device made for the time after a grant and did not tell of yet: no statement names it. Null if that cannot be read. */
async function ofUntold(device: Device): Promise<Digest[] | null> {
  const grants = device.cases().flatMap((one) => untold(device, one))
  if (grants.length === 0) return []
  const { made, unread } = await madeHere(device)
  if (grants.some(({ id }) => unread.has(id))) return null
  return grants.flatMap(({ id }) => {
    const one = made.get(id)
    return one === undefined ? [] : boxesIn(one).map(({ sealed }) => sealed)
  })
}
