import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../shared/bytes.ts'
import { eventsOfFile } from '../../../shared/evidence/file.ts'
import { reconcile, spansOf } from '../../../shared/evidence/reconcile.ts'
import { subjectOf } from '../../../shared/evidence/subject.ts'
import { person } from '../../../shared/testing/keys.ts'
import { setupWith } from '../../../shared/testing/setup.ts'
import { usualPlan } from '../../../shared/testing/usual-plan.ts'
import type { Issued, Order } from '../issuer.ts'
import { sessionNameOf } from './role-session.ts'
import { parseSession } from './session.ts'
import { issue, order, sandbox, start } from './testing/scene.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const

/** A case of which the statements are a story, and the session is one of the sandbox's, issued as the app issues it. */
async function issued(access: Partial<Order['access']> = {}) {
  const planned = { ...usualPlan.access, roleArn: sandbox.roleArn, regions: [...sandbox.regions], ...access }
  const told = await setupWith(NAMES, { plan: { access: planned } })
  const { story, plan } = told
  const { accessKeyId } = sandbox.accessKey
  story.now = Date.now() - 60_000
  const deposit = await story.deposit('alice', plan, { generation: 2, accessKeyId })
  await story.hold(deposit, NAMES.slice(1))
  story.now = Date.now()
  const request = await story.ask('alice', plan)
  const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
  const ready = await story.ready('bob', request, deposit)
  const releases = [await story.release('bob', ready), await story.release('carol', ready)]
  const sessionName = sessionNameOf(request.id, 1)
  const issuing = await story.sign('issuing', 'bob', { request: request.id, ready: ready.id, attempt: 1, sessionName })
  const asked = order({ id: request.id, requester: person('alice').member }, access)
  const got: Issued = await issue({ ...asked, attempt: 1 })
  const grant = await story.grant(
    'bob',
    { request, plan, ready, issuing, decisions, releases },
    { accessKeyId: got.accessKeyId, expires: got.expires, endpoint: got.endpoint, skewMs: got.skewMs ?? 0 },
  )
  return { ...told, request, grant, got }
}

/** What the sandbox's CloudTrail wrote, as a file of a trail, compared with the case. */
function compared(
  { story, request }: Awaited<ReturnType<typeof issued>>,
  without: (name: string) => boolean = () => false,
) {
  const records = sandbox.events.filter(({ name }) => !without(name)).map(({ record }) => JSON.parse(record) as unknown)
  const events = [...eventsOfFile(utf8(JSON.stringify({ Records: records })), 'trail.json')]
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
    const told = await issued()
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
    const told = await issued({ sessionToken: true })
    const { differs, events } = compared(told)
    expect(differs).toEqual([])
    expect(events.map(({ role }) => role).sort()).toEqual(['issue', 'way'])
  })

  it('shows a session whose answer was lost', async () => {
    await start()
    sandbox.fault({ kind: 'cut', done: true })
    const told = await issued()
    expect(compared(told).differs.map(({ code }) => code)).toEqual(['session-unknown'])
  })

  it('shows that somebody else has the key', async () => {
    await start()
    const told = await issued()
    const [at] = sandbox.regions
    const thief = new STSClient({ ...at, credentials: sandbox.accessKey, maxAttempts: 1 })
    await thief.send(new GetCallerIdentityCommand({}))
    expect(compared(told).differs.map(({ code }) => code)).toEqual(['key-unexplained'])
  })

  it('is missed where it is not there', async () => {
    await start()
    const told = await issued()
    expect(compared(told, (name) => name === 'AssumeRole')).toMatchObject({
      differs: [{ code: 'grant-unseen' }],
      grants: [{ issued: 'unseen' }],
    })
  })
})
