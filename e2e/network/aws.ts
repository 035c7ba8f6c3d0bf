import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { Sandbox } from '../sandbox-aws/sandbox.ts'
import type { Host } from './hosts.ts'

/** On a host: what connects to a port of its own loopback is led to the socket file that is named after the port. */
const LEAD = `
  const { connect, createServer } = require('node:net')
  const [dir, ...ports] = process.argv.slice(1)
  let left = ports.length
  for (const port of ports)
    createServer((here) => {
      const there = connect(dir + '/' + port)
      for (const [one, other] of [[here, there], [there, here]]) one.on('error', () => other.destroy()).pipe(other)
    }).listen(port, '127.0.0.1', () => --left === 0 && console.log('up'))`

/**
 * Lets hosts reach a sandbox AWS at the addresses that a plan names: plain HTTP is for the loopback alone, and each host has
 * one of its own. Socket files know no networks.
 *
 * @param dir - an empty folder, for the sockets.
 * @returns what ends it.
 */
export async function leadToAws(sandbox: Sandbox, hosts: readonly Host[], dir: string): Promise<() => void> {
  const ports = [...sandbox.regions, sandbox.iam].map(({ endpoint }) => new URL(endpoint).port)
  const servers = await Promise.all(ports.map((port) => open(port, join(dir, port))))
  const leads = await Promise.all(hosts.map((host) => lead(host, [dir, ...ports])))
  return () => {
    for (const child of leads) child.kill('SIGKILL')
    for (const server of servers) server.close()
  }
}

async function open(port: string, path: string): Promise<Server> {
  const server = createServer((here) => {
    const there = connect(Number(port), '127.0.0.1')
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const)
      one.on('error', () => other.destroy()).pipe(other)
  })
  server.listen(path)
  await once(server, 'listening')
  return server
}

async function lead({ prefix }: Host, words: readonly string[]): Promise<ChildProcess> {
  const [command = '', ...args] = [...prefix, process.execPath, '-e', LEAD, ...words]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}
