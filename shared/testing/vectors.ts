import type { VerifiedStatement } from '../statements/door.ts'
import { parse } from '../statements/envelope.ts'
import { otherForm } from './craft.ts'
import { digestOf } from './keys.ts'
import { grantedCase, setupWith } from './setup.ts'
import { carefulAccess } from './usual-plan.ts'
import type { Vector } from './vector-file.ts'
import { kitOf } from './vector-kit.ts'
import { faultsOfAftercare } from './vectors-aftercare.ts'
import { faultsOfAuthorship } from './vectors-authorship.ts'
import { faultsOfEvidence } from './vectors-evidence.ts'
import { faultsOfForm } from './vectors-form.ts'

/** All vectors, the same each time: first genesis, which is the roster the door knows; then what is valid, then what is not. */
export async function makeVectors(): Promise<Vector[]> {
  const told = await setupWith(['alice', 'bob', 'carol', 'dave!', 'erin'], { signatures: 'real' })
  const { story, deposit } = told
  const { grant, request, ready } = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  await story.handOver('bob', grant)
  await story.end('alice', grant)
  await story.withdraw('alice', request)
  await story.fail('bob', await story.ready('bob', request, deposit))
  const eddsa = await story.decide('dave!', request, 'deny')
  const child = await story.draftRoster('alice', told.people)
  const good = await story.decide('bob', request)
  const plain = await story.release('bob', ready)
  const exported = await story.exported('erin')
  const read = await story.read('erin', { what: 'case', case: request.id })

  const pruned = await story.prune('erin', [
    { from: 3, to: 5 },
    { from: 7, to: 8 },
  ])
  const review = await story.review('erin', request)
  const aftercare = await story.care('bob', grant, { revoker: ['bob', 'carol', 'erin'], rotator: ['carol'] })
  const revoke = await story.revoke('carol', grant, 'The incident is over.')
  const revoked = await story.revoked('bob', grant)
  const rotating = await story.rotating('carol', grant)
  const rotated = await story.rotated('carol', grant, { id: digestOf('the deposit that took its place') })
  const evidence = await story.evidence('erin', request, {
    differs: [
      { code: 'key-unexplained', at: story.now, event: 'b29d5c2e-0e55-4b1c-93f1-000000000001', of: null },
      { code: 'grant-unseen', at: story.now, event: null, of: grant.id },
    ],
  })
  const careful = await story.draftPlan('alice', { ...told.plan.payload, access: carefulAccess })

  // Last, so that it changes nothing of the others.
  const recording = await story.evidence('alice', request, {
    source: 'terminal',
    spans: [],
    events: 5,
    parts: [digestOf('a recorded terminal')],
    grants: [{ grant: grant.id, issued: 'not-covered', calls: 0, refused: 0 }],
  })

  const seen = await story.review('erin', request)

  const twofold = await story.revoked('bob', grant, { means: 'userid-or-issued' })

  const vector = (name: string, expect: Vector['expect'], says: string, envelope: Uint8Array): Vector => ({
    name,
    says,
    expect,
    id: expect === 'verified' ? parse(envelope).id : null,
    envelope,
  })
  const valid = (name: string, says: string, { envelope }: Pick<VerifiedStatement, 'envelope'>) =>
    vector(`valid-${name}`, 'verified', says, envelope)
  const kinds = [...new Set(story.statements.map(({ kind }) => kind))].map((kind) => {
    const first = story.statements.find((one) => one.kind === kind) as VerifiedStatement
    return valid(kind, kind === 'roster' ? 'genesis: the roster that the door knows' : `a ${kind}`, first)
  })
  const valids = { good, plain, child, exported, read, pruned, review, grant }
  const kit = kitOf(told.people, { ...valids, aftercare, revoke, revoked, rotating, rotated, evidence, careful })
  const { decision, touched, clientData, hmac } = kit
  return [
    ...kinds,
    valid('roster-child', 'a later roster', child),
    valid('plan-aftercare', 'a plan with a revoker and a rotator', careful),
    valid('revoked-issued', 'a deny by who asked and when it was issued beside the user id', twofold),
    valid('review-saw', 'a review whose author saw evidence that differs', seen),
    valid('evidence-recording', 'a recorded terminal', recording),
    valid('decision-eddsa', 'a decision touched with an EdDSA key', eddsa),
    vector(
      'valid-decision-hmac-secret',
      'verified',
      'a touch that also opened the box key',
      touched({ flags: 0x85, extensions: hmac(48) }),
    ),
    vector(
      'valid-decision-client-data',
      'verified',
      'client data with a key of a later browser',
      touched({ clientData: clientData(',"later":{"a":[1]}}') }),
    ),
    vector(
      'valid-decision-high-s',
      'verified',
      'an ECDSA signature in its other form: the same statement',
      decision(
        {},
        {
          change: (all) => ({
            ...all,
            signatures: all.signatures.map((one, at) => (at === 1 ? { ...one, sig: otherForm(one.sig) } : one)),
          }),
        },
      ),
    ),
    ...[...faultsOfForm(kit), ...faultsOfAftercare(kit), ...faultsOfEvidence(kit), ...faultsOfAuthorship(kit)].map(
      ([expect, name, says, envelope]) => vector(`${expect}-${name}`, expect, says, envelope),
    ),
  ]
}
