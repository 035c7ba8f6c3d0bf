import { toBase64Url } from '../../bytes.ts'
import type { SignatureChecks } from '../../statements/door.ts'
import { strictChecks } from '../../testing/checks.ts'

const known = new Map<string, boolean | Promise<boolean>>()

function remembered<Answer extends boolean | Promise<boolean>>(
  parts: readonly Uint8Array[],
  check: () => Answer,
): Answer | boolean | Promise<boolean> {
  const key = parts.map((part) => toBase64Url(part)).join(' ')
  const answer = known.get(key) ?? check()
  known.set(key, answer)
  return answer
}

/** The strict checks, each signature checked once: the same entries stand in a hundred bundles. */
export const rememberedChecks: SignatureChecks = {
  ed25519: (publicKey, message, signature) =>
    remembered([publicKey, message, signature], () => strictChecks.ed25519(publicKey, message, signature)) === true,
  assertion: (key, signedBytes, signature) =>
    remembered([key.algorithm === 'EdDSA' ? key.key : key.point, signedBytes, signature], () =>
      strictChecks.assertion(key, signedBytes, signature),
    ),
}

/** Words that cost nothing. */
export const noWords = (): Promise<readonly string[]> => Promise.resolve([])
