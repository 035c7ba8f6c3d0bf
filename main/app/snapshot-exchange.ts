import type { Digest } from '../../shared/bytes.ts'
import { deviceId } from '../../shared/statements/member.ts'
import type { Reach } from '../../shared/views/people.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import { actedOn } from './meeting.ts'
import type { Inside } from './snapshot.ts'

/** As it is while nobody is met. */
export const CARRIER_OFF: Snapshot['exchange'] = {
  state: 'off',
  says: 'Not on the network while locked.',
  port: null,
  addresses: [],
  typed: [],
  peers: [],
  strangers: 0,
}

const NOT_MET = 'not met since this app was unlocked'

/** What is known of who can be reached before anybody was looked for. */
export const nobodyMet: Reach = () => ({
  connected: false,
  presence: 'gone',
  since: null,
  via: '',
  why: NOT_MET,
  relayedAt: null,
  clockDifferenceMs: null,
})

/** Whether a device is connected, or locked and there, since when, over which way, and why not. */
export function reachOf({ peers, mailboxes, relaying }: Pick<Inside, 'peers' | 'mailboxes' | 'relaying'>): Reach {
  // Asked for each seat of each case.
  const known = new Map<Digest, ReturnType<Reach>>()
  return (device) => {
    const reach = known.get(device) ?? find(device)
    known.set(device, reach)
    return reach
  }

  function find(device: Digest): NonNullable<ReturnType<Reach>> {
    const peer = peers.find((one) => one.device === device)
    const connected = peer?.connected === true
    const mailbox = connected ? undefined : mailboxes.find((one) => one.device === device)
    const { since = null, via = '' } = mailbox ?? peer ?? {}
    return {
      connected,
      presence: connected ? 'unlocked' : mailbox === undefined ? 'gone' : 'locked',
      since,
      via,
      why: connected || mailbox !== undefined ? null : (peer?.why ?? NOT_MET),
      relayedAt: relaying.lastHeard(device),
      clockDifferenceMs: peer?.clockDifferenceMs ?? null,
    }
  }
}

/** How this device is on the network, and how each other one is. */
export function exchangeOf({ device, carrier, peers, mailboxes }: Inside): Snapshot['exchange'] {
  const members = actedOn(device)?.members ?? []
  const { state, says, port, addresses, typed, strangers } = carrier
  return {
    state,
    says,
    port,
    addresses: [...addresses],
    typed: [...typed],
    strangers,
    peers: members
      .filter((member) => deviceId(member) !== device.id)
      .map((member) => {
        const peer = peers.find((one) => one.device === deviceId(member))
        const mailbox = mailboxes.find((one) => one.device === deviceId(member))
        return {
          person: { member: member.member, name: member.name },
          device: deviceId(member),
          connected: peer?.connected ?? false,
          via: peer?.via ?? mailbox?.via ?? '',
          since: (peer?.connected === true ? null : mailbox?.since) ?? peer?.since ?? null,
          mailbox:
            mailbox === undefined ? null : { since: mailbox.since, told: mailbox.told, waiting: mailbox.waiting },
          why: peer?.connected === true || mailbox !== undefined ? null : (peer?.why ?? NOT_MET),
        }
      }),
  }
}
