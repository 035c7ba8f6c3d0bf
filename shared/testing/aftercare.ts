import type { Grant } from '../case/types.ts'
import { person } from './keys.ts'
import { grantedCase, type Setup, setupWith } from './setup.ts'
import { carefulAccess } from './usual-plan.ts'

// A granted case under a plan that wants its session ended and its key replaced.

/** Who is in the organization: see {@link granted}. */
export const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'] as const
/** The member of that name. */
export const idOf = (name: string) => person(name).member
/** Milliseconds. */
export const MINUTE = 60_000

/**
 * Alice has access for 15 minutes, which bob's device issued; bob, carol, dave and erin are custodians, alice, bob and carol
 * admins. Frank has no part.
 */
export async function granted(access = carefulAccess) {
  const custodians = ['bob', 'carol', 'dave', 'erin'].map(idOf)
  const told = await setupWith(NAMES, {
    plan: { access, custodians, quorum: { count: 2, groups: [], veto: [] } },
  })
  const basis = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  const current = () => told.story.case(basis.request)
  const grantNow = () => current().grant as Grant
  const codes = () => current().refused.map(({ code }) => code)
  const owed = () => current().obligations.map(({ code }) => code)
  return { ...told, ...basis, current, grantNow, codes, owed }
}
/** What {@link granted} tells. */
export type Told = Awaited<ReturnType<typeof granted>>

/** A second session of the case, which carol's device issued, for as many minutes. */
export async function issuedTwice({ story, deposit, ...basis }: Told, minutes = 15) {
  const ready = await story.ready('carol', basis.request, deposit, {
    attempt: 2,
    after: { ready: basis.ready.id, failed: null },
  })
  const releases = [await story.release('bob', ready), await story.release('carol', ready)]
  const issuing = await story.issuing('carol', ready)
  const expires = story.now + minutes * MINUTE
  return story.grant('carol', { ...basis, ready, issuing, releases }, { expires })
}

/** To whom bob's device sealed what it made: whose devices may deny the session, and replace the key. */
export const TO = { revoker: ['bob', 'carol', 'dave', 'erin'], rotator: ['carol'] }

/** A newer key that three custodians hold. */
export async function newKey({ story, plan }: Setup) {
  const next = await story.deposit('carol', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
  await story.hold(next, ['bob', 'carol', 'dave'])
  return next
}
