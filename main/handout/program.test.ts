import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { digest, utf8 } from '../../shared/bytes.ts'
import { AppError } from '../app/app-error.ts'
import { type HandoutDoor, openHandoutDoor } from './door.ts'
import { profileOf } from './profile.ts'
import { runHandout } from './program.ts'
import type { ProcessCredentials } from './wire.ts'

const CASE = digest(utf8('the case'))
const credentials: ProcessCredentials = {
  Version: 1,
  AccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  SecretAccessKey: 'secret',
  SessionToken: 'token',
  Expiration: '2026-11-23T12:00:00Z',
}

let profile: string
let door: HandoutDoor | null = null
beforeAll(async () => {
  profile = await mkdtemp(join(tmpdir(), 'lockbox-handout-'))
})
afterEach(async () => {
  await door?.close()
  door = null
})
afterAll(() => rm(profile, { recursive: true }))

const open = async (give: (of: string | null) => ProcessCredentials) => {
  door = await openHandoutDoor(profile, { credentials: give, onFault: () => undefined })
}

describe('lockbox-credentials', () => {
  it('prints what an AWS program expects, and nothing else', async () => {
    await open(() => credentials)
    expect(await runHandout([`--profile=${profile}`, `--case=${CASE}`])).toEqual({
      code: 0,
      out: `${JSON.stringify(credentials)}\n`,
      err: '',
    })
  })

  it('asks for the case that it was given, and for none without', async () => {
    const asked: (string | null)[] = []
    await open((of) => {
      asked.push(of)
      return credentials
    })
    await runHandout([`--profile=${profile}`, '--case', CASE])
    await runHandout([`--profile=${profile}`])
    expect(asked).toEqual([CASE, null])
  })

  it('says no more than a line or so, whatever the app says', async () => {
    await open(() => {
      throw new AppError('locked', 'x'.repeat(5000))
    })
    expect((await runHandout([`--profile=${profile}`])).err.length).toBeLessThan(700)
  })

  it('says why not in one line, whatever is in it, and prints nothing', async () => {
    await open(() => {
      throw new AppError('several-sessions', 'Two\nlines,\u001b[31m red\u2028and more.')
    })
    expect(await runHandout([`--profile=${profile}`])).toEqual({
      code: 1,
      out: '',
      err: 'lockbox-credentials: Two lines, [31m red and more.\n',
    })
  })

  it('says that Lockbox does not run', async () => {
    const { code, out, err } = await runHandout([`--profile=${profile}`])
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^lockbox-credentials: Lockbox is not running .*\n$/)
  })

  it.each([
    ['no case', ['--case=me']],
    ['a case that no digest spells so', [`--case=${CASE.slice(0, -1)}_`]],
    ['a profile that is nothing', ['--profile=']],
    ['an option of others', ['--secret=x']],
    ['words', ['prod-root']],
  ])('refuses %s as wrong use', async (_what, words) => {
    const { code, out, err } = await runHandout(words)
    expect([code, out]).toEqual([2, ''])
    expect(err.split('\n')).toHaveLength(2)
  })

  it('says why a profile is too long for it', async () => {
    expect(await runHandout([`--profile=/${'x'.repeat(120)}`])).toMatchObject({ code: 1 })
  })
})

describe('a profile for the AWS CLI', () => {
  it('names the case, and is called after it', () => {
    expect(profileOf('/usr/bin/node /opt/hand.cjs', CASE, 'eu-west-1')).toEqual({
      name: `lockbox-${CASE.slice(0, 8)}`,
      text: `[profile lockbox-${CASE.slice(0, 8)}]\ncredential_process = /usr/bin/node /opt/hand.cjs --case=${CASE}\nregion = eu-west-1\n`,
    })
    expect(profileOf(null, CASE, 'eu-west-1')).toBeNull()
  })
})
