import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../in-process/bundle.ts'
import { Party } from '../in-process/party.ts'
import { type Sandbox, startSandbox } from '../sandbox-aws/sandbox.ts'
import { DeviceProcess } from './device-process.ts'

/** A person whose app is a process of its own. */
export type RemoteParty = Party<DeviceProcess>

/** Several people with an app each, on the loopback, and a sandbox AWS. */
export interface Devices {
  readonly dir: string
  readonly sandbox: Sandbox
  /** Starts apps for new people, sets them up, and has each type the addresses of the others. */
  arrive(...names: readonly string[]): Promise<RemoteParty[]>
  close(): Promise<void>
}

/** Bundles the programs and starts the sandbox. @param sessionSeconds - how long the sandbox lets sessions live. */
export async function newDevices(sessionSeconds: number): Promise<Devices> {
  const dir = await mkdtemp(join(tmpdir(), 'lockbox-devices-'))
  const [program, worker] = await Promise.all([
    bundle(new URL('./device.ts', import.meta.url), dir),
    bundle(new URL('../../main/worker.ts', import.meta.url), dir),
  ])
  const sandbox = await startSandbox({ sessionSeconds })
  const parties: RemoteParty[] = []
  const arrive = async (name: string, port: number) => {
    const party = await Party.arrive({
      name,
      dir,
      launch: (profileDir, hands) =>
        DeviceProcess.start(
          profileDir,
          { program, worker, host: '127.0.0.1', port, discover: false, limits: {} },
          hands,
        ),
    })
    parties.push(party)
    await party.setUp()
    return party
  }
  return {
    dir,
    sandbox,
    arrive: async (...names) => {
      const ports = await freePorts(names.length)
      const come = await Promise.all(names.map((name, at) => arrive(name, ports[at] ?? 0)))
      for (const [at, party] of come.entries())
        for (const port of ports.slice(0, at)) await party.call.exchange.addAddress({ address: `127.0.0.1:${port}` })
      return come
    },
    close: async () => {
      await Promise.all(parties.map((party) => party.quit()))
      await sandbox.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Ports that nobody listens on: kept, so that an address that was typed stays right over a restart. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address !== null ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
