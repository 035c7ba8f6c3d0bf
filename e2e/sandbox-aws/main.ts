import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { type Sandbox, startSandbox } from './sandbox.ts'

// The sandbox as a process of its own:
//   main --key-file PATH [--session-seconds N] [--region NAME]...
// First line out: {account, roleArn, regions, aftercare, accessKeyId, keyFile}. The access key itself goes to PATH (0600), in the
// form in which IAM's console gives it for download. Then one JSON command a line in, one JSON answer a line out:
//   {"fault": {"kind": "throttled"}, "aim": {"region": "eu-west-1"}} · {"down": "eu-west-1"} · {"up": "eu-west-1"}
//   {"clockSkewMs": 60000} · {"dateSkewMs": 60000} · {"active": false} · {"log": true}
// It ends when its input does.

const faultSchema = z.union([
  z.strictObject({ kind: z.enum(['throttled', 'region-disabled', 'unknown-key', 'garbled']) }),
  z.strictObject({ kind: z.literal('error-500'), done: z.boolean().exactOptional() }),
  z.strictObject({ kind: z.enum(['silent', 'cut']), done: z.boolean() }),
  z.strictObject({ kind: z.literal('late'), ms: z.int().min(0) }),
])
const aimSchema = z.strictObject({
  region: z.string().exactOptional(),
  action: z.string().exactOptional(),
  times: z.int().min(1).exactOptional(),
})
const commandSchema = z.union([
  z.strictObject({ fault: faultSchema, aim: aimSchema.exactOptional() }),
  z.strictObject({ down: z.string() }),
  z.strictObject({ up: z.string() }),
  z.strictObject({ clockSkewMs: z.int() }),
  z.strictObject({ dateSkewMs: z.int() }),
  z.strictObject({ active: z.boolean() }),
  z.strictObject({ log: z.literal(true) }),
])

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'key-file': { type: 'string' },
      'session-seconds': { type: 'string' },
      region: { type: 'string', multiple: true },
    },
  })
  const keyFile = values['key-file']
  if (keyFile === undefined) throw new TypeError('give --key-file PATH')
  const sandbox = await startSandbox({
    ...(values.region === undefined ? {} : { regions: values.region }),
    ...(values['session-seconds'] === undefined ? {} : { sessionSeconds: Number(values['session-seconds']) }),
  })
  const { accessKeyId, secretAccessKey } = sandbox.accessKey
  writeFileSync(keyFile, `Access key ID,Secret access key\r\n${accessKeyId},${secretAccessKey}\r\n`, { mode: 0o600 })
  const { account, roleArn, regions, aftercare } = sandbox
  say({ account, roleArn, regions, aftercare, accessKeyId, keyFile })
  for await (const line of createInterface({ input: process.stdin })) say(await obey(sandbox, line))
  await sandbox.close()
}

async function obey(sandbox: Sandbox, line: string): Promise<unknown> {
  const command = commandSchema.parse(JSON.parse(line))
  if ('log' in command) return { log: sandbox.log }
  if ('fault' in command) sandbox.fault(command.fault, command.aim)
  else if ('down' in command) await sandbox.setDown(command.down, true)
  else if ('up' in command) await sandbox.setDown(command.up, false)
  else if ('clockSkewMs' in command) sandbox.setClockSkew(command.clockSkewMs)
  else if ('dateSkewMs' in command) sandbox.setDateSkew(command.dateSkewMs)
  else sandbox.setActive(sandbox.accessKey.accessKeyId, command.active)
  return { ok: true }
}

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

await run()
