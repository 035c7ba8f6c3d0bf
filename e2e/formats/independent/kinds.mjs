import {
  boolean,
  bytes,
  difference,
  digest,
  distinct,
  either,
  group,
  integer,
  line,
  lineOrEmpty,
  list,
  matches,
  name,
  natural,
  object,
  only,
  orNull,
  set,
  slug,
  text,
  time,
  unlessLeftOut,
} from './fields.mjs'
import { coseKey, isBoxKey, isEd25519Key, isP256Point } from './keys.mjs'

// statements.md §5: the payload of each kind.

/** A member entry of a roster, and of a join card. */
export const member = object({
  member: name,
  name: line(64),
  contact: lineOrEmpty(128),
  roles: set(only('admin', 'approver', 'auditor', 'commander'), 1, 4),
  groups: set(group, 0, 16),
  device: object({
    name: line(64),
    keys: object({
      statement: bytes(32, 32, isEd25519Key),
      checkpoint: bytes(32, 32, isEd25519Key),
      tls: bytes(65, 65, isP256Point),
      box: bytes(32, 32, isBoxKey),
      mailbox: bytes(32, 32, isBoxKey),
    }),
  }),
  authenticators: list(
    object({
      name: line(64),
      credential: bytes(16, 1023),
      publicKey: bytes(42, 77, (key) => coseKey(key) !== null),
      model: matches(/^[0-9a-f]{32}$/),
      attestation: orNull(digest),
    }),
    2,
    8,
  ),
})

const endpoint = either(
  matches(/^https:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/),
  matches(/^http:\/\/127\.0\.0\.1:[0-9]{1,5}(\/[^/?#\s]+)?$/),
)

function jsonObject(value) {
  try {
    const parsed = JSON.parse(value)
    return value.length <= 2048 && parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)
  } catch {
    return false
  }
}

const externalId = matches(/^[A-Za-z0-9_+=,.@:/-]{2,256}$/)

const roleArn = (value) => line(256)(value) && /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[A-Za-z0-9+=,.@_/-]+$/.test(value)
const aftercare = (value) =>
  object({
    iam: object({ region: matches(/^[a-z]{2}(-[a-z]+)+-[0-9]$/), endpoint }),
    revoker: unlessLeftOut(roleArn),
    rotator: unlessLeftOut(object({ roleArn, user: matches(/^[A-Za-z0-9_+=,.@-]{1,64}$/) })),
  })(value) && ['revoker', 'rotator'].some((role) => Object.hasOwn(value, role))

const plan = {
  plan: name,
  predecessor: orNull(digest),
  name: line(64),
  runbook: text(8000),
  whyTight: text(500),
  emergencies: set(slug, 1, 16),
  credential: object({ credential: name, kind: only('aws-access-key'), name: line(64) }),
  access: object({
    kind: only('aws-sts'),
    roleArn: line(2048),
    sessionPolicy: orNull(jsonObject),
    regions: list(object({ region: line(64), endpoint }), 1, 8),
    externalId: unlessLeftOut(externalId),
    chain: unlessLeftOut(list(object({ roleArn: line(2048), externalId: unlessLeftOut(externalId) }), 1, 3)),
    mfa: unlessLeftOut(matches(/^arn:aws[a-z-]*:iam::[0-9]{12}:mfa\/[A-Za-z0-9+=,.@_/-]+$/)),
    sessionToken: unlessLeftOut(only(true)),
    aftercare: unlessLeftOut(aftercare),
  }),
  requesters: distinct(name, 1, 100),
  custodians: distinct(name, 2, 15),
  issuers: distinct(name, 1, 15),
  quorum: object({
    count: integer(2, 15),
    groups: list(object({ group, count: integer(1, 15) }), 0, 8, (one) => one.group),
    veto: set(group, 0, 8),
  }),
  durations: list(integer(900, 43_200), 1, 8, (one) => one),
  requesterMayIssue: boolean,
  lockEndsSession: boolean,
  witness: only('required', 'waived'),
  obligations: object({ drillDays: integer(1, 366), reviewHours: integer(1, 720), rotationHours: integer(1, 720) }),
}

const header = object({
  accessKeyId: line(128),
  commitments: list(bytes(32), 2, 15),
  credential: name,
  custodians: list(name, 2, 15),
  generation: integer(1, 1_000_000),
  nonce: bytes(16),
  organization: digest,
  plan: digest,
})

const attempt = integer(1, 100)
const index = integer(1, 15)

const boxes = (most) => list(object({ device: digest, sealed: digest }), 1, most, ({ device }) => device)

const range = object({ from: natural, to: integer(1, Number.MAX_SAFE_INTEGER) })
const ranges = (value) =>
  list(range, 1, 1000)(value) && value.every(({ from, to }, at) => from < to && from > (value[at - 1]?.to ?? -1))

const region = matches(/^[a-z]{2}(-[a-z]+)+-[0-9]$/)
const span = (value) => object({ region, from: time, until: time })(value) && value.from <= value.until

const answer = (plain, ...others) =>
  either(object({ answer: only(plain), text: text(1000) }), object({ answer: only(...others), text: text(1000, 1) }))

const kinds = {
  review: [
    true,
    {
      request: digest,
      grants: set(digest, 0, 100),
      saw: unlessLeftOut(set(digest, 1, 100)),
      classification: only('misuse', 'real', 'drill'),
      necessary: answer('yes', 'no', 'unclear'),
      justified: answer('yes', 'no', 'unclear'),
      duration: answer('enough', 'too-short', 'too-long', 'unclear'),
      ordinary: answer('no', 'yes', 'unclear'),
      suspicious: answer('no', 'yes', 'unclear'),
    },
  ],
  roster: [
    true,
    {
      predecessor: orNull(digest),
      protocol: integer(1, 1000),
      name: line(64),
      nonce: bytes(32),
      members: list(member, 1, 100),
    },
  ],
  plan: [true, plan],
  deposit: [true, { header, ciphertext: digest, boxes: list(digest, 2, 15) }],
  endorsement: [true, { of: digest }],
  custody: [false, { deposit: digest, index, nonce: digest, proof: bytes(64) }],
  request: [
    true,
    {
      plan: digest,
      purpose: only('access', 'drill', 'rotation'),
      emergency: slug,
      what: text(2000, 1),
      reference: lineOrEmpty(128),
      seconds: integer(1, 43_200),
      recipient: bytes(32, 32, isBoxKey),
    },
  ],
  decision: [true, { request: digest, verdict: only('approve', 'deny'), reason: text(1000) }],
  withdrawal: [false, { request: digest, reason: text(1000) }],
  ready: [
    false,
    {
      request: digest,
      deposit: digest,
      attempt,
      box: bytes(32, 32, isBoxKey),
      expires: time,
      after: orNull(object({ failed: orNull(digest), ready: digest })),
      preflight: object({
        reachable: list(line(256), 0, 16),
        skewMs: orNull(difference),
      }),
    },
  ],
  release: [false, { request: digest, ready: digest, deposit: digest, index, box: digest }],
  issuing: [false, { request: digest, ready: digest, attempt, sessionName: matches(/^[A-Za-z0-9_=,.@-]{2,64}$/) }],
  failed: [
    false,
    {
      request: digest,
      ready: digest,
      code: slug,
      message: line(500),
      mayExist: boolean,
      badShares: list(name, 0, 15),
    },
  ],
  grant: [
    false,
    {
      request: digest,
      attempt,
      accessKeyId: line(128),
      expires: time,
      skewMs: difference,
      endpoint: line(256),
      witness: orNull(digest),
      basis: object({
        roster: digest,
        plan: digest,
        deposit: digest,
        request: digest,
        ready: digest,
        issuing: digest,
        decisions: list(digest, 1, 15),
        releases: list(digest, 2, 15),
      }),
    },
  ],
  handover: [false, { request: digest, grant: digest, sealed: digest }],
  ended: [
    false,
    {
      request: digest,
      grant: digest,
      how: only('timer', 'done', 'lost', 'revoked'),
      confirmation: only('aws-refused', 'none'),
      wiped: boolean,
      at: time,
    },
  ],
  aftercare: [
    false,
    {
      request: digest,
      grant: digest,
      revoker: orNull(object({ userId: matches(/^[A-Za-z0-9_+=,.@:-]{2,193}$/), expires: time, boxes: boxes(15) })),
      rotator: orNull(object({ expires: time, boxes: boxes(100) })),
      lacks: lineOrEmpty(500),
    },
  ],
  revoke: [true, { request: digest, grant: digest, reason: text(1000) }],
  revoked: [
    false,
    {
      request: digest,
      grant: digest,
      policy: matches(/^[A-Za-z0-9_+=,.@-]{1,128}$/),
      means: only('userid', 'userid-or-issued'),
      at: time,
    },
  ],
  rotating: [true, { request: digest, grant: digest, deposit: digest }],
  rotated: [
    false,
    {
      request: digest,
      grant: digest,
      deposit: digest,
      accessKeyId: line(128),
      step: only('deactivated', 'deleted'),
      at: time,
    },
  ],
  evidence: [
    false,
    {
      request: digest,
      source: only('trail-files', 'lookup-events', 'terminal'),
      spans: list(span, 0, 64, ({ region }) => region),
      events: natural,
      parts: list(digest, 0, 16),
      grants: list(
        object({ grant: digest, issued: only('seen', 'unseen', 'not-covered'), calls: natural, refused: natural }),
        0,
        100,
        ({ grant }) => grant,
      ),
      differs: list(
        object({
          code: only('key-unexplained', 'session-used', 'session-unknown', 'after-end', 'call-differs', 'grant-unseen'),
          at: time,
          event: orNull(matches(/^[A-Za-z0-9-]{1,64}$/)),
          of: orNull(digest),
        }),
        0,
        50,
      ),
      more: natural,
    },
  ],
  exported: [
    false,
    {
      scope: object({ case: orNull(digest), from: orNull(time), until: orNull(time) }),
      format: slug,
      to: slug,
      entries: natural,
      head: object({ root: digest, size: natural }),
      sha256: digest,
    },
  ],
  read: [false, { what: slug, case: orNull(digest) }],
  pruned: [true, { before: time, ranges }],
}

const common = {
  member: name,
  device: digest,
  time,
  sequence: natural,
  previous: orNull(digest),
  ledger: object({ root: digest, size: natural }),
}
const named = { organization: digest, roster: digest }

/** statements.md §5.6: what a recorded terminal says of AWS's record. */
function isRecording({ spans, parts, grants, differs, more }) {
  const [grant] = grants
  const isOne = grants.length === 1 && grant.issued === 'not-covered' && grant.calls === 0 && grant.refused === 0
  return isOne && parts.length > 0 && spans.length === 0 && differs.length === 0 && more === 0
}

/** The kind of a payload type: `{kind, hardware, check(payload)}`, or null. */
export function kindOf(payloadType) {
  const [, kind] = /^application\/vnd\.lockbox\.([a-z]+)\+json$/.exec(payloadType) ?? []
  if (kind === undefined || !Object.hasOwn(kinds, kind)) return null
  const [hardware, fields] = kinds[kind]
  const whole = object({ ...common, ...named, ...fields })
  const genesis = object({ ...common, ...fields })
  const check = (payload) => {
    if (kind === 'roster' && payload?.predecessor === null) return genesis(payload)
    return whole(payload) && (kind !== 'evidence' || payload.source !== 'terminal' || isRecording(payload))
  }
  return { kind, hardware, check }
}
