import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { EMERGENCY_ROLE } from '../../../e2e/sandbox-aws/sandbox.ts'
import { utf8 } from '../../../shared/bytes.ts'
import { eventsOfFile } from '../../../shared/evidence/file.ts'
import { reconcile, spansOf } from '../../../shared/evidence/reconcile.ts'
import { subjectOf } from '../../../shared/evidence/subject.ts'
import type { Issued } from '../issuer.ts'
import { parseSession } from './session.ts'
import { issuedCase } from './testing/issued-case.ts'
import { refusal, sandbox, start } from './testing/scene.ts'

/** What the sandbox's CloudTrail wrote, as a file of a trail, compared with the case. */
function compared(
  { story, request }: Awaited<ReturnType<typeof issuedCase>>,
  without: (name: string) => boolean = () => false,
) {
  const records = sandbox.events.filter(({ name }) => !without(name)).map(({ record }) => JSON.parse(record) as unknown)
  const filed = [...eventsOfFile(utf8(JSON.stringify({ Records: records })), 'trail.json')]
  const events = filed.map(({ event }) => event)
  const at = Date.now()
  const spans = [
    ...spansOf(events),
    ...sandbox.regions.map(({ region }) => ({ region, from: 0, until: at + 3_600_000 })),
  ]
  return reconcile(subjectOf(story.org(), story.case(request)), events, spans)
}

function client({ session }: Issued): STSClient {
  const { accessKeyId, secretAccessKey, sessionToken, region } = parseSession(session)
  const credentials = { accessKeyId, secretAccessKey, sessionToken }
  return new STSClient({ region, endpoint: sandbox.endpoints[region] as string, credentials, maxAttempts: 1 })
}

describe('what the sandbox recorded of an issue', () => {
  it('agrees with the case, call by call', async () => {
    await start()
    const told = await issuedCase()
    const sts = client(told.got)
    await sts.send(new GetCallerIdentityCommand({}))
    await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toThrow(Error)
    const { differs, grants, events } = compared(told)
    expect(differs).toEqual([])
    expect(grants).toEqual([{ grant: told.grant.id, issued: 'seen', calls: 2, refused: 1 }])
    expect(events.map(({ role }) => role)).toEqual(expect.arrayContaining(['issue', 'session', 'session']))
  })

  it('agrees also where the way to the session has several steps', async () => {
    await start()
    const told = await issuedCase({ sessionToken: true })
    const { differs, events } = compared(told)
    expect(differs).toEqual([])
    expect(events.map(({ role }) => role).sort()).toEqual(['issue', 'way'])
  })

  it('agrees also where AWS denied a try before', async () => {
    await start()
    const { trust } = EMERGENCY_ROLE
    sandbox.setTrust(trust.replace(',"sts:SetSourceIdentity"', ''))
    expect(await refusal()).toMatchObject({ code: 'denied' })
    sandbox.setTrust(trust)
    const { differs, events } = compared(await issuedCase())
    expect(differs).toEqual([])
    expect(events.map(({ role }) => role).sort()).toEqual(['issue', 'tried'])
  })

  it('shows a session whose answer was lost', async () => {
    await start()
    sandbox.fault({ kind: 'cut', done: true })
    const told = await issuedCase()
    expect(compared(told).differs.map(({ code }) => code)).toEqual(['session-unknown'])
  })

  it('shows that somebody else has the key', async () => {
    await start()
    const told = await issuedCase()
    const [at] = sandbox.regions
    const thief = new STSClient({ ...at, credentials: sandbox.accessKey, maxAttempts: 1 })
    await thief.send(new GetCallerIdentityCommand({}))
    expect(compared(told).differs.map(({ code }) => code)).toEqual(['key-unexplained'])
  })

  it('is missed where it is not there', async () => {
    await start()
    const told = await issuedCase()
    expect(compared(told, (name) => name === 'AssumeRole')).toMatchObject({
      differs: [{ code: 'grant-unseen' }],
      grants: [{ issued: 'unseen' }],
    })
  })
})
