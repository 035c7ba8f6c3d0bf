import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../in-process/bundle.ts'
import { Party } from '../in-process/party.ts'
import type { Sandbox } from '../sandbox-aws/sandbox.ts'
import { DeviceProcess } from './device-process.ts'

/** A person whose app is a process of its own. */
export type RemoteParty = Party<DeviceProcess>

/** Several people with an app each, on the loopback, and a sandbox AWS. */
export interface Devices<Aws extends Closing = Sandbox> {
  readonly dir: string
  readonly sandbox: Aws
  /** Starts apps for new people, sets them up, and has each type the addresses of the others. */
  arrive(...names: readonly string[]): Promise<RemoteParty[]>
  close(): Promise<void>
}

interface Closing {
  close(): Promise<void>
}

// The bench runs this from its bundle in out/bench, which lies as deep as this file.
const DEVICE = new URL('../../e2e/devices/device.ts', import.meta.url)
const WORKER = new URL('../../main/worker.ts', import.meta.url)

/**
 * Bundles the programs.
 *
 * @param sandbox - is closed with the devices.
 * @param worker - the worker program; bundled too if left out.
 */
export async function newDevices<Aws extends Closing>(sandbox: Aws, worker?: string): Promise<Devices<Aws>> {
  const dir = await mkdtemp(join(tmpdir(), 'lockbox-devices-'))
  const [program, workerProgram] = await Promise.all([bundle(DEVICE, dir), worker ?? bundle(WORKER, dir)])
  const parties: RemoteParty[] = []
  const arrive = async (name: string, port: number) => {
    const party = await Party.arrive({
      name,
      dir,
      launch: (profileDir, hands) =>
        DeviceProcess.start(
          profileDir,
          { program, worker: workerProgram, host: '127.0.0.1', port, discover: false, limits: {} },
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
