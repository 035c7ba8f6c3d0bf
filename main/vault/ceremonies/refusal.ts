import type { RefusalCode } from '../../../shared/ceremony.ts'
import { LockboxError } from '../../../shared/errors.ts'

/** Why a ceremony does not go on; its message is for the person at the key. */
export class CeremonyRefusal extends LockboxError<RefusalCode> {
  /** Whether the same step may be tried once more. */
  readonly mayRetry: boolean

  constructor(code: RefusalCode, message: string, mayRetry: boolean, options?: { cause?: unknown }) {
    super(code, message, options)
    this.mayRetry = mayRetry
  }
}

/** Who is meant by a message. */
export interface KeyWords {
  /** The key that was asked for; null when any would do. */
  readonly key: string | null
  /** The other keys of this vault, which could be used instead. */
  readonly others: readonly string[]
}

const quoted = (label: string): string => `“${label}”`
const theKey = ({ key }: KeyWords): string => (key === null ? 'The key' : `The key ${quoted(key)}`)
const elsewhere = ({ others }: KeyWords): string =>
  others.length === 0
    ? ''
    : ` Or use ${others.length === 1 ? 'key' : 'one of the keys'} ${others.map(quoted).join(', ')}.`

const SET_A_PIN =
  'If it has no PIN yet, set a PIN on it first (fido2-token -S, its maker’s app, or chrome://settings/securityKeys).'

const MESSAGES: Record<RefusalCode, { mayRetry: boolean; words: (keys: KeyWords) => string }> = {
  'no-prf': {
    mayRetry: true,
    words: () =>
      'This key cannot store a secret (no hmac-secret), so it cannot be used with Lockbox. Use a FIDO2 key that can, such as a YubiKey 5, a Nitrokey 3 or a Token2 key, and try again.',
  },
  'no-algorithm': {
    mayRetry: true,
    words: (keys) =>
      `${theKey(keys)} can sign with neither EdDSA nor ES256, so it cannot be used with Lockbox. Use another FIDO2 key.`,
  },
  'no-secret': {
    mayRetry: true,
    words: (keys) =>
      `${theKey(keys)} answered without the secret. Update its firmware, or try again.${elsewhere(keys)}`,
  },
  'secret-changed': {
    mayRetry: false,
    words: (keys) =>
      `${theKey(keys)} gave two different secrets for the same question, so a vault locked with it might never open again. Start over with another key.`,
  },
  'no-verification': {
    mayRetry: true,
    words: (keys) =>
      `${theKey(keys)} answered without asking for its PIN or fingerprint, so anybody who finds it could use it. ${SET_A_PIN} Then try again.${elsewhere(keys)}`,
  },
  'no-answer': {
    mayRetry: true,
    words: (keys) =>
      `${theKey(keys)} did not answer: it was not touched in time, the dialog was closed, its PIN is blocked, or it is not one of the keys asked for. ${SET_A_PIN} Then try again.${elsewhere(keys)}`,
  },
  'cannot-ask-pin': {
    mayRetry: true,
    words: () =>
      'This build cannot ask for your key’s PIN on this system. Start Lockbox in browser mode, or use a fingerprint key: to go on with one, try again.',
  },
  synced: {
    mayRetry: true,
    words: () =>
      'This passkey is copied between devices by its maker, so it is not in your hand alone. Use a FIDO2 security key.',
  },
  'same-key': {
    mayRetry: true,
    words: ({ key }) =>
      `That is the same key. Insert your backup key${key === null ? '' : ` ${quoted(key)}`} and try again.`,
  },
  'another-key': {
    mayRetry: true,
    words: (keys) =>
      `${theKey(keys)} was not the one that was touched: both of its credentials must lie on one key. Remove all other keys and try again.`,
  },
  'unknown-key': {
    mayRetry: true,
    words: (keys) =>
      `An answer came from a key that was not asked for; it was not accepted. Try again.${elsewhere(keys)}`,
  },
  'wrong-site': {
    mayRetry: false,
    words: () => 'The key answered for another site than Lockbox, so its answer proves nothing here. Restart Lockbox.',
  },
  'not-verified': {
    mayRetry: true,
    words: (keys) =>
      `The answer of ${keys.key === null ? 'the key' : quoted(keys.key)} does not check out and was not accepted. Try again.${elsewhere(keys)}`,
  },
  'unexpected-answer': {
    mayRetry: false,
    words: () => 'Something else came back than was asked of the key. Nothing was done; start again.',
  },
  'slot-altered': {
    mayRetry: true,
    words: (keys) =>
      `${theKey(keys)} is the right one and its PIN was right, but what this vault keeps for it was altered on the disk and does not open. Put back vault.json from a backup.${elsewhere(keys)}`,
  },
  'vault-altered': {
    mayRetry: false,
    words: () => 'The vault’s own keys were altered on the disk and do not open. Put back vault.json from a backup.',
  },
  'disk-full': {
    mayRetry: false,
    words: () => 'The disk is full, so nothing was kept. Free some space and start again.',
  },
  'chain-moved': {
    mayRetry: false,
    words: () =>
      'Something else was recorded while you reached for your key. Nothing was signed. Look once more, then touch it again.',
  },
  'read-only': {
    mayRetry: false,
    words: () =>
      'The folder of this profile cannot be written, so nothing was kept. Make it writable, then lock and unlock Lockbox.',
  },
  'disk-failed': {
    mayRetry: false,
    words: () =>
      'The disk did not keep what it was given, so this may not be recorded. Lock and unlock Lockbox, which reads what is there; if it happens again, use another device.',
  },
  'not-alone': {
    mayRetry: false,
    words: () =>
      'Something else changed this profile’s folder while Lockbox ran, so nothing was recorded. Close every other Lockbox that uses it, then lock and unlock this one.',
  },
  'newer-version': {
    mayRetry: false,
    words: () =>
      'This profile was written by a newer Lockbox, and nothing in it was changed. Start the newer one, or update this one.',
  },
  'older-version': {
    mayRetry: false,
    words: () =>
      'This profile was written by an earlier Lockbox that this one cannot read, and nothing in it was changed. Start the earlier one.',
  },
  cancelled: { mayRetry: false, words: () => 'Cancelled. Nothing was changed.' },
  'out-of-date': {
    mayRetry: false,
    words: () => 'This is no longer being asked for; another step took its place. Nothing was done.',
  },
  failed: {
    mayRetry: false,
    words: () => 'Something went wrong inside Lockbox; its log says what. Nothing was signed or kept.',
  },
}

/** The refusal of a code, in the words for these keys. */
export function refusal(
  code: RefusalCode,
  keys: KeyWords = { key: null, others: [] },
  cause?: unknown,
): CeremonyRefusal {
  const { mayRetry, words } = MESSAGES[code]
  return new CeremonyRefusal(code, words(keys), mayRetry, { cause })
}

/** The refusal for a `DOMException` of `navigator.credentials`, by its name. */
export function refusalForFailure(name: string, keys: KeyWords): CeremonyRefusal {
  if (name === 'InvalidStateError') return refusal('same-key', keys)
  if (name === 'NotSupportedError') return refusal('no-algorithm', keys)
  if (name === 'SecurityError') return refusal('wrong-site', keys)
  return refusal('no-answer', keys)
}
