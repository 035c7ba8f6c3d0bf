import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memberOf } from '../statements/door.ts'
import { MOST_PARTS } from '../statements/evidence.ts'
import type { Member } from '../statements/member.ts'
import { digestOf, person } from '../testing/keys.ts'
import { grantedCase, setup, setupWith } from '../testing/setup.ts'
import { conclusions } from '../testing/summary.ts'
import { blobsOf, evidenceBlobs, MOST_EVIDENCE, MOST_EVIDENCE_PARTS, MOST_RECORDINGS } from './blobs.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const
const differing = { differs: [{ code: 'key-unexplained', at: 1, event: 'an-event', of: null } as const] }

async function ended() {
  const told = await setup(...NAMES)
  const granted = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  await told.story.end('alice', granted.grant, { confirmation: 'aws-refused' })
  return { ...told, ...granted }
}

const judged = ({ story, request }: Awaited<ReturnType<typeof ended>>) => {
  const { evidence, findings, refused, obligations } = story.case(request)
  return {
    by: evidence.map(({ payload }) => payload.member),
    findings: findings.map(({ code }) => code),
    refused: refused.map(({ code }) => code),
    owed: obligations.map(({ code }) => code),
  }
}

describe('evidence', () => {
  it.each(NAMES)('by %s counts, whatever part they took, and meets nothing that is owed', async (name) => {
    const told = await ended()
    const { owed } = judged(told)
    await told.story.evidence(name, told.request)
    expect(judged(told)).toEqual({ by: [person(name).member], findings: [], refused: [], owed })
  })

  it.each([
    ['lists a difference', differing],
    ['only counts one', { more: 1 }],
  ])('that %s is a finding, also beside some that agrees', async (_, changes) => {
    const told = await ended()
    await told.story.evidence('alice', told.request)
    await told.story.evidence('erin', told.request, changes)
    await told.story.evidence('dave', told.request)
    expect(judged(told)).toMatchObject({ findings: ['evidence-differs'], refused: [] })
  })

  it('by somebody who stood in no roster since the grant is refused, and no finding', async () => {
    const told = await ended()
    const strange = await told.story.draftRoster('alice', {
      ...told.people,
      'mallory!': { roles: ['auditor'], groups: [] },
    })
    await told.story.evidence('mallory!', told.request, differing, { roster: strange })
    expect(judged(told)).toMatchObject({ by: [], findings: [], refused: ['not-active'] })
  })

  it('still counts when its author has left', async () => {
    const told = await ended()
    await told.story.evidence('erin', told.request, differing)
    const { erin: _, ...rest } = told.people
    await told.story.changeRoster('alice', rest, ['alice', 'bob', 'carol'])
    expect(judged(told)).toMatchObject({ by: [person('erin').member], findings: ['evidence-differs'] })
  })

  it('still counts of who stood there at the grant that counts, and had left before a surplus one', async () => {
    const told = await setupWith(NAMES, { people: { zoe: { roles: ['auditor'], groups: [] } } })
    const { story, plan, deposit } = told
    const { request, decisions, grant } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
    await story.evidence('zoe', request, differing)
    const { zoe: _, ...rest } = told.people
    await story.changeRoster('alice', rest, ['alice', 'bob', 'carol'])
    const ready = await story.ready('bob', request, deposit, { attempt: 2 })
    const releases = [await story.release('bob', ready), await story.release('carol', ready)]
    const issuing = await story.issuing('bob', ready)
    const surplus = await story.grant('bob', { request, plan, decisions, ready, releases, issuing })
    expect(story.case(request)).toMatchObject({ grant: { id: grant.id }, surplus: [{ id: surplus.id }] })
    expect(story.case(request).evidence.map(({ payload }) => payload.member)).toEqual([person('zoe').member])
  })

  it('comes to the same in any order', async () => {
    const told = await ended()
    await told.story.evidence('erin', told.request, differing)
    await told.story.evidence('dave', told.request)
    const { statements, organization, now } = told.story
    const whole = conclusions(statements, organization, now)
    fc.assert(
      fc.property(fc.shuffledSubarray([...statements], { minLength: statements.length }), (shuffled) => {
        expect(conclusions(shuffled, organization, now)).toEqual(whole)
      }),
      { numRuns: 10 },
    )
  })
})

/** What a recorded terminal of the case's session says. */
const recording = (grant: string, changes: object = {}) => ({
  source: 'terminal' as const,
  spans: [],
  grants: [{ grant, issued: 'not-covered' as const, calls: 0, refused: 0 }],
  parts: [digestOf('recording')],
  ...changes,
})

describe('a recorded terminal', () => {
  it('is in the case, and passes for no comparison with AWS’s record', async () => {
    const told = await ended()
    const before = judged(told)
    const { id } = await told.story.evidence('alice', told.request, recording(told.grant.id))
    expect(judged(told)).toEqual(before)
    expect(told.story.case(told.request).recordings.map((one) => one.id)).toEqual([id])
    await told.story.evidence('erin', told.request)
    expect([told.story.case(told.request).recordings.length, judged(told).by]).toEqual([1, [person('erin').member]])
    // Nor does what who asked found in that record pass for a recording.
    await told.story.evidence('alice', told.request)
    const { evidence, recordings } = told.story.case(told.request)
    expect([evidence.length, recordings.map((one) => one.id)]).toEqual([2, [id]])
  })

  it('is of the case only if whoever asked recorded it, of a grant of this case', async () => {
    const told = await ended()
    await told.story.evidence('erin', told.request, recording(told.grant.id))
    await told.story.evidence('alice', told.request, recording(digestOf('no grant of it')))
    expect(told.story.case(told.request).recordings).toEqual([])
  })

  it('is kept by everybody of who asked, so many of a case, and takes nobody’s place for AWS’s record', async () => {
    const told = await ended()
    for (let at = 0; at <= MOST_RECORDINGS; at++)
      await told.story.evidence('alice', told.request, recording(told.grant.id, { parts: [digestOf(`cast ${at}`)] }))
    await told.story.evidence('alice', told.request, { parts: [digestOf('trail')] })
    await told.story.evidence('erin', told.request, recording(told.grant.id, { parts: [digestOf('somebody else’s')] }))
    const kept = evidenceBlobs(told.story.org())
    const casts = Array.from({ length: MOST_RECORDINGS }, (_, at) => digestOf(`cast ${at}`))
    expect([...kept].sort()).toEqual([...casts, digestOf('trail')].sort())
  })
})

describe('the events of evidence', () => {
  it('are for every member, however long the case is over', async () => {
    const told = await ended()
    const parts = [digestOf('one part'), digestOf('another')]
    await told.story.evidence('erin', told.request, { parts })
    const org = told.story.org()
    for (const name of NAMES)
      expect([...blobsOf(org, memberOf(org.head.roster, person(name).member) as Member, [], told.story.now)]).toEqual(
        expect.arrayContaining(parts),
      )
  })

  it('are kept of so many that one member attached to a case, and of nobody who was never in the organization', async () => {
    const told = await ended()
    for (let at = 0; at <= MOST_EVIDENCE; at++)
      await told.story.evidence('erin', told.request, { parts: [digestOf(`part ${at}`)] })
    const strange = await told.story.draftRoster('alice', {
      ...told.people,
      'mallory!': { roles: ['auditor'], groups: [] },
    })
    await told.story.evidence('mallory!', told.request, { parts: [digestOf('foreign')] }, { roster: strange })
    const kept = evidenceBlobs(told.story.org())
    expect(kept.size).toBe(MOST_EVIDENCE)
    expect(kept).not.toContain(digestOf('foreign'))
  })

  it('are kept only of cases that are here and in which AWS was asked for something', async () => {
    const told = await ended()
    const { story } = told
    const request = await story.ask('alice', told.plan, { reference: 'INC-8' })
    await story.evidence('erin', request, { parts: [digestOf('of a request')] })
    const granted = told.request
    await story.evidence('erin', { ...granted, id: digestOf('nowhere') }, { parts: [digestOf('of none')] })
    expect(evidenceBlobs(story.org()).size).toBe(0)
    const ready = await story.ready('bob', request, told.deposit)
    await story.issuing('bob', ready)
    expect([...evidenceBlobs(story.org())]).toEqual([digestOf('of a request')])
  })

  it('are kept of no more than one member may attach in all, and of each as much', async () => {
    const told = await ended()
    const { story } = told
    const perCase = MOST_EVIDENCE * MOST_PARTS
    const request = async (at: number) => {
      const one = await story.ask('alice', told.plan, { reference: `INC-${at}` })
      await story.issuing('bob', await story.ready('bob', one, told.deposit))
      return one
    }
    const many = (name: string) => Array.from({ length: MOST_PARTS }, (_, at) => digestOf(`${name} ${at}`))
    for (let at = 0; at < MOST_EVIDENCE_PARTS / perCase; at++) {
      const one = await request(at)
      for (let each = 0; each < MOST_EVIDENCE; each++)
        await story.evidence('erin', one, { parts: many(`erin ${at} ${each}`) })
    }
    expect(evidenceBlobs(story.org()).size).toBe(MOST_EVIDENCE_PARTS)
    const last = await request(99)
    await story.evidence('erin', last, { parts: [digestOf('one more')] })
    await story.evidence('dave', last, { parts: many('dave') })
    const kept = evidenceBlobs(story.org())
    expect(kept.size).toBe(MOST_EVIDENCE_PARTS + MOST_PARTS)
    expect(kept).not.toContain(digestOf('one more'))
    expect(kept).toContain(digestOf('erin 0 0 0'))
  })
})
