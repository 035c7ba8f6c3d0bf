import { doubtsIn } from '../case/reviews.ts'
import type { VerifiedOf } from '../statements/door.ts'
import type { Deposit } from '../statements/kinds.ts'
import { boxKey, digestOf, person } from './keys.ts'
import { Preparation } from './preparation.ts'
import type { Manner, Said } from './world.ts'

/** The statements that a grant stands on. */
export interface GrantBasis {
  readonly request: VerifiedOf<'request'>
  readonly plan: VerifiedOf<'plan'>
  readonly ready: VerifiedOf<'ready'>
  readonly issuing: VerifiedOf<'issuing'>
  readonly decisions: readonly VerifiedOf<'decision'>[]
  readonly releases: readonly VerifiedOf<'release'>[]
}

function aboutGrant({ id, payload: { request } }: VerifiedOf<'grant'>) {
  return { request, grant: id }
}

/** A break-glass as its people tell it: each verb signs one statement, correct unless told otherwise. */
export class Story extends Preparation {
  ask(by: string, plan: VerifiedOf<'plan'>, changes: Partial<Said<'request'>> = {}, manner: Manner = {}) {
    return this.sign(
      'request',
      by,
      {
        plan: plan.id,
        purpose: 'access',
        emergency: 'identity-provider-down',
        what: 'Nobody can sign in.',
        reference: 'INC-7',
        seconds: 900,
        recipient: boxKey(`recipient ${this.statements.length}`),
        ...changes,
      },
      manner,
    )
  }

  decide(by: string, request: VerifiedOf<'request'>, verdict: 'approve' | 'deny' = 'approve', manner: Manner = {}) {
    return this.sign('decision', by, { request: request.id, verdict, reason: '' }, manner)
  }

  withdraw(by: string, request: VerifiedOf<'request'>) {
    return this.sign('withdrawal', by, { request: request.id, reason: '' })
  }

  ready(
    by: string,
    request: VerifiedOf<'request'>,
    deposit: VerifiedOf<'deposit'>,
    changes: Partial<Said<'ready'>> = {},
    manner: Manner = {},
  ) {
    return this.sign(
      'ready',
      by,
      {
        request: request.id,
        attempt: 1,
        deposit: deposit.id,
        box: boxKey(`ready ${this.statements.length}`),
        expires: (manner.time ?? this.now) + 10 * 60_000,
        after: null,
        preflight: { reachable: ['https://sts.eu-central-1.amazonaws.com'], skewMs: 0 },
        ...changes,
      },
      manner,
    )
  }

  release(by: string, ready: VerifiedOf<'ready'>, changes: Partial<Said<'release'>> = {}, manner: Manner = {}) {
    const { request, deposit } = ready.payload
    const custodians = this.statements.find((one) => one.id === deposit)?.payload as Deposit | undefined
    const index = (custodians?.header.custodians.indexOf(person(by).member) ?? -1) + 1
    const box = digestOf(`release ${ready.id} ${by}`)
    const said = { request, ready: ready.id, deposit, index: Math.max(index, 1), box, ...changes }
    return this.sign('release', by, said, manner)
  }

  issuing(by: string, ready: VerifiedOf<'ready'>, manner: Manner = {}) {
    const { request, attempt } = ready.payload
    return this.sign('issuing', by, { request, ready: ready.id, attempt, sessionName: `lb-case-${attempt}` }, manner)
  }

  fail(by: string, ready: VerifiedOf<'ready'>, changes: Partial<Said<'failed'>> = {}) {
    const said = { code: 'sts-unreachable', message: 'no answer', mayExist: false, badShares: [], ...changes }
    return this.sign('failed', by, { request: ready.payload.request, ready: ready.id, ...said })
  }

  grant(by: string, basis: GrantBasis, changes: Partial<Said<'grant'>> = {}, manner: Manner = {}) {
    const { request, plan, ready, issuing, decisions, releases } = basis
    return this.sign(
      'grant',
      by,
      {
        request: request.id,
        attempt: ready.payload.attempt,
        accessKeyId: 'ASIAEXAMPLEEXAMPLE00',
        expires: this.now + request.payload.seconds * 1000,
        skewMs: 0,
        endpoint: 'https://sts.eu-central-1.amazonaws.com',
        witness: digestOf('witness'),
        ...changes,
        basis: {
          roster: (manner.roster ?? this.roster).id,
          plan: plan.id,
          deposit: ready.payload.deposit,
          request: request.id,
          decisions: decisions.map(({ id }) => id),
          ready: ready.id,
          releases: releases.map(({ id }) => id),
          issuing: issuing.id,
          ...changes.basis,
        },
      },
      manner,
    )
  }

  handOver(by: string, grant: VerifiedOf<'grant'>) {
    const said = { request: grant.payload.request, grant: grant.id, sealed: digestOf(`sealed ${grant.id}`) }
    return this.sign('handover', by, said)
  }

  end(by: string, grant: VerifiedOf<'grant'>, changes: Partial<Said<'ended'>> = {}) {
    const said = { how: 'done', confirmation: 'none', wiped: true, at: this.now, ...changes } as const
    return this.sign('ended', by, { request: grant.payload.request, grant: grant.id, ...said })
  }

  /** Two narrow sessions, sealed to these people's devices; nothing lacks unless told otherwise. */
  care(
    by: string,
    grant: VerifiedOf<'grant'>,
    to: { readonly revoker: readonly string[]; readonly rotator: readonly string[] },
    changes: Partial<Said<'aftercare'>> = {},
    manner: Manner = {},
  ) {
    const boxesTo = (names: readonly string[], purpose: string) =>
      names
        .map((name) => ({ device: person(name).device, sealed: digestOf(`${purpose} ${grant.id} ${name}`) }))
        .sort((a, b) => (a.device < b.device ? -1 : 1))
    const said = {
      revoker: {
        userId: `AROAEXAMPLEEXAMPLE00:lb-case-${grant.payload.attempt}`,
        expires: grant.payload.expires + 60 * 60_000,
        boxes: boxesTo(to.revoker, 'revoker'),
      },
      rotator: { expires: grant.payload.time + 12 * 60 * 60_000, boxes: boxesTo(to.rotator, 'rotator') },
      lacks: '',
      ...changes,
    }
    return this.sign('aftercare', by, { ...aboutGrant(grant), ...said }, manner)
  }

  revoke(by: string, grant: VerifiedOf<'grant'>, reason = '', manner: Manner = {}) {
    return this.sign('revoke', by, { ...aboutGrant(grant), reason }, manner)
  }

  /** Says that AWS took the deny. */
  revoked(by: string, grant: VerifiedOf<'grant'>, changes: Partial<Said<'revoked'>> = {}, manner: Manner = {}) {
    const policy = `lockbox-lb-case-${grant.payload.attempt}`
    const said = { policy, means: 'userid', at: this.now, ...changes } as const
    return this.sign('revoked', by, { ...aboutGrant(grant), ...said }, manner)
  }

  /** Begins to replace the key that a grant used. */
  rotating(by: string, grant: VerifiedOf<'grant'>, changes: Partial<Said<'rotating'>> = {}, manner: Manner = {}) {
    const { deposit } = grant.payload.basis
    return this.sign('rotating', by, { ...aboutGrant(grant), deposit, ...changes }, manner)
  }

  /** Says that the key a grant used was deleted, another deposit having taken its place. */
  rotated(
    by: string,
    grant: VerifiedOf<'grant'>,
    deposit: { readonly id: string },
    changes: Partial<Said<'rotated'>> = {},
    manner: Manner = {},
  ) {
    const used = this.statements.find(({ id }) => id === grant.payload.basis.deposit)?.payload as Deposit | undefined
    const accessKeyId = used?.header.accessKeyId ?? ''
    const said = { deposit: deposit.id, accessKeyId, step: 'deleted', at: this.now, ...changes } as const
    return this.sign('rotated', by, { ...aboutGrant(grant), ...said }, manner)
  }

  /** Attaches what AWS recorded over the hour in which it is said, in two regions: it agrees, unless told otherwise. */
  evidence(by: string, request: VerifiedOf<'request'>, changes: Partial<Said<'evidence'>> = {}, manner: Manner = {}) {
    const grants = this.statements.flatMap((one) =>
      one.kind === 'grant' && one.payload.request === request.id ? [one.id] : [],
    )
    const span = { from: this.now - 30 * 60_000, until: this.now + 30 * 60_000 }
    return this.sign(
      'evidence',
      by,
      {
        request: request.id,
        source: 'trail-files',
        spans: [
          { region: 'eu-central-1', ...span },
          { region: 'us-east-1', ...span },
        ],
        events: 4,
        parts: [digestOf(`events ${request.id}`)],
        grants: grants.sort().map((grant) => ({ grant, issued: 'seen', calls: 3, refused: 1 })),
        differs: [],
        more: 0,
        ...changes,
      },
      manner,
    )
  }

  /** Reviews a case, having seen all of it: a real emergency in which nothing raises a question, unless told otherwise. */
  review(by: string, request: VerifiedOf<'request'>, changes: Partial<Said<'review'>> = {}, manner: Manner = {}) {
    const grants = this.statements.flatMap((one) =>
      one.kind === 'grant' && one.payload.request === request.id ? [one.id] : [],
    )
    const saw = doubtsIn(this.case(request)).sort()
    return this.sign(
      'review',
      by,
      {
        request: request.id,
        grants: grants.sort(),
        ...(saw.length > 0 && { saw }),
        classification: 'real',
        necessary: { answer: 'yes', text: 'Nobody could sign in.' },
        justified: { answer: 'yes', text: '' },
        duration: { answer: 'enough', text: '' },
        ordinary: { answer: 'no', text: '' },
        suspicious: { answer: 'no', text: '' },
        ...changes,
      },
      manner,
    )
  }

  /** Says that the whole log was handed over as a file. */
  exported(by: string, changes: Partial<Said<'exported'>> = {}) {
    const head = { size: this.statements.length, root: digestOf(`ledger ${this.statements.length}`) }
    const said = { entries: head.size, head, format: 'bundle', to: 'file', sha256: digestOf('a bundle'), ...changes }
    return this.sign('exported', by, { scope: { case: null, from: null, until: null }, ...said })
  }

  prune(by: string, ranges: Said<'pruned'>['ranges'], before = this.now - 365 * 24 * 60 * 60_000) {
    return this.sign('pruned', by, { before, ranges })
  }

  read(by: string, changes: Partial<Said<'read'>> = {}) {
    return this.sign('read', by, { what: 'log', case: null, ...changes })
  }
}
