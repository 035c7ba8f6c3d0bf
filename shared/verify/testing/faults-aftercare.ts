import type { VerifiedOf, VerifiedStatement } from '../../statements/door.ts'
import type { Kind } from '../../statements/kinds.ts'
import { grantedCase } from '../../testing/setup.ts'
import type { Said } from '../../testing/world.ts'
import {
  type Exported,
  exportedBytes,
  exportOf,
  PEOPLE,
  type RecordedStory,
  type Telling,
  wholeStory,
} from './exported.ts'
import type { Case } from './faults.ts'

const DAY_MS = 24 * 60 * 60_000

/** Cases under a plan with a revoker and a rotator: nothing of them is a fault, but what they owe differs. */
export async function withAftercare(): Promise<Record<string, Case>> {
  const told = async (telling: Partial<Telling>): Promise<Case> => {
    const { exported } = await wholeStory({ careful: true, ...telling })
    return { bytes: await exportedBytes(exported), verdict: 'verified', first: null }
  }
  const next = (story: RecordedStory, accessKeyId = 'AKIAEXAMPLEEXAMPLE01') =>
    story.deposit('carol', story.statements.find(({ kind }) => kind === 'plan') as VerifiedOf<'plan'>, {
      generation: 2,
      accessKeyId,
    })
  const replaced =
    (by: string, deleter: string, changes: Partial<Said<'rotated'>> = {}, accessKeyId?: string) =>
    async (story: RecordedStory, grant: VerifiedOf<'grant'>) => {
      await story.rotating(by, grant)
      await story.rotated(deleter, grant, await next(story, accessKeyId), changes)
    }
  return {
    'a used key that nobody deleted': await told({}),
    'a used key that was deactivated': await told({ early: replaced('carol', 'carol', { step: 'deactivated' }) }),
    'a used key that was deleted': await told({ early: replaced('carol', 'carol') }),
    'a used key deleted by a device that did not begin': await told({ early: replaced('carol', 'bob') }),
    'a used key deleted by no admin': await told({ early: replaced('dave', 'dave') }),
    'another key deleted': await told({ early: replaced('carol', 'carol', { accessKeyId: 'AKIAOTHER' }) }),
    'a used key deleted for itself': await told({ early: replaced('carol', 'carol', {}, 'AKIAEXAMPLEEXAMPLE00') }),
    'an end that a custodian ordered': await told({
      early: async (story, grant) => {
        await story.revoke('dave', grant, 'It is misuse.')
        await story.revoked('erin', grant)
        await story.revoke('alice', grant)
      },
    }),
    'an end that a custodian ordered, of a session that lives': await living((story, grant) =>
      story.revoke('dave', grant),
    ),
    'an end that nobody may order, of a session that lives': await living((story, grant) =>
      story.revoke('alice', grant),
    ),
    'an end before its time that only whoever had it says was seen': await living((story, grant) =>
      story.end('alice', grant, { how: 'timer', confirmation: 'aws-refused' }),
    ),
    'an end before its time, seen and denied by one person': await living(async (story, grant) => {
      await story.end('bob', grant, { confirmation: 'aws-refused' })
      await story.revoked('bob', grant)
    }),
    'an end before its time, seen by whoever issued it and denied by somebody else': await living(
      async (story, grant) => {
        await story.end('bob', grant, { confirmation: 'aws-refused' })
        await story.revoked('erin', grant)
      },
    ),
    'an end before its time, seen, and denied by another policy': await living(async (story, grant) => {
      await story.end('alice', grant, { confirmation: 'aws-refused' })
      await story.revoked('erin', grant, { policy: 'lockbox-lb-case-2' })
    }),
    'an end before its time, seen and denied by two people': await living(async (story, grant) => {
      await story.end('alice', grant, { confirmation: 'aws-refused' })
      await story.revoked('erin', grant)
    }),
    'a second session that lives when the first has ended': await living(async (story, grant) => {
      await issuedTwice(story, grant)
      await story.revoked('erin', grant)
      await story.end('alice', grant, { confirmation: 'aws-refused' })
    }),
    'an end that only the issuing device’s clock makes past, of a session that lives': await living(
      (story, grant) => story.end('bob', grant, { how: 'timer', confirmation: 'aws-refused' }),
      { skewMs: 10 * 365 * DAY_MS },
    ),
    'an expiration that is past as soon as it is granted, of a session that lives': await living(
      async () => undefined,
      { expires: 0 },
    ),
    'an expiration that is past as soon as it is granted, of a session that is over': await told({
      granted: { expires: 0 },
    }),
    'a deny of a session that lives': await living((story, grant) => story.revoked('bob', grant)),
    'what may replace the key, asked for and granted': await told({ beforeExport: rotationAskedFor }),
    'what may replace the key, granted under a plan that has nothing for it': await told({
      careful: false,
      beforeExport: rotationAskedFor,
    }),
  }
}

/** Alice asks for what may replace the key that was used, bob and carol approve, and bob's device issues. */
async function rotationAskedFor(story: RecordedStory): Promise<void> {
  const first = <K extends Kind>(kind: K) => story.statements.find((one) => one.kind === kind) as VerifiedOf<K>
  const told = { story, plan: first('plan'), deposit: first('deposit'), people: PEOPLE }
  await grantedCase(told, 'alice', ['bob', 'carol'], 'bob', { purpose: 'rotation' })
}

/** Issues a second session of a case, by carol's device. */
async function issuedTwice(story: RecordedStory, { payload: { basis } }: VerifiedOf<'grant'>) {
  const get = <K extends Kind>(kind: K, id: string) =>
    story.statements.find(
      (one): one is VerifiedOf<K> & VerifiedStatement => one.kind === kind && one.id === id,
    ) as VerifiedOf<K>
  const [request, plan, deposit] = [
    get('request', basis.request),
    get('plan', basis.plan),
    get('deposit', basis.deposit),
  ]
  const ready = await story.ready('carol', request, deposit, {
    attempt: 2,
    after: { ready: basis.ready, failed: null },
  })
  const releases = [await story.release('bob', ready), await story.release('carol', ready)]
  const issuing = await story.issuing('carol', ready)
  const decisions = basis.decisions.map((id) => get('decision', id))
  await story.grant('carol', { request, plan, ready, issuing, decisions, releases })
}

/** A bundle exported while the session lives, right after this. */
async function living(early: NonNullable<Telling['early']>, granted: Telling['granted'] = {}): Promise<Case> {
  let exported: Exported | null = null
  await wholeStory({
    careful: true,
    granted,
    early: async (story, grant) => {
      await early(story, grant)
      exported = exportOf(story)
    },
  })
  if (exported === null) throw new TypeError('the session lived')
  return { bytes: await exportedBytes(exported), verdict: 'verified', first: null }
}
