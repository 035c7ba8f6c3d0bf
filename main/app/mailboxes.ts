import { type Digest, fromBase64Url, fromUtf8, utf8 } from '../../shared/bytes.ts'
import { releaseDuty, whyNoDecision } from '../../shared/case/duties.ts'
import { type Case, isOpen } from '../../shared/case/types.ts'
import type { Organization } from '../../shared/org/org-from.ts'
import { MAX_BOX_PLAINTEXT } from '../../shared/secrets/box.ts'
import type { VerifiedStatement } from '../../shared/statements/door.ts'
import { deviceId, type Member } from '../../shared/statements/member.ts'
import { sealBox } from '../boxes.ts'
import type { Mail, MailKey, PeerName } from '../exchange/exchange.ts'
import { provesMailKey } from '../mailbox/mail-file.ts'
import { type Journal, JournalError } from '../vault/journal.ts'
import type { Device } from './device.ts'

const TABLE = 'mail-key'
/** Sealed in one go: a box takes some milliseconds. */
const MOST_AT_ONCE = 16

/** By which keys devices are known while they are locked (docs/formats/mailbox.md): this one, and what others told. */
export class Mailboxes {
  readonly #journal: Journal
  readonly #keys: Map<Digest, string>
  /** This device's own; null until its file is there. */
  own: MailKey | null = null

  private constructor(journal: Journal, keys: Map<Digest, string>) {
    this.#journal = journal
    this.#keys = keys
  }

  /** Reads back what others told. */
  static async load(journal: Journal): Promise<Mailboxes> {
    const keys = new Map<Digest, string>()
    for await (const { key, value } of journal.records(TABLE)) keys.set(key, fromUtf8(value))
    return new Mailboxes(journal, keys)
  }

  keyOf(device: Digest): string | null {
    return this.#keys.get(device) ?? null
  }

  /** A device told its own; one that was told before costs nothing. */
  async take(device: Digest, key: string): Promise<void> {
    if (this.#keys.get(device) === key) return
    this.#keys.set(device, key)
    // One that a full disk does not keep counts until the next lock, and is told again at the next meeting.
    await this.#journal.append(TABLE, device, utf8(key), { deferrable: true }).catch((error: unknown) => {
      if (!(error instanceof JournalError)) throw error
    })
  }
}

/**
 * Takes the key that a device says it shows while it is locked, if that key itself says so: else somebody could claim
 * another's, and what is meant for one would be left with the other.
 */
export async function takeMailKey(device: Device, { key, proof }: MailKey, from: PeerName): Promise<void> {
  const organization = device.organizationId()
  if (organization !== null && provesMailKey(key, proof, organization, from.device))
    return device.mailboxes.take(from.device, key)
  device.notes.add(
    'attention',
    `${from.name}’s device names a key that is not its own`,
    'It would be known by it while it is locked. It was not taken, so that device hears of nothing from here while it is locked.',
    'Ask its owner to restart Lockbox. If it happens again, tell an auditor.',
  )
}

/**
 * What a locked device should hear of: every statement of the cases that are still open, and what these stand on, each
 * sealed to its mailbox, the oldest case first. What only its owner can do makes a statement urgent; see {@link urgentIn}.
 *
 * @param told - ids that it was told already.
 */
export async function mailFor(device: Device, to: Digest, told: ReadonlySet<Digest>): Promise<readonly Mail[]> {
  const org = device.org()
  const owner = org?.head.roster.members.find((member) => deviceId(member) === to)
  if (org === null || owner === undefined) return []
  const open = device.currentCases().filter(isOpen).toReversed()
  const urgent = new Set(open.flatMap((one) => urgentIn(org, one, owner)))
  const statements = open.flatMap((one) => [...foundationsOf(org, one), ...org.collection.about(one.id)])
  const due = [...new Map(statements.map((statement) => [statement.id, statement])).values()]
    .filter(({ id, envelope }) => !told.has(id) && envelope.length <= MAX_BOX_PLAINTEXT)
    // Whom it concerns hears of the request before all else.
    .toSorted((a, b) => Number(urgent.has(b.id)) - Number(urgent.has(a.id)))
    .slice(0, MOST_AT_ONCE)
  return Promise.all(due.map((statement) => sealed(device, owner, statement, urgent.has(statement.id))))
}

/**
 * To what in a case the owner of a locked device should be called: a request on which the owner may decide and has not; and once the
 * owner's share could be released but for the lock, whatever made it so and was not heard there: the attempt, and approvals.
 */
function urgentIn(org: Organization, one: Case, owner: Member): Digest[] {
  const hasApproved = one.quorum?.approved.includes(owner.member) === true
  if (!hasApproved && whyNoDecision(one, owner.member, 'approve') === null) return [one.id]
  const duty = releaseDuty(org, one, { member: owner.member, device: deviceId(owner) })
  if (typeof duty !== 'object') return []
  const approvals = one.timeline.filter(({ kind }) => kind === 'decision')
  return [duty.attempt.ready.id, ...approvals.map(({ id }) => id)]
}

/** What a case stands on, which the device may have missed: the rosters and the plan that it names, and who endorsed them. */
function foundationsOf({ collection }: Organization, { id, request }: Case): VerifiedStatement[] {
  const rosters = new Set(collection.about(id).flatMap(({ payload }) => payload.roster ?? []))
  const named = [
    ...[...rosters].map((one) => collection.get('roster', one)),
    collection.get('plan', request.payload.plan),
  ]
  return named.flatMap((one) => (one === undefined ? [] : [one, ...collection.endorsementsOf(one.id)]))
}

async function sealed(device: Device, owner: Member, statement: VerifiedStatement, urgent: boolean): Promise<Mail> {
  const context = mailContext(device.organizationId(), device.id, deviceId(owner))
  const box = await sealBox(fromBase64Url(owner.device.keys.mailbox), context, statement.envelope)
  return { id: statement.id, urgent, box }
}

/** What a mail's box is bound to. */
export function mailContext(organization: Digest | null, from: Digest, to: Digest) {
  if (organization === null) throw new TypeError('mail is for members of an organization')
  return { purpose: 'mail', organization, deposit: null, request: null, ready: null, from, to, index: null } as const
}
