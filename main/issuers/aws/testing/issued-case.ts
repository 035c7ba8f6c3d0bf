import { person } from '../../../../shared/testing/keys.ts'
import { setupWith } from '../../../../shared/testing/setup.ts'
import { usualPlan } from '../../../../shared/testing/usual-plan.ts'
import type { Issued, Order, Purpose } from '../../issuer.ts'
import { sessionNameOf } from '../role-session.ts'
import { issue, order, sandbox } from './scene.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const

/**
 * A case of which the statements are a story, and the session is one of the sandbox's, issued as the app issues it.
 *
 * @param issuedAs - what the issuing device takes the purpose for.
 */
export async function issuedCase(
  access: Partial<Order['access']> = {},
  purpose: Purpose = 'access',
  issuedAs: Purpose = purpose,
) {
  const planned = { ...usualPlan.access, roleArn: sandbox.roleArn, regions: [...sandbox.regions], ...access }
  const told = await setupWith(NAMES, { plan: { access: planned } })
  const { story, plan } = told
  const { accessKeyId } = sandbox.accessKey
  story.now = Date.now() - 60_000
  const deposit = await story.deposit('alice', plan, { generation: 2, accessKeyId })
  await story.hold(deposit, NAMES.slice(1))
  story.now = Date.now()
  const request = await story.ask('alice', plan, { purpose })
  const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
  const ready = await story.ready('bob', request, deposit)
  const releases = [await story.release('bob', ready), await story.release('carol', ready)]
  const sessionName = sessionNameOf(request.id, 1)
  const issuing = await story.sign('issuing', 'bob', { request: request.id, ready: ready.id, attempt: 1, sessionName })
  const asked = order({ id: request.id, requester: person('alice').member, purpose: issuedAs }, access)
  const got: Issued = await issue({ ...asked, attempt: 1 })
  const grant = await story.grant(
    'bob',
    { request, plan, ready, issuing, decisions, releases },
    { accessKeyId: got.accessKeyId, expires: got.expires, endpoint: got.endpoint, skewMs: got.skewMs ?? 0 },
  )
  return { ...told, request, grant, got, access: planned }
}
