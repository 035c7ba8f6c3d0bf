import { describe, expect, it } from 'vitest'
import type { OutletEvent } from './event.ts'
import { OCSF_VERSION, ocsfEvent, ocsfLine } from './ocsf.ts'
import { drill, liveEvents, TYPED } from './testing/drill.ts'
import { DEFINED_VERSION, ocsfProblems } from './testing/ocsf-check.ts'

const events = liveEvents(await drill())
const one = (kind: string) => events.find((event) => event.kind === kind) as OutletEvent
const made = (kind: string) => ocsfEvent(one(kind), '1.2.3')

describe('an event of OCSF', () => {
  it.each(events.map((event) => [event.position, event.kind, event] as const))(
    'is one by the published definitions: entry %d, %s',
    (_, __, event) => {
      expect(ocsfProblems(ocsfEvent(event, '1.2.3'))).toEqual([])
      expect(JSON.parse(ocsfLine(event, '1.2.3'))).toEqual(ocsfEvent(event, '1.2.3'))
    },
  )

  it.each(['kind of a later version', 'roster', 'grant', 'ended', 'failed', 'issuing', 'custody'])(
    'is one even where everything that may be unknown is: %s',
    (kind) => {
      const bare = Object.fromEntries(Object.keys(one('custody')).map((name) => [name, null])) as unknown as OutletEvent
      const { position, id, time, organization, member, device, outcome, level, says } = one('custody')
      const event = { ...bare, position, id, time, organization, member, device, outcome, level, says, kind }
      expect(ocsfProblems(ocsfEvent(event, '1.2.3'))).toEqual([])
    },
  )

  it('names the version of the definitions', () => {
    expect(OCSF_VERSION).toBe(DEFINED_VERSION)
  })

  it('a grant gives a role in a session, to whoever asked, by the issuing device’s owner', () => {
    expect(made('grant')).toMatchObject({
      class_uid: 3003,
      type_uid: 300_303,
      severity: 'Low',
      user: { name: 'alice' },
      actor: { user: { name: 'bob' } },
      session: { uid: one('grant').id, credential_uid: 'ASIAEXAMPLEEXAMPLE00' },
      metadata: { uid: one('grant').id, correlation_uid: one('request').id, event_code: 'grant' },
    })
  })

  it('the end logs that very session off; the attempt that failed is a failed logon', () => {
    expect(made('ended')).toMatchObject({ type_uid: 300_202, status: 'Success', session: { uid: one('grant').id } })
    expect(made('failed')).toMatchObject({ type_uid: 300_201, status: 'Failure', status_code: 'sts-unreachable' })
  })

  it('a request opens a case, and what was typed comes through unchanged', () => {
    expect(made('request')).toMatchObject({
      type_uid: 300_401,
      entity: { type: 'Break-glass case', uid: one('request').id, name: TYPED.reference },
      comment: TYPED.what,
    })
    expect(ocsfLine(one('request'), '1.2.3')).not.toContain('\n')
  })

  it('what breaks a rule is a failure, with the rule', () => {
    const own = events.find(({ rule }) => rule !== null) as OutletEvent
    expect(ocsfEvent(own, '1.2.3')).toMatchObject({ status: 'Failure', status_code: 'own-request', severity: 'Medium' })
  })
})

describe('the check of these tests', () => {
  const good = made('grant')
  it.each([
    ['a missing required attribute', { time: undefined }, 'event.time: required'],
    ['an attribute that the class does not have', { entity: {} }, 'event.entity: no such attribute'],
    ['a wrong type', { time: '2026' }, 'event.time: expected timestamp_t'],
    ['a number outside its enumeration', { severity_id: 42 }, 'event.severity_id: 42 is not in the enumeration'],
    ['a caption of another number', { severity: 'Fatal' }, 'event.severity_id: not “"Fatal"”'],
    ['an object that lacks what it needs', { user: {} }, 'event.user: needs one of account,name,uid'],
    ['a class that is not there', { class_uid: 3099 }, 'class_uid: no class 3099'],
  ])('finds %s', (_, change, problem) => {
    const spoiled = Object.fromEntries(Object.entries({ ...good, ...change }).filter(([, one]) => one !== undefined))
    expect(ocsfProblems(spoiled)).toContain(problem)
  })
})
