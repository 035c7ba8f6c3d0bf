import { digest, equalBytes, fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { jcs } from '../../../shared/jcs.ts'
import { decryptCredential, encryptCredential } from '../../../shared/secrets/credential.ts'
import { SecretsError } from '../../../shared/secrets/errors.ts'
import { drawBytes, type Random } from '../../../shared/secrets/random.ts'
import { combine, type Dealing, deal, wipeDealing } from '../../../shared/secrets/sharing.ts'
import { sealBox } from '../../boxes.ts'
import { parseAccessKey } from '../aws/access-key.ts'
import { type Message, wipe } from './messages.ts'
import type { DealFacts, DepositHeader } from './protocol.ts'

/**
 * Deals one generation of a credential: encrypts it under a fresh secret and seals each custodian's share.
 *
 * @param credential - see `aws/access-key.ts`; the caller's to wipe.
 * @returns the answer: the finished header, and as parts the ciphertext and the boxes.
 * @throws {IssuerError} `invalid` if the credential is no access key; {SecretsError} for a threshold or box key that cannot be.
 */
export async function dealCredential(facts: DealFacts, credential: Uint8Array, random: Random): Promise<Message> {
  const { accessKeyId } = parseAccessKey(credential)
  const dealing = deal({ threshold: facts.threshold, members: facts.custodians.length }, random)
  try {
    const header = headerOf(facts, accessKeyId, dealing, random)
    const ciphertext = await encryptCredential(dealing.secret, jcs(header), credential)
    await reopen(dealing, facts, jcs(header), ciphertext, credential)
    const boxes = await sealShares(facts, dealing, digest(jcs(header)))
    return { facts: { header }, parts: [ciphertext, ...boxes] }
  } finally {
    wipeDealing(dealing)
  }
}

/** Opens what was just encrypted as the custodians would, from the last M shares, and compares: nobody else can before it counts. */
async function reopen(
  { shares, commitments }: Dealing,
  { threshold, custodians }: DealFacts,
  header: Uint8Array,
  ciphertext: Uint8Array,
  credential: Uint8Array,
): Promise<void> {
  const secret = combine(shares.slice(-threshold), { threshold, members: custodians.length, commitments })
  let opened: Uint8Array | null = null
  try {
    opened = await decryptCredential(secret, header, ciphertext)
    if (!equalBytes(opened, credential))
      throw new SecretsError('credential-refused', 'what was dealt does not open to what was given')
  } finally {
    wipe(secret, opened)
  }
}

function headerOf(facts: DealFacts, accessKeyId: string, { commitments }: Dealing, random: Random): DepositHeader {
  const { organization, plan, credential, generation, custodians } = facts
  return {
    organization,
    plan,
    credential,
    generation,
    accessKeyId,
    commitments: commitments.map(toBase64Url),
    custodians: custodians.map(({ member }) => member),
    nonce: toBase64Url(drawBytes(random, 16)),
  }
}

function sealShares(
  { organization, from, custodians }: DealFacts,
  { shares }: Dealing,
  deposit: string,
): Promise<Uint8Array<ArrayBuffer>[]> {
  return Promise.all(
    shares.map(({ index, share }) => {
      const custodian = custodians[index - 1]
      if (!custodian) throw new TypeError(`no custodian of index ${index}`)
      const context = { organization, deposit, request: null, ready: null, from, to: custodian.device, index }
      return sealBox(fromBase64Url(custodian.boxPublicKey), { purpose: 'share', ...context }, share)
    }),
  )
}
