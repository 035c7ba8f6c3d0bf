import type { OutletView } from '../../shared/views/outlets.ts'

/** An outlet that is where it should be. */
export function outletView(changes: Partial<OutletView> = {}): OutletView {
  return {
    id: 'c2llbS10bHM',
    name: 'SIEM',
    format: 'syslog',
    via: 'tls',
    to: 'TLS siem.northwind.example:6514',
    state: 'up-to-date',
    delivered: 214,
    total: 214,
    lastAt: Date.now() - 95_000,
    gone: 0,
    trouble: null,
    since: null,
    nextTryAt: null,
    ...changes,
  }
}

/** One of each state. */
export function someOutlets(): OutletView[] {
  return [
    outletView(),
    outletView({
      id: 'd2ViaG9vay0',
      name: 'Data lake',
      format: 'ocsf',
      via: 'webhook',
      to: 'https://lake.northwind.example/lockbox',
      state: 'waiting',
      delivered: 1204,
      total: 1210,
      lastAt: Date.now() - 480_000,
      trouble: 'connection refused',
      since: Date.now() - 470_000,
      nextTryAt: Date.now() + 42_000,
    }),
    outletView({
      id: 'bG9ncy11ZHA',
      name: 'Old log host',
      format: 'cef',
      via: 'udp',
      to: 'UDP 10.0.4.9:514',
      state: 'sending',
      delivered: 96,
    }),
  ]
}
