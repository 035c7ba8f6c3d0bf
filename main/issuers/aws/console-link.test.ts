import { describe, expect, it } from 'vitest'
import { ACCOUNT, accountTrust, EMERGENCY_ROLE } from '../../../e2e/sandbox-aws/sandbox.ts'
import type { Order } from '../issuer.ts'
import { consoleLink, signInOf } from './console-link.ts'
import { type AwsSession, parseSession } from './session.ts'
import { refusedLink } from './testing/refused-link.ts'
import { issue, order, sandbox, start } from './testing/scene.ts'

describe('a link into the console', () => {
  const session = async (one?: Order): Promise<AwsSession> => parseSession((await issue(one)).session)
  const signInAt = (instead: string, of: Partial<Order['access']> = {}) =>
    signInOf({ ...order().access, ...of }, sandbox.regions[0] ?? { region: '', endpoint: '' }, instead)

  it.each(['aws', 'aws-us-gov', 'aws-cn'] as const)('signs in, in %s, and leads to the console', async (partition) => {
    await start({ partition })
    const link = await consoleLink(await session(), signInAt(sandbox.signIn))
    const answer = await fetch(link, { redirect: 'manual' })
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe(signInAt(sandbox.signIn).destination)
  })
  it('holds nothing of the session itself', async () => {
    await start()
    const one = await session()
    const link = decodeURIComponent(await consoleLink(one, signInAt(sandbox.signIn)))
    for (const secret of [one.secretAccessKey, one.sessionToken, one.accessKeyId]) expect(link).not.toContain(secret)
  })
  it('is refused for a session that AWS does not take, in words without any of it', async () => {
    await start()
    const one = { ...(await session()), sessionToken: 'another' }
    const error = await refusedLink(one, signInAt(sandbox.signIn))
    expect(error.code).toBe('console-refused')
    expect(error.message).not.toContain(one.secretAccessKey)
    expect(error.message).toContain('environment lines')
  })
  it('says what AWS says of sessions that were reached over another role', async () => {
    const first = { ...EMERGENCY_ROLE, name: 'first', trust: accountTrust() }
    await start({ roles: [EMERGENCY_ROLE, first] })
    const chain = [{ roleArn: `arn:aws:iam::${ACCOUNT}:role/first` }]
    expect(signInAt(sandbox.signIn, { chain }).isReachedOver).toBe(true)
    expect(signInAt(sandbox.signIn, { sessionToken: true }).isReachedOver).toBe(true)
    const bad = { ...(await session()), sessionToken: 'another' }
    expect((await refusedLink(bad, signInAt(sandbox.signIn, { chain }))).message).toContain('over another role')
  })
})
