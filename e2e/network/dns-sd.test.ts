import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../main/exchange/testing/apps.ts'
import { buildChild, Child } from '../../main/exchange/testing/children.ts'
import { listenTo } from '../../main/exchange/testing/namespaces.ts'
import { person } from '../../main/exchange/testing/people.ts'
import { CARD, Network, whyNoHosts } from './hosts.ts'

const why = whyNoHosts()
if (why !== null) console.log(`LEFT OUT: DNS-SD as other tools see it, because hosts cannot be made here: ${why}`)

/** Avahi’s, by the family of addresses over which it speaks. */
const CONFIGURATION = {
  IPv4: '[server]\nuse-ipv6=no\n[publish]\ndisable-publishing=yes\n',
  IPv6: '[server]\nuse-ipv4=no\n[publish]\ndisable-publishing=yes\n',
}

/**
 * A system bus, Avahi and its browser, with a /run of their own (`ip netns exec` gives each command its own mounts);
 * ends as soon as it has printed so many services. $1: Avahi’s configuration, $2: how many.
 */
const BROWSE = `
  mount -t tmpfs tmpfs /run && mkdir -p /run/dbus /run/avahi-daemon
  dbus-daemon --system --nofork --nopidfile --nosyslog 2>/dev/null & bus=$!
  until [ -S /run/dbus/system_bus_socket ]; do :; done
  avahi-daemon --no-drop-root --no-chroot --no-rlimits --no-proc-title --file "$1" 2>/dev/null & avahi=$!
  until found=$(avahi-browse --resolve --parsable --terminate _lockbox._tcp 2>/dev/null | grep '^=;${CARD}') &&
    [ "$(echo "$found" | wc -l)" -ge "$2" ]; do :; done
  echo "$found"
  kill $avahi $bus`

/** All that may be read in a packet: random digits, the words of DNS-SD, and the tag. */
const HARMLESS = /[0-9a-f]{32}|_lockbox|_tcp|local|v=1|t=[\w-]{22}|_services|_dns-sd|_udp/g

describe.skipIf(why !== null)('DNS-SD', () => {
  it.each(['IPv4', 'IPv6'] as const)(
    'over %s is found by avahi-browse, which learns an address and nothing of whose it is',
    async (family) => {
      const network = new Network()
      onTestFinished(() => network.remove())
      const lan = network.segment('lan')
      const hosts = ['ana', 'raj', 'stranger'].map((name) => network.host(name))
      for (const [at, host] of hosts.entries()) {
        host.plug(lan)
        host.setAddresses(...(family === 'IPv4' ? [`10.77.0.${at + 1}/24`] : []))
      }
      const addressOf = (at: number) => (family === 'IPv4' ? `10.77.0.${at + 1}` : hosts[at]?.linkLocal())
      const [ana, raj, stranger] = hosts
      if (!ana || !raj || !stranger) throw new Error('three hosts were made')
      const packets = await listenTo(stranger, family === 'IPv4' ? '10.77.0.3' : `::%${CARD}`)
      const built = await buildChild()
      onTestFinished(() => built.remove())
      const people = [person('Ana Costa'), person('Raj Patel')] as const
      const apps = [new Child(built.program, people[0], ana.prefix), new Child(built.program, people[1], raj.prefix)]
      for (const app of apps) {
        onTestFinished(() => app.end())
        app.start(
          people.map(({ peer }) => peer),
          { discover: true },
        )
      }
      await until(() => apps.every((app) => app.namesOf('connected').length > 0))

      const found = await browse(stranger.prefix, apps.length, CONFIGURATION[family])
      const services = found.map((line) => line.split(';'))
      expect(services.map(([, , , , , , , address, port]) => `${address}:${port}`).sort()).toEqual(
        apps.map(({ port }, at) => `${addressOf(at)}:${port}`).sort(),
      )
      for (const [, , , instance, type, domain, host, , , texts] of services) {
        expect([type, domain]).toEqual(['_lockbox._tcp', 'local'])
        expect(instance).toMatch(/^[0-9a-f]{32}$/)
        expect(host).toMatch(/^[0-9a-f]{32}\.local$/)
        // Both apps say as much: neither name nor text differs by what its owner may do or holds.
        expect(
          texts
            ?.split(' ')
            .map((text) => text.replace(/[\w-]{22}/, 'TAG'))
            .sort(),
        ).toEqual(['"t=TAG"', '"v=1"'])
      }
      const said = packets.filter((packet) => packet.includes('_lockbox'))
      expect(said.length).toBeGreaterThan(0)
      // Numbers may look like two or three letters.
      expect(said.filter((packet) => /[\x20-\x7e]{4}/.test(packet.replace(HARMLESS, '\0')))).toEqual([])
    },
  )
})

async function browse(prefix: readonly string[], count: number, settings: string): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'lockbox-avahi-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const configuration = join(dir, 'avahi.conf')
  await writeFile(configuration, settings)
  const args = [...prefix.slice(1), 'sh', '-c', BROWSE, 'sh', configuration, String(count)]
  const { stdout } = await promisify(execFile)(prefix[0] as string, args, { timeout: 50_000 })
  return stdout.trim().split('\n')
}
