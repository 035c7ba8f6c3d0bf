import type { SignatureChecks } from '../statements/door.ts'
import { pureChecks } from '../statements/pure-checks.ts'
import { remembered } from './remembered.ts'

export { pureChecks as strictChecks, strictEd25519 } from '../statements/pure-checks.ts'

/** Takes every signature for good: for tests about rules, in worlds whose statements are not signed for real. */
export const noddingChecks: SignatureChecks = { ed25519: () => true, assertion: () => true }

const ed25519 = remembered(pureChecks.ed25519)
const byAlgorithm = {
  EdDSA: remembered((key: Uint8Array, signedBytes: Uint8Array, signature: Uint8Array) =>
    pureChecks.assertion({ algorithm: 'EdDSA', key }, signedBytes, signature),
  ),
  ES256: remembered((point: Uint8Array, signedBytes: Uint8Array, signature: Uint8Array) =>
    pureChecks.assertion({ algorithm: 'ES256', point }, signedBytes, signature),
  ),
}

/** The strict checks, each signature checked once: the same entries stand in a hundred bundles and stories. */
export const rememberedChecks: SignatureChecks = {
  ed25519,
  assertion: (key, signedBytes, signature) =>
    byAlgorithm[key.algorithm](key.algorithm === 'EdDSA' ? key.key : key.point, signedBytes, signature),
}
