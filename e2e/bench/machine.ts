import { readFile, statfs } from 'node:fs/promises'
import { arch, cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os'

/** Where and with what the results were made. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  /** The file system of the profiles: on one in memory, durable writes cost nothing and prove nothing. */
  readonly fileSystem: string
  readonly node: string
  readonly openssl: string
  readonly browser: string
  /** Processes that wanted a core, over the last minute, before the first case. */
  readonly load: number
}

/** Looks at the machine. @param browser - name and version, or why there is none. */
export async function thisMachine(browser: string): Promise<Machine> {
  const [first, ...others] = cpus()
  return {
    processor: first?.model.trim() ?? 'unknown',
    cores: others.length + 1,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    fileSystem: await fileSystemOf(tmpdir()),
    node: process.versions.node,
    openssl: process.versions.openssl,
    browser,
    load: loadavg()[0] ?? 0,
  }
}

/** In words for people. */
export function machineWords(machine: Machine): string {
  const { processor, cores, memoryGiB, system, fileSystem, node, openssl, browser, load } = machine
  return [
    `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, profiles on ${fileSystem}`,
    `Node ${node} (OpenSSL ${openssl}), ${browser}`,
    `load before the first case: ${load.toFixed(2)}`,
  ].join('\n')
}

/** The kind of file system that holds a path. */
async function fileSystemOf(path: string): Promise<string> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '')
  const holding = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at = '-']) => path === at || path.startsWith(at === '/' ? '/' : `${at}/`))
    .sort(([, a = ''], [, b = '']) => b.length - a.length)
  return holding[0]?.[2] ?? `file system ${(await statfs(path)).type.toString(16)}`
}
