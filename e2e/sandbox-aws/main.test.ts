import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { accessKeyFromFile, parseAccessKey } from '../../main/issuers/aws/access-key.ts'

const firstLine = z.object({
  account: z.string(),
  roleArn: z.string(),
  regions: z.array(z.object({ region: z.string(), endpoint: z.string() })),
  accessKeyId: z.string(),
  keyFile: z.string(),
})

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockbox-sandbox-'))
  await build({
    entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    outfile: join(folder, 'sandbox.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the sandbox as a process', () => {
  it('says where it is, writes a fresh key to a private file, obeys, and ends with its input', async () => {
    const keyFile = join(folder, 'key.csv')
    const args = [
      join(folder, 'sandbox.mjs'),
      '--key-file',
      keyFile,
      '--session-seconds',
      '20',
      '--region',
      'eu-north-1',
    ]
    const child = spawn(execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async (): Promise<unknown> => JSON.parse(z.string().parse((await lines.next()).value))
    const tell = (command: object): Promise<unknown> => {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      return next()
    }
    const said = firstLine.parse(await next())
    const key = parseAccessKey(accessKeyFromFile(readFileSync(keyFile)))
    expect(key.accessKeyId).toBe(said.accessKeyId)
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)

    const [at = { region: '', endpoint: '' }] = said.regions
    expect(at.region).toBe('eu-north-1')
    const whoAmI = () =>
      new STSClient({ ...at, credentials: key, maxAttempts: 1 }).send(new GetCallerIdentityCommand({}))
    expect(await whoAmI()).toMatchObject({ Account: said.account })
    expect(await tell({ fault: { kind: 'throttled' }, aim: { region: 'eu-north-1' } })).toEqual({ ok: true })
    await expect(whoAmI()).rejects.toMatchObject({ name: 'Throttling' })
    expect(await tell({ active: false })).toEqual({ ok: true })
    await expect(whoAmI()).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
    expect(await tell({ log: true })).toMatchObject({ log: { length: 3 } })
    child.stdin.end()
    expect(await ended).toBe(0)
  })
})
