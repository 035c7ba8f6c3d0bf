import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { environmentLines, processCredentials } from './handout.ts'

const session = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPx'$(id)`",
  sessionToken: 'FwoGZXIvYXdzE==',
  expiration: Date.UTC(2026, 10, 23, 12),
  region: 'eu-central-1',
}
const endpoint = 'https://sts.eu-central-1.amazonaws.com'
const ends = session.expiration

describe('environment lines', () => {
  it('give a shell exactly the values, whatever characters are in them', () => {
    const lines = environmentLines({ session, endpoint, ends }, 'posix')
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
  it('leave nothing of another session that a program would take instead', () => {
    const env = {
      AWS_PROFILE: 'lockbox-other',
      AWS_DEFAULT_PROFILE: 'prod',
      AWS_SECURITY_TOKEN: 'old',
      AWS_REGION: 'x',
    }
    const lines = environmentLines({ session, endpoint, ends }, 'posix')
    const printed = execFileSync('/bin/sh', ['-euc', `${lines}\nenv`], { env, encoding: 'utf8' })
    const names = printed.split('\n').flatMap((line) => /^(AWS_\w+)=/.exec(line)?.[1] ?? [])
    const ours = ['ACCESS_KEY_ID', 'CREDENTIAL_EXPIRATION', 'DEFAULT_REGION', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN']
    expect(names.sort()).toEqual([...ours.map((name) => `AWS_${name}`), 'AWS_REGION'].sort())
    for (const name of ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SECURITY_TOKEN', 'AWS_ENDPOINT_URL_STS'])
      expect(environmentLines({ session, endpoint, ends }, 'powershell')).toContain(`$Env:${name} = $null\n`)
  })
  it('tell programs when it ends by the clock of this device, in whole seconds', () => {
    expect(environmentLines({ session, endpoint, ends: ends - 60_001 }, 'posix')).toContain(
      "export AWS_CREDENTIAL_EXPIRATION='2026-11-23T11:58:59Z'\n",
    )
  })
  it('send nobody to the server of another session whose lines are in the same shell', () => {
    const other = environmentLines({ session, endpoint: 'http://127.0.0.1:4000', ends }, 'posix')
    const lines = environmentLines({ session, endpoint, ends }, 'posix')
    const printed = execFileSync('/bin/sh', ['-euc', `${other}${lines}\nenv`], { env: {}, encoding: 'utf8' })
    expect(printed).toContain('AWS_ACCESS_KEY_ID=ASIA')
    expect(printed).not.toContain('127.0.0.1')
  })
  it.runIf(existsSync('/bin/bash'))('stay out of the history of a bash set up as Debian has it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'lockbox-history-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const file = join(dir, 'history')
    const env = { HISTFILE: file, HISTCONTROL: 'ignoreboth', HOME: dir }
    const input = `${environmentLines({ session, endpoint, ends }, 'posix')}echo "kept $AWS_ACCESS_KEY_ID"\nexit\n`
    const out = execFileSync('/bin/bash', ['--norc', '-i'], {
      env,
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    expect(out).toContain(`kept ${session.accessKeyId}`)
    const history = readFileSync(file, 'utf8')
    expect(history).toContain('echo "kept')
    expect(history).not.toContain('export')
  })
  it('name the endpoint where it is not the own one of AWS', () => {
    expect(environmentLines({ session, endpoint: 'http://127.0.0.1:4000', ends }, 'posix')).toContain(
      "export AWS_ENDPOINT_URL_STS='http://127.0.0.1:4000'\n",
    )
  })
  it('are quoted for PowerShell in its own way', () => {
    expect(environmentLines({ session, endpoint, ends }, 'powershell')).toContain(
      "$Env:AWS_SECRET_ACCESS_KEY = 'wJalrXUtnFEMI/K7MDENG+bPx''$(id)`'\n",
    )
  })
})

describe('credentials for a program', () => {
  it('are version 1, and end in whole seconds by the clock of this device', () => {
    expect(processCredentials({ session, ends: session.expiration - 60_001 })).toEqual({
      Version: 1,
      AccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      SecretAccessKey: session.secretAccessKey,
      SessionToken: 'FwoGZXIvYXdzE==',
      Expiration: '2026-11-23T11:58:59Z',
    })
  })
})
