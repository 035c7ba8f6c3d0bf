import type { SignatureChecks } from '../statements/door.ts'

export { pureChecks as strictChecks, strictEd25519 } from '../statements/pure-checks.ts'

/** Takes every signature for good: for tests about rules, in worlds whose statements are not signed for real. */
export const noddingChecks: SignatureChecks = { ed25519: () => true, assertion: () => true }
