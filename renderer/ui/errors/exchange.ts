import { NOTHING_CHANGED, OWN_FAULT, say } from './say.ts'

const CONNECTION = say(
  'The other device cannot be reached this way.',
  'Statements do not travel between the two over the network now.',
  'Check that its Lockbox is open, or hand statements over as a file.',
)

/** Words for the exchange with other devices, and for what they acknowledge. */
export const EXCHANGE = {
  unreachable: CONNECTION,
  'handshake-failed': CONNECTION,
  'handshake-timeout': CONNECTION,
  'no-certificate': CONNECTION,
  'own-key': say(
    'That address leads to this very device.',
    NOTHING_CHANGED,
    'Enter the address of another member’s device.',
  ),
  resumed: CONNECTION,
  'too-many-connections': CONNECTION,
  'cooling-down': CONNECTION,
  'unsupported-version': say(
    'The other device runs another version of Lockbox.',
    'The two cannot talk over the network.',
    'Update the older one; files still work.',
  ),
  flood: CONNECTION,
  slow: CONNECTION,
  silent: CONNECTION,
  duplicate: CONNECTION,
  'closed-by-peer': CONNECTION,
  'not-connected': CONNECTION,
  stopped: CONNECTION,
  'timed-out': say(
    'There was no answer in time.',
    'It may or may not have arrived.',
    'Look at the state of the case before you try again.',
  ),
  'bad-address': say(
    'This is not an address Lockbox can use.',
    NOTHING_CHANGED,
    'Write it as host:port, for example 10.0.0.7:47800.',
  ),
  'bad-key': OWN_FAULT,
  'port-in-use': say(
    'The network port is used by another program.',
    'Other devices cannot reach this one over the network.',
    'Close the other program and restart Lockbox, or use files.',
  ),
  'listen-failed': say(
    'This system does not let Lockbox listen on the network.',
    'Other devices cannot reach this one; it can still reach them.',
    'Check the firewall, or use files.',
  ),
  'already-started': OWN_FAULT,
  'no-witness': say(
    'No other device has acknowledged the record.',
    'The credential was not touched.',
    'Bring one more member’s device online, then try again.',
  ),
  'bad-cosignature': say(
    'Another device acknowledged the record wrongly.',
    'That acknowledgement does not count.',
    'Bring one more member’s device online and tell your admins.',
  ),
}
