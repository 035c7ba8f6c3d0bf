import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { environmentLines, profileText } from './handout.ts'

const session = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPx'$(id)`",
  sessionToken: 'FwoGZXIvYXdzE==',
  expiration: Date.UTC(2026, 10, 23, 12),
  region: 'eu-central-1',
}
const endpoint = 'https://sts.eu-central-1.amazonaws.com'

describe('environment lines', () => {
  it('give a shell exactly the values, whatever characters are in them', () => {
    const lines = environmentLines({ session, endpoint }, 'posix')
    const printed = execFileSync('/bin/sh', ['-c', `${lines}\nenv`], { env: {}, encoding: 'utf8' })
    const got = printed.split('\n').filter((line) => line.startsWith('AWS_'))
    expect(got.sort()).toEqual([
      'AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE',
      'AWS_CREDENTIAL_EXPIRATION=2026-11-23T12:00:00Z',
      'AWS_DEFAULT_REGION=eu-central-1',
      `AWS_SECRET_ACCESS_KEY=${session.secretAccessKey}`,
      'AWS_SESSION_TOKEN=FwoGZXIvYXdzE==',
    ])
  })
  it('name the endpoint where it is not the own one of AWS', () => {
    expect(environmentLines({ session, endpoint: 'http://127.0.0.1:4000' }, 'posix')).toContain(
      "export AWS_ENDPOINT_URL_STS='http://127.0.0.1:4000'\n",
    )
  })
  it('are quoted for PowerShell in its own way', () => {
    expect(environmentLines({ session, endpoint }, 'powershell')).toContain(
      "$Env:AWS_SECRET_ACCESS_KEY = 'wJalrXUtnFEMI/K7MDENG+bPx''$(id)`'\n",
    )
  })
})

describe('a profile', () => {
  it('has the keys under its name, and says when they end', () => {
    expect(profileText({ session }, 'lockbox-1')).toBe(
      [
        '[lockbox-1]',
        'aws_access_key_id = ASIAIOSFODNN7EXAMPLE',
        `aws_secret_access_key = ${session.secretAccessKey}`,
        'aws_session_token = FwoGZXIvYXdzE==',
        'region = eu-central-1',
        '# ends 2026-11-23T12:00:00Z',
        '',
      ].join('\n'),
    )
  })
  it('takes no name that could add lines', () => {
    expect(() => profileText({ session }, 'x]\n[default')).toThrow(TypeError)
  })
})
