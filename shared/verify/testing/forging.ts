import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../bytes.ts'
import { jcs } from '../../jcs.ts'
import { parse } from '../../statements/envelope.ts'
import { person } from '../../testing/keys.ts'
import { deviceSignature, touch } from '../../testing/signing.ts'
import * as z from '../../zod.ts'

const envelope = z.strictObject({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z.array(z.record(z.string(), z.string())),
})

/** An envelope taken apart. */
export function partsOf(bytes: Uint8Array): z.output<typeof envelope> {
  return envelope.parse(JSON.parse(fromUtf8(bytes)))
}

/** An envelope with its JSON changed and canonical again: what somebody without any key can do. */
export function forged(bytes: Uint8Array, change: (parts: z.output<typeof envelope>) => unknown): Uint8Array {
  return jcs(change(partsOf(bytes)))
}

/** A payload's text changed, the signatures left as they were. */
export function withPayload(bytes: Uint8Array, from: string, to: string): Uint8Array {
  return forged(bytes, (parts) => {
    const payload = fromUtf8(fromBase64Url(parts.payload))
    if (!payload.includes(from)) throw new TypeError(`the payload has no ${from}`)
    return { ...parts, payload: toBase64Url(utf8(payload.replace(from, to))) }
  })
}

/** An envelope that this person's device signs as it is: what malware on the device can do. */
export function signedByDevice(bytes: Uint8Array, name: string): Uint8Array {
  const signature = deviceSignature(person(name), parse(bytes).signedBytes)
  return forged(bytes, (parts) => ({ ...parts, signatures: [signature, ...parts.signatures.slice(1)] }))
}

/** An envelope with this person's hardware key in the place of its author's: a touch of the wrong key. */
export function touchedWith(bytes: Uint8Array, name: string, which: 0 | 1 = 0): Uint8Array {
  const { keyid, sig, authenticatorData, clientDataJSON } = touch(person(name).keys[which], parse(bytes).id)
  return forged(bytes, (parts) => ({
    ...parts,
    signatures: [...parts.signatures.slice(0, 1), { keyid, sig, authenticatorData, clientDataJSON }],
  }))
}
