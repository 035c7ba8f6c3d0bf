import { expect } from 'vitest'
import type { Case } from '../case/types.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { caseView as schema } from '../views/case-views.ts'
import { type CaseContext, caseView } from '../views/cases.ts'
import { KeptViews } from '../views/kept-views.ts'
import { namesIn } from '../views/people.ts'
import type { RotationHere } from '../views/rotation.ts'
import { person } from './keys.ts'
import type { Setup } from './setup.ts'

/** Who is in the organization: as `setup` makes them. */
export const names = ['alice', 'bob', 'carol', 'dave', 'erin']

/** An app that may begin to replace a key, and has done nothing. */
export const IDLE: RotationHere = {
  isRunning: false,
  waits: null,
  says: null,
  made: null,
  offAt: null,
  isSaidOff: false,
  deletesAt: null,
  ends: null,
  elsewhere: null,
  alarms: [],
  isBehind: false,
  mayBegin: true,
}

/** What the windows of these people take over from their pictures before. */
const kept = new WeakMap<Setup, Map<string, KeptViews>>()

function keptBy(told: Setup, me: string): KeptViews {
  const windows = kept.get(told) ?? new Map<string, KeptViews>()
  kept.set(told, windows)
  const views = windows.get(me) ?? new KeptViews()
  windows.set(me, views)
  return views
}

/** A case as one of these people's windows shows it, whose picture before took over nothing that is different now. */
export function view(
  told: Setup,
  request: VerifiedOf<'request'>,
  me = 'alice',
  cases?: readonly Case[],
  rotation: RotationHere | null = null,
) {
  const { story } = told
  const org = story.org()
  const { member, device } = person(me)
  const one = story.case(request)
  const context: CaseContext = {
    org,
    names: namesIn(org),
    me: member,
    device,
    now: story.now,
    reach: () => null,
    heldUntil: null,
    stands: () => '',
    came: () => null,
    rotation,
    ...(cases && { cases }),
  }
  const shown = schema.parse(caseView(one, context))
  expect(caseView(one, { ...context, kept: keptBy(told, me) })).toEqual(shown)
  return shown
}
