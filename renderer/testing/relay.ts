import type { BrokerView } from '../../shared/views/relay.ts'

/** A broker that is used. */
export function brokerView(changes: Partial<BrokerView> = {}): BrokerView {
  return {
    id: 'cmVsYXktb24',
    url: 'tls://relay.northwind.example:4222',
    as: 'user',
    pinned: false,
    state: 'on',
    since: Date.now() - 3_600_000,
    trouble: null,
    kept: 48,
    read: 31,
    waiting: 0,
    dropped: 0,
    unreadable: 0,
    ...changes,
  }
}

/** One that works, and one that does not. */
export function someBrokers(): BrokerView[] {
  return [
    brokerView(),
    brokerView({
      id: 'cmVsYXktdHc',
      url: 'tls://nats.backup.example:4222',
      as: 'file',
      pinned: true,
      state: 'waiting',
      since: Date.now() - 480_000,
      trouble: 'connection refused',
      kept: 12,
      read: 9,
      waiting: 4,
      unreadable: 2,
    }),
  ]
}
