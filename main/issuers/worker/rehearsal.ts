import { digest, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { jcs } from '../../../shared/jcs.ts'
import { generateBoxKey } from '../../../shared/secrets/box-key.ts'
import { encryptCredential } from '../../../shared/secrets/credential.ts'
import type { Random } from '../../../shared/secrets/random.ts'
import { deal, wipeDealing } from '../../../shared/secrets/sharing.ts'
import { sealBox } from '../../boxes.ts'
import { accessKeyBytes } from '../aws/access-key.ts'
import { EXAMPLE_KEY } from '../aws/rehearsal.ts'
import type { Issuer } from '../issuer.ts'
import { go } from './issue.ts'
import type { GoFacts } from './protocol.ts'

const MADE_UP = digest(utf8('lockbox rehearsal'))

/** After so many times a worker answers `go` no faster: its code is compiled for speed by then. */
const REHEARSALS = 4

/**
 * Rehearses while the worker has nothing to do but wait for releases, and stops when something is asked of it. What
 * comes of it does not matter: what it could not do, `go` will say.
 */
export async function rehearseUntil(isAsked: () => boolean, random: Random, issuer: Issuer): Promise<void> {
  for (let times = 0; times < REHEARSALS && !isAsked(); times++) await rehearse(random, issuer).catch(() => undefined)
}

/**
 * Goes once through all that follows a `go`, with keys and facts made up for it and no network. What a process does
 * for the first time takes three times as long as the second, and the second half as long again as the fourth.
 */
export async function rehearse(random: Random, issuer: Issuer): Promise<void> {
  const dealing = deal({ threshold: 2, members: 2 }, random)
  const own = generateBoxKey(random)
  const facts = factsOf(dealing.commitments, toBase64Url(generateBoxKey(random).publicKey))
  try {
    const ciphertext = await encryptCredential(dealing.secret, jcs(facts.header), accessKeyBytes(EXAMPLE_KEY))
    const boxes = await Promise.all(dealing.shares.map(({ index, share }) => sealTo(own.publicKey, index, share)))
    await go(facts, [...boxes, ciphertext], own, { ...issuer, issue: () => rehearsed(issuer) })
  } finally {
    wipeDealing(dealing)
    own.privateKey.fill(0)
  }
}

async function rehearsed(issuer: Issuer): Promise<never> {
  await issuer.rehearse()
  throw new TypeError('nothing comes of a rehearsal')
}

const CONTEXT = {
  organization: MADE_UP,
  deposit: MADE_UP,
  request: MADE_UP,
  ready: MADE_UP,
  from: MADE_UP,
  to: MADE_UP,
}

function sealTo(publicKey: Uint8Array, index: number, share: Uint8Array): Promise<Uint8Array> {
  return sealBox(publicKey, { purpose: 'release', ...CONTEXT, index }, share)
}

function factsOf(commitments: readonly Uint8Array[], recipient: string): GoFacts {
  const { organization, deposit, request, ready } = CONTEXT
  const members = ['first', 'second']
  return {
    organization,
    deposit,
    request,
    ready,
    issuer: MADE_UP,
    header: {
      organization,
      plan: MADE_UP,
      credential: MADE_UP,
      generation: 1,
      accessKeyId: EXAMPLE_KEY.accessKeyId,
      commitments: commitments.map(toBase64Url),
      custodians: members,
      nonce: MADE_UP,
    },
    threshold: members.length,
    releases: members.map((member, at) => ({ member, device: MADE_UP, index: at + 1 })),
    requester: { member: MADE_UP, device: MADE_UP, recipient },
    purpose: 'drill',
    seconds: 900,
    reference: '',
    attempt: 1,
    access: { kind: 'aws-sts', roleArn: '', sessionPolicy: null, regions: [] },
  }
}
