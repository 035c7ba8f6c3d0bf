import { fromBase64Url } from '../../../shared/bytes.ts'
import { MOST_LACKS } from '../../../shared/statements/aftercare.ts'
import { sealBox } from '../../boxes.ts'
import { lineFrom } from '../../text.ts'
import type { Aftercare, Issuer, NarrowSession } from '../issuer.ts'
import type { Held } from './issue.ts'
import { type Message, wipe } from './messages.ts'
import type { AfterAnswer, AfterFacts, Receiver } from './protocol.ts'

/**
 * Has the issuer make the narrow sessions, with the long-lived key that is still held, and seals each to those who may
 * use it. The key is not wiped here: whoever holds it does that as soon as this ends, or before, by the signal.
 */
export async function aftercare(
  { facts, credential, issued }: Held,
  { member, revoker, rotator, holder }: AfterFacts,
  issuer: Issuer,
  signal: AbortSignal,
): Promise<Message> {
  const { access, attempt, request } = facts
  const order = {
    credential,
    access: wanted(access, revoker, rotator),
    attempt,
    request,
    issuer: member,
    issued,
    signal,
  }
  const made = await issuer.aftercare(order)
  try {
    const revokers = await sealEach(facts, 'revoker', issued.userId === null ? null : made.revoker, revoker)
    const rotators = await sealEach(facts, 'rotator', made.rotator, rotator)
    const own = await sealEach(facts, 'revoker', revokers && made.revoker, [
      { device: facts.issuer, boxPublicKey: holder },
    ])
    const answer: AfterAnswer = {
      is: 'aftercare',
      revoker: revokers === null || issued.userId === null ? null : { userId: issued.userId, ...revokers.said },
      rotator: rotators?.said ?? null,
      lacks: lacksOf(made, access, revoker, rotator),
      unheld: [...made.unheld],
    }
    return { facts: answer, parts: [revokers, rotators, own].flatMap((sealed) => sealed?.boxes ?? []) }
  } finally {
    wipe(made.revoker?.session, made.rotator?.session)
  }
}

/** The plan's access, without what nobody would receive. */
function wanted(
  access: Held['facts']['access'],
  revoker: readonly Receiver[],
  rotator: readonly Receiver[],
): Held['facts']['access'] {
  const { aftercare: planned, ...rest } = access
  if (planned === undefined) return access
  return {
    ...rest,
    aftercare: {
      iam: planned.iam,
      ...(planned.revoker === undefined || revoker.length === 0 ? {} : { revoker: planned.revoker }),
      ...(planned.rotator === undefined || rotator.length === 0 ? {} : { rotator: planned.rotator }),
    },
  }
}

async function sealEach(
  { organization, deposit, request, ready, issuer }: Held['facts'],
  purpose: 'revoker' | 'rotator',
  made: NarrowSession | null,
  receivers: readonly Receiver[],
) {
  if (made === null) return null
  const { expires, session } = made
  const boxes = await Promise.all(
    receivers.map(({ device, boxPublicKey }) => {
      const context = { organization, deposit, request, ready, from: issuer, to: device, index: null }
      return sealBox(fromBase64Url(boxPublicKey), { purpose, ...context }, session)
    }),
  )
  return { boxes, said: { expires, devices: receivers.map(({ device }) => device) } }
}

function lacksOf(
  { lacks }: Aftercare,
  { aftercare: planned }: Held['facts']['access'],
  revoker: readonly Receiver[],
  rotator: readonly Receiver[],
): string {
  const all = [
    ...(planned?.revoker !== undefined && revoker.length === 0
      ? ['No revoker: no custodian’s device could have it.']
      : []),
    ...(planned?.rotator !== undefined && rotator.length === 0
      ? ['No rotator: no admin but whoever asked has a device that could have it.']
      : []),
    ...lacks,
  ]
  // One long account must not crowd out another.
  return all.map((one) => lineFrom(one, Math.floor(MOST_LACKS / all.length) - 1)).join(' ')
}
