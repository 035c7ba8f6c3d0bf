import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { EMERGENCY_USER, type Sandbox, startSandbox } from '../../e2e/sandbox-aws/sandbox.ts'
import { utf8 } from '../../shared/bytes.ts'
import { runAwsCheck } from './aws-check.ts'

const temporary = mkdtempSync(join(tmpdir(), 'lockbox-aws-check-'))
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

let sandbox: Sandbox | null = null
afterEach(async () => {
  await sandbox?.close()
  sandbox = null
})

const ROLE = '--role=arn:aws:iam::111122223333:role/lockbox-break-glass'
const KEY = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }

function fileOf({ accessKeyId, secretAccessKey }: typeof KEY): string {
  return JSON.stringify({ AccessKey: { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } })
}
function written(name: string, content: string): string {
  const path = join(temporary, name)
  writeFileSync(path, content)
  return path
}
async function* given(text: string) {
  yield utf8(text)
}

/** What a run says and exits with. */
async function run(args: readonly string[], stdin = '') {
  let out = ''
  const result = await runAwsCheck(args, { stdin: given(stdin), print: (text) => void (out += text) })
  expect(out + JSON.stringify(result)).not.toContain(KEY.secretAccessKey)
  return { result, out }
}
async function start(): Promise<string[]> {
  sandbox = await startSandbox()
  return optionsOf(sandbox)
}
function optionsOf({ regions, iam, aftercare }: Sandbox): string[] {
  return [
    ROLE,
    ...regions.map(({ region, endpoint }) => `--region=${region}=${endpoint}`),
    `--iam=${iam.region}=${iam.endpoint}`,
    `--revoker=${aftercare.revoker}`,
    `--rotator=${aftercare.rotator.roleArn}`,
  ]
}

describe('lockbox aws-check', () => {
  it('names what is wrong at the sandbox’s own loose account, and exits with 1; from a file as from the standard input', async () => {
    const options = await start()
    const key = fileOf(sandbox?.accessKey ?? KEY)
    const { result, out } = await run([written('key.json', key), ...options])
    expect(result).toBe(1)
    expect(out).toMatch(/^WRONG: /)
    expect(out).toMatch(/^right {4}key: .*\n {9}https:\/\/docs\.aws\.amazon\.com\//m)
    expect(out).toMatch(/^wrong {4}keys: The user may not list its own keys/m)
    expect(out).not.toContain(sandbox?.accessKey.secretAccessKey)
    const { out: json } = await run(['-', ...options, '--json'], key)
    const wrong = (JSON.parse(json) as { lines: { check: string; says: string }[] }).lines.filter(
      ({ says }) => says === 'wrong',
    )
    expect(new Set(wrong.map(({ check }) => check))).toEqual(
      new Set([
        'keys',
        'least',
        ...['role', 'revoker', 'rotator'].flatMap((is) => [`${is}-source-identity`, `${is}-session-name`]),
      ]),
    )
  })
  it('reads with other credentials what the key cannot see, and says nothing of theirs', async () => {
    const Statement = { Effect: 'Allow', Action: '*', Resource: '*' }
    const admin = { name: 'admin', policy: JSON.stringify({ Version: '2012-10-17', Statement }) }
    sandbox = await startSandbox({ users: [EMERGENCY_USER, admin] })
    const key = sandbox.accessKeys.get('admin') ?? KEY
    const reader = written('reader.json', fileOf(key))
    const { result, out } = await run(['-', ...optionsOf(sandbox), `--reader=${reader}`], fileOf(sandbox.accessKey))
    expect(result).toBe(1)
    expect(out).toMatch(/^right {4}reader: IAM was read as arn:aws:iam::111122223333:user\/admin\.$/m)
    expect(out).toMatch(/^wrong {4}role-trust: lockbox-break-glass trusts arn:aws:iam::111122223333:root;/m)
    expect(out).toMatch(/^wrong {4}user-deny: No policy of the user denies/m)
    expect(out).not.toContain(key.secretAccessKey)
  })
  it('exits with 2 where nothing answers', async () => {
    const options = await start()
    for (const { region } of sandbox?.regions ?? []) await sandbox?.setDown(region, true)
    const { result, out } = await run(['-', ...options], fileOf(KEY))
    expect([result, out.slice(0, 8)]).toEqual([2, 'UNKNOWN:'])
  })
  it('exits with 1 for a temporary key, which it does not try', async () => {
    const options = await start()
    const { result, out } = await run(['-', ...options], fileOf({ ...KEY, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' }))
    expect(result).toBe(1)
    expect(out).toContain('wrong    key: The key is temporary')
    expect(sandbox?.log).toEqual([])
  })
  const usualWithKey = [written('usual.json', fileOf(KEY)), ROLE, '--region=eu-west-1']
  const usual = ['-', ROLE, '--region=eu-west-1']
  it.each([
    ['no file', usual.slice(1), 'expected one file with the key'],
    ['no role', ['-', '--region=eu-west-1'], 'expected --role=ARN'],
    ['no region', ['-', ROLE], 'expected --region=REGION'],
    ['the ARN of a user', [...usual, '--revoker=arn:aws:iam::111122223333:user/x'], 'not the ARN of a role'],
    ['a device without its seed', [...usual, '--mfa=x'], 'go together'],
    ['a duration that AWS has not', [...usual, '--seconds=899'], 'expected --seconds'],
    ['an address in the clear', [...usual, '--region=eu-west-1=http://example.com'], 'begins with https://'],
    [
      'an address that only looks local',
      [...usual, '--region=eu-west-1=http://127.0.0.1.example.com'],
      'begins with https://',
    ],
    ['a file that is not there', [join(temporary, 'none'), ...usual.slice(1)], 'cannot be read'],
    ['a policy that is none', [...usual, `--policy=${written('policy', '[]')}`], 'holds no policy'],
    ['no key', usual, 'expected a file with one AWS access key'],
    ['credentials that are none', [...usualWithKey, `--reader=${written('none.json', '{}')}`], 'no access key id'],
    ['an unknown option', [...usual, '--secret=x'], "Unknown option '--secret'"],
  ])('says what was wrong about its use: %s', async (_, args, wrong) => {
    expect((await run(args)).result).toEqual({ wrong: expect.stringContaining(wrong) as string })
  })
})
