import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SetUpLine, verdictOf } from '../../shared/views/set-up-lines.ts'
import { accountOf } from '../aws-setup/account.ts'
import { fromCloudFormation } from '../aws-setup/templates.ts'
import { agree, found, type LocalParty, newWorld, planForm, type World } from './world.ts'

const ARN = 'arn:aws:iam::111122223333:role/'
const SHORT = 'lockbox-emergency-suspected-compromise'

describe('a check with AWS before a key is deposited', () => {
  let world: World
  let parties: readonly [LocalParty, ...LocalParty[]]
  let plan = ''
  beforeAll(async () => {
    const account = accountOf(fromCloudFormation(), true)
    const roles = account.roles.map((role) => (role.name === SHORT ? { ...role, maxSessionSeconds: 3600 } : role))
    world = await newWorld(900, { ...account, roles })
    const arrive = (name: string) => world.arrive(name)
    parties = [await arrive('Ana'), await arrive('Raj'), await arrive('Mia'), await arrive('Leo')]
    for (const party of parties) await party.setUp()
    await found(parties)
    plan = await agree(parties, await formOf('lockbox-emergency-identity-provider-down'))
  }, 120_000)
  afterAll(() => world.close())

  /** A plan over a role of the templates, with their revoker and rotator. */
  const formOf = async (role: string) => {
    const form = await planForm(parties[0], world.sandbox, 2)
    return { ...form, access: { ...form.access, roleArn: ARN + role, aftercare: world.sandbox.aftercare } }
  }
  const check = async (secret = world.sandbox.accessKey.secretAccessKey): Promise<SetUpLine[]> => {
    const key = { from: 'typed', accessKeyId: world.sandbox.accessKey.accessKeyId } as const
    const lines = await parties[0].call.credentials.check({
      plan,
      key: { ...key, secretAccessKey: Buffer.from(secret) },
    })
    expect(JSON.stringify(lines)).not.toContain(secret)
    return lines ?? []
  }
  const notRight = (lines: readonly SetUpLine[]) =>
    lines.flatMap(({ check: what, says }) => (says === 'wrong' || says === 'unknown' ? [`${says} ${what}`] : []))

  test('finds the account of the templates right, for the plan under which it is; nothing is deposited', async () => {
    const lines = await check()
    expect([notRight(lines), verdictOf(lines)]).toEqual([[], 'right'])
    expect((await parties[0].snapshot()).generations).toEqual([])
  })

  test('reads a key from its file and leaves that alone', async () => {
    const { accessKeyId, secretAccessKey } = world.sandbox.accessKey
    const path = join(world.dir, 'accessKeys.csv')
    const content = `Access key ID,Secret access key\r\n${accessKeyId},${secretAccessKey}\r\n`
    await writeFile(path, content)
    const lines = await parties[0].call.credentials.check({ plan, key: { from: 'file', path, wipe: true } })
    expect(verdictOf(lines ?? [])).toBe('right')
    expect(await readFile(path, 'utf8')).toBe(content)
  })

  test('says that a key was mistyped', async () => {
    const lines = await check(`${world.sandbox.accessKey.secretAccessKey.slice(0, -1)}x`)
    expect(verdictOf(lines)).toBe('wrong')
    expect(lines.filter(({ says }) => says === 'right').map((line) => line.check)).toEqual(['regions'])
  })

  test('says what another plan over the same credential lacks: a role that gives no sessions as long as it wants', async () => {
    const [ana] = parties
    const { plans } = await ana.snapshot()
    const form = await formOf(SHORT)
    const credential = { credential: plans[0]?.credential.credential ?? '', name: 'prod-root' }
    await agree(parties, { ...form, name: 'Suspected compromise', credential, durations: [900, 7200] })
    const lines = await check()
    expect(notRight(lines)).toEqual(['wrong role-duration'])
    expect(lines.find(({ says }) => says === 'wrong')).toMatchObject({
      words: expect.stringContaining(`${SHORT} gives no session of 7200 s`) as string,
      source: expect.stringMatching(/^https:\/\/docs\.aws\.amazon\.com\//) as string,
    })
  })

  test('is ended by a lock, while AWS is silent', async () => {
    const [ana] = parties
    const { length } = world.sandbox.log
    world.sandbox.fault({ kind: 'silent', done: false }, { action: 'GetCallerIdentity' })
    const running = check()
    await expect.poll(() => world.sandbox.log.length, { timeout: 10_000 }).toBeGreaterThan(length)
    await ana.call.vault.lock()
    expect(await running).toEqual([])
  })
})
