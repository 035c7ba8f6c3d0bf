import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { startSandbox } from '../../../e2e/sandbox-aws/sandbox.ts'
import { utf8 } from '../../../shared/bytes.ts'
import { readingKeysIn, refuseOtherAccount } from './reading-keys.ts'
import { accountEndpoints } from './trail-endpoints.ts'

const ID = 'ASIAIOSFODNN7EXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const TOKEN = `IQoJb3JpZ2luX2Vj${'AbC/+9'.repeat(60)}==`
const temporary = { accessKeyId: ID, secretAccessKey: SECRET, sessionToken: TOKEN }

describe('a file with credentials for reading', () => {
  it.each([
    [
      'aws configure export-credentials',
      JSON.stringify({ Version: 1, AccessKeyId: ID, SecretAccessKey: SECRET, SessionToken: TOKEN }, null, 2),
    ],
    [
      'aws sts assume-role',
      JSON.stringify({ Credentials: { AccessKeyId: ID, SecretAccessKey: SECRET, SessionToken: TOKEN } }),
    ],
    [
      'a profile',
      `[default]\naws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}\naws_session_token = ${TOKEN}\n`,
    ],
    [
      'a profile without spaces',
      `[a]\naws_access_key_id=${ID}\naws_secret_access_key=${SECRET}\naws_session_token=${TOKEN}\r\n`,
    ],
    [
      'lines for a shell',
      `export AWS_ACCESS_KEY_ID="${ID}"\nexport AWS_SECRET_ACCESS_KEY="${SECRET}"\nexport AWS_SESSION_TOKEN="${TOKEN}"\n`,
    ],
  ])('is read as %s has it', (_, text) => {
    expect(readingKeysIn(utf8(text))).toEqual(temporary)
  })

  it('may hold a long-lived key', () => {
    const text = `Access key ID,Secret access key\r\nAKIAIOSFODNN7EXAMPLE,${SECRET}\r\n`
    expect(readingKeysIn(utf8(text))).toEqual({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET })
  })

  it.each([
    ['has no key', 'hello', 'no access key id'],
    ['has several', `${ID} ASIAI44QH8DHBEXAMPLE ${SECRET} ${TOKEN}`, '2 different access key ids'],
    ['has no secret', `${ID} ${TOKEN}`, 'no secret access key'],
    ['lacks the token of a temporary key', `${ID} ${SECRET}`, 'no session token'],
  ])('is refused if it %s, without a word of what is in it', (_, text, says) => {
    const refused = () => readingKeysIn(utf8(text))
    expect(refused).toThrow(expect.objectContaining({ code: 'reading-keys' }) as Error)
    expect(refused).toThrow(says)
    expect(refused).not.toThrow(SECRET)
  })

  it('is shown to AWS alone, or to this computer for a sandbox, whatever the plan has for an endpoint', () => {
    const gateway = { region: 'eu-west-1', endpoint: 'https://x.execute-api.eu-west-1.amazonaws.com' }
    const china = { region: 'cn-north-1', endpoint: 'https://sts.cn-north-1.amazonaws.com.cn' }
    const here = { region: 'eu-central-1', endpoint: 'http://127.0.0.1:4001' }
    const afar = { region: 'eu-central-1', endpoint: 'http://127.0.0.1.example:4001' }
    const regions = [gateway, china, here, afar]
    expect(accountEndpoints({ regions }, null)).toEqual([
      { region: 'eu-west-1', endpoint: 'https://sts.eu-west-1.amazonaws.com' },
      china,
      { region: 'eu-central-1', endpoint: 'https://sts.eu-central-1.amazonaws.com' },
      { region: 'eu-central-1', endpoint: 'https://sts.eu-central-1.amazonaws.com' },
    ])
    expect(accountEndpoints({ regions }, {})).toEqual([here])
  })

  it('is of the account of the access, or of no use: CloudTrail there knows nothing of the case', async () => {
    const sandbox = await startSandbox()
    const { regions, roleArn } = sandbox
    const [at] = regions
    const sts = new STSClient({ ...at, credentials: sandbox.accessKey, maxAttempts: 1 })
    const { Credentials: got } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'reader' }))
    const keys = readingKeysIn(utf8(JSON.stringify(got)))
    const { signal } = new AbortController()
    await refuseOtherAccount(keys, roleArn, regions, signal)
    const elsewhere = roleArn.replace(/\d{12}/, '999999999999')
    const refused = refuseOtherAccount(keys, elsewhere, regions, signal)
    await expect(refused).rejects.toMatchObject({ code: 'lookup-other-account' })
    await expect(refused).rejects.toThrow('111122223333')
    await sandbox.setDown(at?.region ?? '', true)
    await refuseOtherAccount(keys, roleArn, regions, signal)
    await sandbox.setDown(regions[1]?.region ?? '', true)
    await expect(refuseOtherAccount(keys, roleArn, regions, signal)).rejects.toMatchObject({
      code: 'lookup-unreachable',
    })
    await sandbox.close()
  })
})
