import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Digest, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { jcs } from '../../shared/jcs.ts'
import { type BundleParts, type Section, writeBundle } from '../../shared/ledger/bundle.ts'
import { formatCheckpoint, signCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { addCosignature, cosign } from '../../shared/ledger/cosignature.ts'
import { Leaves } from '../../shared/ledger/leaves.ts'
import { leafHash } from '../../shared/ledger/merkle.ts'
import { sectionOf, sectionsOf } from '../../shared/ledger/sections.ts'
import { preAuthenticationEncoding } from '../../shared/statements/encoding.ts'
import { envelopeOf } from '../../shared/statements/envelope.ts'
import { boxKey, person } from '../../shared/testing/keys.ts'
import { authenticatorDataOf, clientDataOf } from '../../shared/testing/signing.ts'
import { checkpointKey, PEOPLE, RecordedStory } from '../../shared/verify/testing/exported.ts'

// A log as large as is asked for, the same each time but for the nonces of ECDSA: an organization of five, and cases of 30
// statements of which three are signed with a hardware key. Each case tries ten times in vain before it has access.

const IN_A_CASE = 30
const BETWEEN_CASES_MS = 2 * 3_600_000
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const digestOf = (text: string): Digest => toBase64Url(sha256(utf8(text)))

/** A statement of a generated log. */
export interface Signed {
  readonly id: Digest
  readonly envelope: Uint8Array
}

/** Signs as the people of a story do, without a door: a hundred times faster. */
export class Pen {
  readonly #keys = new Map<string, { device: KeyObject; hardware: KeyObject; keyid: Digest }>()
  readonly #last = new Map<string, { sequence: number; id: Digest | null }>()
  readonly #common: object

  constructor(common: object, last: ReadonlyMap<string, { sequence: number; id: Digest }>) {
    this.#common = common
    for (const [name, one] of last) this.#last.set(name, one)
  }

  say(kind: string, by: string, time: number, said: object, hardware = false): Signed {
    const { member, device } = person(by)
    const { sequence, id: previous } = this.#last.get(by) ?? { sequence: -1, id: null }
    const payload = jcs({ ...this.#common, ...said, member, device, time, sequence: sequence + 1, previous })
    const payloadType = `application/vnd.lockbox.${kind}+json`
    const signedBytes = preAuthenticationEncoding(payloadType, payload)
    const id = toBase64Url(sha256(signedBytes))
    this.#last.set(by, { sequence: sequence + 1, id })
    const keys = this.#keysOf(by)
    const unsigned = { kind, id, payloadBytes: payload, signedBytes } as unknown as Parameters<typeof envelopeOf>[0]
    const byDevice = { keyid: device, sig: toBase64Url(sign(null, signedBytes, keys.device)) }
    return { id, envelope: envelopeOf(unsigned, byDevice, hardware ? touch(id, keys) : null) }
  }

  #keysOf(name: string) {
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const { deviceSeed, keys, entry } = person(name)
    const made = {
      device: pkcs8('302e020100300506032b657004220420', deviceSeed),
      hardware: ec(keys[0].seed),
      keyid: toBase64Url(sha256(Buffer.from(entry.authenticators[0]?.publicKey ?? '', 'base64url'))),
    }
    this.#keys.set(name, made)
    return made
  }
}

function pkcs8(head: string, seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([Buffer.from(head, 'hex'), seed]), format: 'der', type: 'pkcs8' })
}

/** RFC 5915 in PKCS #8, without the public key: OpenSSL works it out. */
function ec(seed: Uint8Array): KeyObject {
  return pkcs8('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420', seed)
}

function touch(id: Digest, { hardware, keyid }: { hardware: KeyObject; keyid: Digest }) {
  const clientData = utf8(clientDataOf({ challenge: id }))
  const data = authenticatorDataOf({})
  const sig = sign('sha256', Buffer.concat([data, sha256(clientData)]), hardware)
  const [authenticatorData, clientDataJSON] = [toBase64Url(data), toBase64Url(clientData)]
  return { keyid, sig: toBase64Url(sig), authenticatorData, clientDataJSON }
}

/** A generated log in the order in which it was said, to be taken statement by statement without an end. */
export interface EndlessLog {
  readonly pin: Digest
  readonly statements: Iterable<Signed>
  /** When so many statements have been said, by the clocks of those who said them. */
  readonly timeAt: (count: number) => number
}

/** The same organization and cases, one case after the other. */
export async function endlessLog(): Promise<EndlessLog> {
  const { story, plan, deposit } = await ground()
  const { roster, organization } = story
  const head = { size: story.ledger.size, root: toBase64Url(story.ledger.root()) }
  const pen = new Pen({ organization, roster: roster.id, ledger: head }, lastOf(story))
  const began = story.now + 3_600_000
  const statements = (function* (): Generator<Signed> {
    yield* story.statements
    for (let one = 0; ; one++) {
      const time = began + one * BETWEEN_CASES_MS
      const request = { ...pen.say('request', 'alice', time, asking(plan, one), true), time }
      yield request
      yield* answers(pen, request, { plan, deposit, roster: roster.id })
    }
  })()
  return { pin: roster.id, statements, timeAt: (count) => began + Math.ceil(count / IN_A_CASE) * BETWEEN_CASES_MS }
}

/** Writes a bundle of so many statements, or up to 29 fewer, since every case is whole; how many it has. */
export async function writeLargeLog(path: string, statements: number): Promise<number> {
  const { story, plan, deposit } = await ground()
  const { roster, organization } = story
  const head = { size: story.ledger.size, root: toBase64Url(story.ledger.root()) }
  const pen = new Pen({ organization, roster: roster.id, ledger: head }, lastOf(story))
  const count = Math.floor((statements - head.size) / IN_A_CASE)
  const began = story.now + 3_600_000
  let at = head.size
  const requests = Array.from({ length: count }, (_, one) => {
    const time = began + one * BETWEEN_CASES_MS
    return { ...pen.say('request', 'alice', time, asking(plan, one), true), time, at: at++ }
  })
  const size = head.size + count * IN_A_CASE
  const leaves = new Leaves(size)
  for (const [place, envelope] of story.entries().entries()) leaves.set(place, leafHash(envelope, sha256))
  for (const request of requests) leaves.set(request.at, leafHash(request.envelope, sha256))
  const first = sectionsOf(
    story.statements.map((statement, place) => ({
      at: place,
      envelope: statement.envelope,
      section: sectionOf(statement),
    })),
  )
  const asked: Section = { name: { section: 'requests' }, entries: requests }
  const sorted = requests.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const cases = (function* (): Generator<Section> {
    for (const request of sorted) {
      const entries = answers(pen, request, { plan, deposit, roster: roster.id }).map(({ envelope }) => ({
        at: at++,
        envelope,
      }))
      for (const one of entries) leaves.set(one.at, leafHash(one.envelope, sha256))
      yield { name: { case: request.id }, entries }
    }
  })()
  const header: BundleParts['header'] = {
    organization,
    device: person('erin').device,
    pin: roster.id,
    exportedAt: began + (count + 1) * BETWEEN_CASES_MS,
    scope: 'all',
    entries: size,
    size,
  }
  // The checkpoint stands before the entries and is over all of them, so they are written first, to a file of their own.
  const body = `${path}.body`
  const written = { header: new Uint8Array(), lines: 0 }
  const lines = writeBundle({ header, checkpoints: [], sections: inTurn(first, [asked], cases), evidence: [] })
  await pipeline(Readable.from(between(lines, written)), createWriteStream(body))
  const checkpoint = jcs({ checkpoint: await checkpointOf(leaves, organization, header.exportedAt) })
  const whole = async function* () {
    yield written.header
    yield Buffer.concat([checkpoint, NEWLINE])
    yield* createReadStream(body) as AsyncIterable<Uint8Array>
    yield Buffer.concat([jcs({ trailer: { lines: written.lines + 2 } }), NEWLINE])
  }
  await pipeline(Readable.from(whole()), createGzip({ level: 1 }), createWriteStream(path))
  await rm(body)
  return size
}

/** One after the other, each made when it is its turn. */
function* inTurn<Item>(...lists: readonly Iterable<Item>[]): Generator<Item> {
  for (const list of lists) yield* list
}

const NEWLINE = Buffer.from('\n')

/** Lines without the first, which is kept, and the last; several at once. */
function* between(lines: Iterable<Uint8Array>, written: { header: Uint8Array; lines: number }): Generator<Uint8Array> {
  let held: Uint8Array | null = null
  let chunk: Uint8Array[] = []
  for (const line of lines) {
    if (written.header.length === 0) written.header = line
    else {
      if (held !== null) {
        chunk.push(held)
        written.lines++
      }
      held = line
    }
    if (chunk.length < 200) continue
    yield Buffer.concat(chunk)
    chunk = []
  }
  yield Buffer.concat(chunk)
}

async function checkpointOf(leaves: Leaves, organization: Digest, exportedAt: number): Promise<string> {
  const { key, sign: signNote } = checkpointKey(organization, 'erin')
  let root = new Uint8Array()
  leaves.eachRoot([leaves.size], (_, found) => (root = Uint8Array.from(found)), sha256)
  const head = await signCheckpoint({ origin: key.name, size: leaves.size, root }, key, signNote)
  const other = checkpointKey(organization, 'carol')
  return formatCheckpoint(
    addCosignature(head, await cosign(head, other.key, Math.floor(exportedAt / 1000), other.sign)),
  )
}

/** What each person said last in a story, for a {@link Pen} that goes on from there. */
export const lastOf = (story: RecordedStory) =>
  new Map(
    Object.keys(PEOPLE).flatMap((name) => {
      const own = story.statements.filter(({ payload }) => payload.device === person(name).device).at(-1)
      return own === undefined ? [] : [[name, { sequence: own.payload.sequence, id: own.id }] as const]
    }),
  )

async function ground() {
  const story = new RecordedStory()
  const member = (name: string) => person(name).member
  await story.found(PEOPLE)
  const plan = await story.draftPlan('alice', {
    requesters: [member('alice')],
    custodians: ['bob', 'carol', 'dave', 'erin'].map(member),
    issuers: ['bob', 'carol'].map(member),
    quorum: { count: 2, groups: [{ group: 'security', count: 1 }], veto: [] },
    witness: 'waived',
  })
  await story.endorse('bob', plan)
  await story.endorse('carol', plan)
  const deposit = await story.deposit('alice', plan)
  await story.hold(deposit, ['bob', 'carol', 'dave', 'erin'])
  return { story, plan: plan.id, deposit: deposit.id }
}

const RECIPIENT = boxKey('recipient')
const READY = boxKey('ready')

/** What a request says; `number` makes it one of its own. */
export const asking = (plan: Digest, number: number) => ({
  plan,
  purpose: 'access',
  emergency: 'identity-provider-down',
  what: 'Nobody can sign in.',
  reference: `INC-${number}`,
  seconds: 900,
  recipient: RECIPIENT,
})

/** All that is said in a case, but the request. */
function answers(
  pen: Pen,
  { id: request, time }: { readonly id: Digest; readonly time: number },
  on: { readonly plan: Digest; readonly deposit: Digest; readonly roster: Digest },
): Signed[] {
  const said: Signed[] = []
  let now = time
  const say = (kind: string, by: string, more: object, hardware = false): Signed => {
    now += 10_000
    const one = pen.say(kind, by, now, { request, ...more }, hardware)
    said.push(one)
    return one
  }
  const approve = (by: string) => say('decision', by, { verdict: 'approve', reason: '' }, true)
  const decisions = [approve('bob'), approve('carol')].map(({ id }) => id)
  let after: { ready: Digest; failed: Digest } | null = null
  const getReady = (attempt: number): Digest =>
    say('ready', 'bob', {
      attempt,
      deposit: on.deposit,
      box: READY,
      expires: now + 10 * 60_000,
      after,
      preflight: { reachable: ['https://sts.eu-central-1.amazonaws.com'], skewMs: 0 },
    }).id
  for (let attempt = 1; attempt <= 10; attempt++) {
    const ready = getReady(attempt)
    const why = { code: 'sts-unreachable', message: 'no answer', mayExist: false, badShares: [] }
    after = { ready, failed: say('failed', 'bob', { ready, ...why }).id }
  }
  const ready = getReady(11)
  const release = (by: string, index: number) =>
    say('release', by, { ready, deposit: on.deposit, index, box: digestOf(`${ready} ${by}`) }).id
  const releases = [release('bob', 1), release('carol', 2)]
  const issuing = say('issuing', 'bob', { ready, attempt: 11, sessionName: 'lb-case' }).id
  const grant = say('grant', 'bob', {
    attempt: 11,
    accessKeyId: 'ASIAEXAMPLEEXAMPLE00',
    expires: now + 900_000,
    skewMs: 0,
    endpoint: 'https://sts.eu-central-1.amazonaws.com',
    witness: null,
    basis: { ...on, request, ready, issuing, decisions, releases },
  }).id
  say('handover', 'bob', { grant, sealed: digestOf(grant) })
  say('ended', 'alice', { grant, how: 'done', confirmation: 'aws-refused', wiped: true, at: now })
  return said
}
