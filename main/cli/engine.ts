import { setFlagsFromString } from 'node:v8'

/**
 * What V8 is told, by Node's major version, where every core has signatures to check for seconds: to compile only what runs
 * sixteen times as often as it would wait for by itself (most rules of cases are run some thousand times, and to compile them
 * costs more than it saves), and to collect garbage without threads of its own, which wait for cores that are busy. Newer ones
 * wait longer by themselves. A flag that a version does not know is complained of on the error stream, so each is named where
 * it was seen to work.
 */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  20: ['--interrupt-budget=1056000', '--no-parallel-scavenge'],
  22: ['--no-parallel-scavenge'],
  24: ['--no-parallel-scavenge'],
}

/** Leaves the cores to the checking of signatures, in all threads of this process. Changes how fast it runs, and nothing else. */
export function leaveCoresToSignatures(): void {
  const [major = ''] = process.versions.node.split('.')
  for (const flag of FLAGS[major] ?? []) setFlagsFromString(flag)
}
