import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { type AwsAccessKey, accessKeyFromFile, parseAccessKey } from '../../main/issuers/aws/access-key.ts'
import { bundle } from '../in-process/bundle.ts'
import type { Sandbox } from '../sandbox-aws/sandbox.ts'

// As with the devices: the bench runs this from its bundle, which lies as deep as this file.
const PROGRAM = new URL('../../e2e/sandbox-aws/main.ts', import.meta.url)

const said = z.object({ roleArn: z.string(), regions: z.array(z.object({ region: z.string(), endpoint: z.string() })) })

/** What calls to a sandbox AWS need. */
export type SandboxFacts = Pick<Sandbox, 'regions' | 'roleArn'> & { readonly accessKey: AwsAccessKey }

/** A sandbox AWS in a process of its own, so that nobody whose time is taken works for it. */
export interface SandboxProcess extends SandboxFacts {
  close(): Promise<void>
}

/** Starts one. @param sessionSeconds - how long it lets sessions live. */
export async function startSandboxProcess(sessionSeconds: number): Promise<SandboxProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'lockbox-bench-aws-'))
  const keyFile = join(dir, 'key.csv')
  const words = [await bundle(PROGRAM, dir), '--key-file', keyFile, '--session-seconds', String(sessionSeconds)]
  const child = spawn(process.execPath, ['--no-warnings', ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const first: unknown[] = await once(createInterface({ input: child.stdout }), 'line')
  const { roleArn, regions } = said.parse(JSON.parse(z.string().parse(first[0])))
  return {
    roleArn,
    regions,
    accessKey: parseAccessKey(accessKeyFromFile(await readFile(keyFile))),
    close: async () => {
      child.stdin.end()
      await exited
      await rm(dir, { recursive: true, force: true })
    },
  }
}
