import { NOTHING_CHANGED, say } from './say.ts'

/** Words for the brokers of the relay. */
export const RELAY = {
  'bad-broker': say(
    'This is not the address of a broker that can be used.',
    NOTHING_CHANGED,
    'Write it as tls://host:4222. Without TLS, as nats://, only on this very computer.',
  ),
  'bad-credentials': say(
    'This is not a credentials file of NATS.',
    NOTHING_CHANGED,
    'Paste its whole text, with the parts that begin BEGIN NATS USER JWT and BEGIN USER NKEY SEED.',
  ),
  'too-many-brokers': say(
    'This device uses as many brokers as it may.',
    NOTHING_CHANGED,
    'Remove one that is not needed any more.',
  ),
}
