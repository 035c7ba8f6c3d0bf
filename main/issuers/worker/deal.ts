import { digest, fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { jcs } from '../../../shared/jcs.ts'
import { sealBox } from '../../../shared/secrets/box.ts'
import { encryptCredential } from '../../../shared/secrets/credential.ts'
import { drawBytes, type Random } from '../../../shared/secrets/random.ts'
import { type Dealing, deal, wipeDealing } from '../../../shared/secrets/sharing.ts'
import { parseAccessKey } from '../aws/access-key.ts'
import type { Message } from './messages.ts'
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
    const boxes = await sealShares(facts, dealing, digest(jcs(header)))
    return { facts: { header }, parts: [ciphertext, ...boxes] }
  } finally {
    wipeDealing(dealing)
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
