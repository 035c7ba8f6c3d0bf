import { setTimeout as delay } from 'node:timers/promises'
import { accessKeyBytes } from '../../main/issuers/aws/access-key.ts'
import { standingOf } from '../../main/issuers/aws/identity.ts'
import { denialOf } from '../../main/issuers/aws/refused.ts'
import { tryKey } from '../../main/issuers/aws/try-key.ts'
import type { Sandbox } from '../sandbox-aws/sandbox.ts'
import { sessionFromLines } from '../session-lines.ts'
import type { Actor, HandedFile, Part } from './actor.ts'

/** The AWS of a drill. */
export type DrillSandbox = Pick<Sandbox, 'roleArn' | 'regions' | 'accessKey' | 'aftercare' | 'activeKeys'>

/** What a drill is given. */
export interface DrillOrder {
  readonly actors: readonly Actor[]
  readonly threshold: number
  readonly sandbox: DrillSandbox
  /** Whether apps have to be told each other's addresses. */
  readonly typeAddresses: boolean
  /** Prints a line of the timeline. */
  readonly say: (line: string) => void
}

/** What a drill leaves. */
export interface DrillResult {
  readonly bundle: HandedFile
  /** Milliseconds from the request's touch to the session in the requester's app. */
  readonly askedToAccessMs: number
  /** Milliseconds from the last approval to the session. */
  readonly quorumToAccessMs: number
}

const PARTS: readonly Part[] = [
  { roles: ['admin', 'approver', 'commander'], groups: ['platform'] },
  { roles: ['admin', 'approver'], groups: ['security'] },
  { roles: ['admin', 'approver'], groups: ['platform'] },
  { roles: ['approver', 'auditor'], groups: ['security'] },
  { roles: ['approver', 'commander'], groups: ['platform'] },
]

/** What the person at this place is. */
export function partOf(at: number): Part {
  return PARTS[at % PARTS.length] as Part
}

/**
 * A whole break-glass: from apps that were never started to a session that AWS refuses, and a used key that it refuses as well. Every step waits until the apps
 * of those concerned show it.
 *
 * @throws if anything is not so.
 */
export async function playDrill({ actors, threshold, sandbox, typeAddresses, say }: DrillOrder): Promise<DrillResult> {
  const [requester, ...others] = actors as [Actor, ...Actor[]]
  await all(actors, (actor) => actor.setUp())
  say(`${actors.length} apps set up, each with two security keys tried`)
  await foundOrganization(actors, say)
  if (typeAddresses) await introduce(actors)
  await all(actors, (actor) => actor.founded())
  if (typeAddresses) await all(actors, (actor) => actor.reaches(actors.length - 1))
  say('everybody endorsed the founding; the apps have met')
  await requester.proposePlan(sandbox, threshold, sandbox.aftercare)
  const admins = actors.filter((_, at) => partOf(at).roles.includes('admin'))
  for (const actor of admins.slice(0, Math.floor(admins.length / 2) + 1)) await actor.endorsePlan()
  await all(actors, (actor) => actor.planInEffect())
  say(`the plan is in effect: ${threshold} of ${actors.length}, at least 1 from security`)
  await requester.deposit(sandbox)
  for (const actor of actors) await actor.acceptShare()
  await all(actors, (actor) => actor.custodyProved())
  say('the access key was dealt; every custodian accepted a share and proved it')
  await requester.picture('ready-for-the-night')

  const asked = performance.now()
  await requester.ask('Nobody can sign in since 02:40; payments are stuck')
  say(`${requester.name} asked`)
  const deniers = others.length > threshold ? [others.at(-1) as Actor] : []
  for (const actor of deniers) {
    await actor.deny('I cannot confirm this')
    say(`${actor.name} denied`)
  }
  // Approvers from each end of the list, so that "at least 1 from security" is among them.
  const approvers = others.filter((actor) => !deniers.includes(actor)).slice(0, threshold)
  let lastApproval = asked
  for (const actor of approvers) {
    lastApproval = performance.now()
    await actor.approve()
    say(`${actor.name} approved`)
  }
  await requester.granted()
  const granted = performance.now()
  say(
    `${requester.name} has a session ${seconds(granted - asked)} after asking, ${seconds(granted - lastApproval)} after the last approver reached for the key`,
  )
  await requester.picture('session')
  const session = sessionFromLines(await requester.copySession())
  const endpoint = sandbox.regions[0]?.endpoint ?? ''
  await expectStanding(session, endpoint, 'alive')
  say(`AWS says who the session is (GetCallerIdentity with ${session.accessKeyId})`)
  await expectDenial(session, endpoint, 'not-denied')
  await requester.end()
  await requester.ended()
  await expectDenial(session, endpoint, 'denied')
  say(`${requester.name} is done; the session is denied at AWS, and was seen refused`)
  await all(actors, (actor) => actor.ended())
  await replaceTheKey(actors, sandbox, session, say)
  const bundle = await requester.exportBundle()
  return { bundle, askedToAccessMs: granted - asked, quorumToAccessMs: granted - lastApproval }
}

/** People read the 12 words to each other: what one window hides, another shows. @throws if two windows differ. */
export async function readAloud(actors: readonly Actor[]): Promise<readonly string[]> {
  const shown = await Promise.all(actors.map((actor) => actor.words()))
  return Array.from({ length: 12 }, (_, place) => {
    const [word, ...others] = new Set(shown.flatMap((words) => words[place] ?? []))
    if (word === undefined || others.length > 0) throw new Error('the windows do not show the same 12 words')
    return word
  })
}

async function foundOrganization(actors: readonly Actor[], say: (line: string) => void): Promise<void> {
  const [founder, ...others] = actors as [Actor, ...Actor[]]
  const cards = []
  for (const [at, actor] of actors.entries()) cards.push({ file: await actor.joinCard(partOf(at)), part: partOf(at) })
  const draft = await founder.found('Example Bank', cards)
  await all(others, (actor) => actor.readDraft(draft))
  const heard = await readAloud(actors)
  say(`every app shows the same words: ${heard.join(' ')}`)
  await founder.picture('twelve-words')
  for (const actor of actors) await actor.endorseFounding(heard)
}

async function introduce(actors: readonly Actor[]): Promise<void> {
  const addresses = await Promise.all(actors.map((actor) => actor.address()))
  for (const [at, actor] of actors.entries())
    for (const address of addresses.slice(at + 1)) await actor.typeAddress(address)
}

/** The key that was used: an admin who did not ask replaces it by two touches, the custodians accept the new one, and AWS no longer takes the old. */
async function replaceTheKey(
  actors: readonly Actor[],
  { accessKey, aftercare, regions, activeKeys }: DrillSandbox,
  session: Parameters<typeof standingOf>[0],
  say: (line: string) => void,
): Promise<void> {
  const { accessKeyId, secretAccessKey, sessionToken } = session
  const expectOldKey = async (expected: Awaited<ReturnType<typeof tryKey>>) => {
    const known = { accessKeyId, secretAccessKey, sessionToken }
    const found = await tryKey(accessKeyBytes(accessKey), aftercare.rotator.user, regions, known, 5000)
    if (found !== expected) throw new Error(`expected AWS to say of the old key ${expected}, but it says ${found}`)
  }
  await expectOldKey('works')
  const admin = await whoMayReplace(actors.filter((_, at) => at > 0 && partOf(at).roles.includes('admin')))
  await admin.replaceKey()
  const made = activeKeys(aftercare.rotator.user).filter((id) => id !== accessKey.accessKeyId)
  if (made.length !== 1) throw new Error(`expected one new key at AWS, but there are ${made.length}`)
  say(`${admin.name} touched once: ${made[0]} was made at AWS beside the used key, and works`)
  await admin.picture('new-key')
  await admin.depositNewKey()
  say(`${admin.name} touched again: the new key is dealt to the custodians`)
  for (const actor of actors) await actor.acceptShare()
  await all(actors, (actor) => actor.custodyProved(2))
  await all(actors, (actor) => actor.oldKeyOff())
  await expectOldKey('not-yet')
  const left = activeKeys(aftercare.rotator.user)
  if (left.join() !== made.join()) throw new Error(`expected ${made.join()} to be on alone, not ${left.join()}`)
  say(`every custodian holds the new key; the used one, ${accessKey.accessKeyId}, is switched off: AWS refuses it`)
  await admin.picture('old-key-off')
  await admin.owes('Delete the key that was used')
  await admin.owes('Review')
  say(`still owed, and said so: ${admin.name}’s app deletes the old key an hour after, and somebody reviews the case`)
}

/** The first whose app offers it. What may replace the key is not with the issuing device if another admin's can have it. */
async function whoMayReplace(admins: readonly Actor[]): Promise<Actor> {
  for (let tries = 0; tries < 100; tries++) {
    for (const admin of admins) if (await admin.mayReplaceKey()) return admin
    await delay(200)
  }
  throw new Error('no admin’s app offers to replace the key that was used')
}

async function expectDenial(
  session: Parameters<typeof denialOf>[0],
  endpoint: string,
  expected: 'denied' | 'not-denied',
): Promise<void> {
  const { is } = await denialOf(session, endpoint)
  if (is !== expected) throw new Error(`expected AWS to say of the session ${expected}, but it says ${is}`)
}

async function expectStanding(
  session: Parameters<typeof standingOf>[0],
  endpoint: string,
  expected: 'alive',
): Promise<void> {
  const { standing } = await standingOf(session, endpoint)
  if (standing !== expected) throw new Error(`expected AWS to find the session ${expected}, but it is ${standing}`)
}

async function all(actors: readonly Actor[], act: (actor: Actor) => Promise<void>): Promise<void> {
  await Promise.all(actors.map(act))
}

/** Milliseconds as seconds, for people. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
