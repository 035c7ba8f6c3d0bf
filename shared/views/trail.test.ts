import { describe, expect, it } from 'vitest'
import { reconcile } from '../evidence/reconcile.ts'
import { eventFrom } from '../evidence/record.ts'
import { subjectOf } from '../evidence/subject.ts'
import { called, type Record, scene } from '../evidence/testing/scene.ts'
import { trailCalls } from './trail.ts'

type Told = Awaited<ReturnType<typeof scene>>

/** The calls of these records, as somebody said of them, compared anew. */
async function callsOf({ story, request, spans }: Told, records: readonly Record[]) {
  const org = story.org()
  const events = records.map((one, at) => eventFrom(one, `record ${at}`))
  const reconciled = reconcile(subjectOf(org, story.case(request)), events, spans)
  return trailCalls(org, await story.evidence('erin', request), reconciled)
}

describe('the calls of an evidence', () => {
  it('name the other case that explains one', async () => {
    const told = await scene()
    const { story, plan, deposit, records } = told
    story.pass(30)
    const request = await story.ask('alice', plan, { reference: 'INC-8' })
    const ready = await story.ready('bob', request, deposit)
    const said = { request: request.id, ready: ready.id, attempt: 1, sessionName: 'lb-other-1' }
    await story.sign('issuing', 'bob', said)
    const [issue] = records as [Record & { requestParameters: Record }]
    const tried = {
      ...issue,
      ...called(story.now, 'AssumeRole', 'sts.amazonaws.com', 9),
      requestParameters: { ...issue.requestParameters, roleSessionName: 'lb-other-1' },
      errorCode: 'AccessDenied',
    }
    const { calls } = await callsOf(told, [...records, tried])
    expect(calls.at(-1)?.role).toMatch(/^for another case: incident INC-8, asked for by alice on \d{4}-/)
  })
})
