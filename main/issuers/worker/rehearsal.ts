import { digest, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { jcs } from '../../../shared/jcs.ts'
import { generateBoxKey } from '../../../shared/secrets/box-key.ts'
import { encryptCredential } from '../../../shared/secrets/credential.ts'
import type { Random } from '../../../shared/secrets/random.ts'
import { deal, wipeDealing } from '../../../shared/secrets/sharing.ts'
import { sealBox } from '../../boxes.ts'
import { accessKeyBytes } from '../aws/access-key.ts'
import { EXAMPLE_KEY, rehearsalOrder } from '../aws/rehearsal.ts'
import type { Issuer } from '../issuer.ts'
import { type Message, messageBytes, parseMessage, wipe } from './messages.ts'
import type { CheckFacts, GoFacts } from './protocol.ts'
import { step } from './step.ts'

const MADE_UP = digest(utf8('lockbox rehearsal'))
const [NAME, FIRST, SECOND] = [0, 1, 2].map((one) => toBase64Url(new Uint8Array(16).fill(one))) as [
  string,
  string,
  string,
]

/** After so many times a worker answers `go` no faster: its code is compiled for speed by then. */
const REHEARSALS = 4

/**
 * Rehearses while the worker has nothing to do but wait for releases, and stops when something is asked of it. What
 * comes of it does not matter: what it could not do, `go` will say.
 */
export async function rehearseUntil(
  isAsked: () => boolean,
  random: Random,
  issuer: Issuer,
  most = REHEARSALS,
): Promise<void> {
  for (let times = 0; times < most && !isAsked(); times++) await rehearse(random, issuer).catch(() => undefined)
}

/**
 * Goes once through all that follows a `check` and a `go`, from the frames that main sends to those that it is answered with, with
 * keys and facts made up for it and no network. What a process does for the first time takes three times as long as the second, and
 * the second half as long again as the fourth.
 *
 * @param onAnswer - shown each answer, which nobody is given.
 */
export async function rehearse(
  random: Random,
  issuer: Issuer,
  onAnswer: (answer: Message) => void = () => undefined,
): Promise<void> {
  const dealing = deal({ threshold: 2, members: 2 }, random)
  const own = generateBoxKey(random)
  const recipient = toBase64Url(generateBoxKey(random).publicKey)
  const facts = factsOf(dealing.commitments)
  const insteadOf = { ...issuer, issue: () => issuer.rehearse() }
  const ask = async (asked: unknown, parts: readonly Uint8Array<ArrayBuffer>[]) => {
    const { answer } = await step(parseMessage(messageBytes({ facts: asked, parts })), own, insteadOf)
    onAnswer(answer)
    wipe(messageBytes(answer), ...answer.parts)
  }
  try {
    const ciphertext = await encryptCredential(dealing.secret, jcs(facts.header), accessKeyBytes(EXAMPLE_KEY))
    const boxes = await Promise.all(dealing.shares.map(({ index, share }) => sealTo(own.publicKey, index, share)))
    await ask({ step: 'check', ...facts }, boxes)
    await ask({ step: 'go', ...facts, ...orderOf(recipient) }, [...boxes, ciphertext])
  } finally {
    wipeDealing(dealing)
    own.privateKey.fill(0)
  }
}

const CONTEXT = {
  organization: MADE_UP,
  deposit: MADE_UP,
  request: MADE_UP,
  ready: MADE_UP,
  from: MADE_UP,
  to: MADE_UP,
}

function sealTo(publicKey: Uint8Array, index: number, share: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return sealBox(publicKey, { purpose: 'release', ...CONTEXT, index }, share)
}

function factsOf(commitments: readonly Uint8Array[]): CheckFacts {
  const { organization, deposit, request, ready } = CONTEXT
  const members = [FIRST, SECOND]
  return {
    organization,
    deposit,
    request,
    ready,
    issuer: MADE_UP,
    header: {
      organization,
      plan: MADE_UP,
      credential: NAME,
      generation: 1,
      accessKeyId: EXAMPLE_KEY.accessKeyId,
      commitments: commitments.map(toBase64Url),
      custodians: members,
      nonce: NAME,
    },
    threshold: members.length,
    releases: members.map((member, at) => ({ member, device: MADE_UP, index: at + 1 })),
  }
}

function orderOf(recipient: string): Omit<GoFacts, keyof CheckFacts> {
  return {
    requester: { member: NAME, device: MADE_UP, recipient },
    purpose: 'drill',
    seconds: 900,
    reference: 'rehearsal',
    attempt: 1,
    access: rehearsalOrder().access,
  }
}
