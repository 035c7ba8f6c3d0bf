import type { Digest } from '../../shared/bytes.ts'

/** A profile of the AWS CLI: its name, and what to put into `~/.aws/config`. */
export interface CliProfile {
  readonly name: string
  readonly text: string
}

/**
 * A profile by which AWS programs get the session of one case, and of no other: it names the case, and so does its name,
 * since the AWS CLI reads no config at all in which two profiles have one name.
 *
 * @param command - what starts the program, ready for its options; null where there is none.
 * @param region - of the session; left out where it is empty.
 */
export function profileOf(command: string | null, of: Digest, region: string): CliProfile | null {
  if (command === null) return null
  const name = `lockbox-${of.slice(0, 8)}`
  const lines = [`[profile ${name}]`, `credential_process = ${command} --case=${of}`]
  if (region !== '') lines.push(`region = ${region}`)
  return { name, text: `${lines.join('\n')}\n` }
}
