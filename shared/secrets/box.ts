import { type Digest, utf8 } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { BOX_KEY_LENGTH, type BoxKey, checkBoxKey, isBoxKey } from './box-key.ts'
import { SecretsError } from './errors.ts'
import { ENC_LENGTH, type Hpke, portableHpke } from './hpke.ts'

/** What boxes are for. Each purpose is a domain of its own: a box of one never opens as another. */
export const BOX_PURPOSES = [
  'share',
  'release',
  'handover',
  'revoker',
  'rotator',
  'mail',
  'relay',
  'dealing',
  'input',
  'output',
] as const
export type BoxPurpose = (typeof BOX_PURPOSES)[number]

/** What a box is bound to. The one who opens it says what it must be; nothing is read out of the box. */
export type BoxContext = {
  readonly purpose: BoxPurpose
  /** The organization's id. */
  readonly organization: Digest
  /** The deposit's id; in `share` the SHA-256 of its header, for the statement itself names the boxes. */
  readonly deposit: Digest | null
  readonly request: Digest | null
  readonly ready: Digest | null
  /** The device that seals. */
  readonly from: Digest | null
  /** The device that opens. */
  readonly to: Digest | null
  /** The share's index, 1..N. */
  readonly index: number | null
}

/** Most bytes that one box may hold. */
export const MAX_BOX_PLAINTEXT = 65_536
/** What sealing adds: the ephemeral public key and the Poly1305 tag. */
export const BOX_OVERHEAD = ENC_LENGTH + 16

/**
 * Fields without which a box of that purpose would be open to a mix-up; leaving one out is our own mistake. A purpose
 * is bound to more wherever its caller knows more.
 */
const REQUIRED: { readonly [Purpose in BoxPurpose]: readonly (keyof BoxContext)[] } = {
  share: ['deposit', 'to', 'index'],
  release: ['deposit', 'request', 'ready', 'from', 'to', 'index'],
  handover: ['request', 'from', 'to'],
  revoker: ['request', 'from', 'to'],
  rotator: ['request', 'from', 'to'],
  mail: ['from', 'to'],
  relay: ['from', 'to'],
  dealing: [],
  input: [],
  output: [],
}

/** What is done with boxes. */
export interface Boxes {
  /**
   * Seals bytes to a box key: HPKE, RFC 9180, base mode. Format: docs/formats/box.md. Who sealed it is not proved; that
   * is the business of the statement which names the box's SHA-256. The ephemeral key comes from the platform's generator.
   *
   * @param recipientPublicKey - X25519, 32 bytes.
   * @param plaintext - at most 65,536 bytes; stays the caller's to wipe.
   * @returns enc (32 bytes) ‖ ciphertext ‖ tag (16 bytes).
   * @throws {SecretsError} `box-key-refused`.
   * @throws {TypeError} if the plaintext is too long or the context lacks a field that its purpose needs.
   */
  readonly sealBox: (
    recipientPublicKey: Uint8Array,
    context: BoxContext,
    plaintext: Uint8Array,
  ) => Promise<Uint8Array<ArrayBuffer>>
  /**
   * The same in HPKE's authenticated mode (RFC 9180 §5.1.3), for the purpose `relay`: what opens was sealed with that
   * sender's private key, or with the recipient's own.
   *
   * @param senderPrivateKey - X25519, 32 bytes; stays the caller's to wipe.
   * @throws as {@link Boxes.sealBox}.
   */
  readonly sealBoxFrom: (
    senderPrivateKey: Uint8Array,
    recipientPublicKey: Uint8Array,
    context: BoxContext,
    plaintext: Uint8Array,
  ) => Promise<Uint8Array<ArrayBuffer>>
  /**
   * Opens a box in the context in which it must have been sealed.
   *
   * @param key - X25519, the private half of 32 bytes; stays the caller's to wipe. With its public half, where that is at
   *   hand, half of the arithmetic is saved; with that of another key nothing opens.
   * @returns the plaintext, in a buffer of its own that the caller wipes.
   * @throws {SecretsError} `box-malformed` if the bytes cannot be a box, `box-refused` if it was sealed to another key, in
   *   another context, or altered.
   * @throws {TypeError} if the private key is not 32 bytes or the context lacks a field that its purpose needs.
   */
  readonly openBox: (key: Uint8Array | BoxKey, context: BoxContext, box: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>
  /**
   * Opens a box that {@link Boxes.sealBoxFrom} made.
   *
   * @param senderPublicKey - whose it must be: X25519, 32 bytes.
   * @throws as {@link Boxes.openBox}; `box-refused` also if it was sealed by somebody else.
   */
  readonly openBoxFrom: (
    senderPublicKey: Uint8Array,
    privateKey: Uint8Array,
    context: BoxContext,
    box: Uint8Array,
  ) => Promise<Uint8Array<ArrayBuffer>>
}

/** Boxes by somebody's HPKE: what is checked, bound and wiped is the same with each, and so are the bytes. */
export function boxesBy(hpke: Hpke): Boxes {
  return {
    sealBox: (recipientPublicKey, context, plaintext) => seal(hpke, recipientPublicKey, context, plaintext, null),
    sealBoxFrom: async (senderPrivateKey, recipientPublicKey, context, plaintext) => {
      if (senderPrivateKey.length !== BOX_KEY_LENGTH) throw new TypeError('expected a private key of 32 bytes')
      const copy = Uint8Array.from(senderPrivateKey)
      try {
        return await seal(hpke, recipientPublicKey, context, plaintext, copy)
      } finally {
        copy.fill(0)
      }
    },
    openBox: (key, context, box) => open(hpke, key, context, box, null),
    openBoxFrom: async (senderPublicKey, privateKey, context, box) => {
      checkBoxKey(senderPublicKey)
      return open(hpke, privateKey, context, box, senderPublicKey)
    },
  }
}

/** Boxes by the library's HPKE, for every host. */
export const { sealBox, sealBoxFrom, openBox, openBoxFrom } = boxesBy(portableHpke)

async function seal(
  hpke: Hpke,
  recipientPublicKey: Uint8Array,
  context: BoxContext,
  plaintext: Uint8Array,
  sender: Uint8Array<ArrayBuffer> | null,
): Promise<Uint8Array<ArrayBuffer>> {
  checkMode(context, sender)
  checkBoxKey(recipientPublicKey)
  if (plaintext.length > MAX_BOX_PLAINTEXT)
    throw new TypeError(`expected at most ${MAX_BOX_PLAINTEXT} bytes to seal, got ${plaintext.length}`)
  const bound = { info: boxInfo(context.purpose), associatedData: boxAssociatedData(context) }
  const copy = Uint8Array.from(plaintext)
  try {
    return await hpke.seal(recipientPublicKey, bound, copy, sender)
  } finally {
    copy.fill(0)
  }
}

async function open(
  hpke: Hpke,
  key: Uint8Array | BoxKey,
  context: BoxContext,
  box: Uint8Array,
  sender: Uint8Array | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const { privateKey, publicKey } = key instanceof Uint8Array ? { privateKey: key, publicKey: null } : key
  checkMode(context, sender)
  if (privateKey.length !== BOX_KEY_LENGTH) throw new TypeError('expected a private key of 32 bytes')
  const bound = { info: boxInfo(context.purpose), associatedData: boxAssociatedData(context) }
  const bytes = checkedBox(box)
  const copy = Uint8Array.from(privateKey)
  try {
    return await hpke.open({ privateKey: copy, publicKey }, bound, bytes, sender)
  } catch (cause) {
    throw new SecretsError('box-refused', `the ${context.purpose} box was not sealed to this key in this context`, {
      cause,
    })
  } finally {
    copy.fill(0)
  }
}

/** The bytes that bind a box to its context: the JCS of all eight fields, null where there is none. */
export function boxAssociatedData(context: BoxContext): Uint8Array<ArrayBuffer> {
  const { organization, purpose, deposit, request, ready, from, to, index } = context
  for (const field of REQUIRED[purpose])
    if (context[field] === null) throw new TypeError(`a ${purpose} box needs ${field} in its context`)
  return jcs({ organization, purpose, deposit, request, ready, from, to, index })
}

/** A message by relay always says whose it is, and nothing else does. */
function checkMode({ purpose }: BoxContext, sender: Uint8Array | null): void {
  if ((purpose === 'relay') !== (sender !== null))
    throw new TypeError(`a ${purpose} box is ${purpose === 'relay' ? '' : 'not '}sealed in authenticated mode`)
}

function boxInfo(purpose: BoxPurpose): Uint8Array<ArrayBuffer> {
  return utf8(`lockbox/${purpose}/v1`)
}

/** A copy of what can be a box. */
function checkedBox(box: Uint8Array): Uint8Array<ArrayBuffer> {
  if (box.length < BOX_OVERHEAD || box.length > BOX_OVERHEAD + MAX_BOX_PLAINTEXT)
    throw new SecretsError(
      'box-malformed',
      `expected a box of ${BOX_OVERHEAD} to ${BOX_OVERHEAD + MAX_BOX_PLAINTEXT} bytes`,
    )
  const bytes = Uint8Array.from(box)
  // Said before any private key is used: a low-order point would make the shared secret the same for every key.
  if (!isBoxKey(bytes.subarray(0, ENC_LENGTH)))
    throw new SecretsError('box-malformed', 'expected a box that begins with a valid X25519 public key')
  return bytes
}
