import type { VerifiedStatement } from '../statements/door.ts'
import type { DeviceSignature, HardwareSignature, Statement } from '../statements/envelope.ts'
import type { Placed } from './batch.ts'

const NOTHING = new Uint8Array()

/** What very many statements say alike: the same few people, devices, plans and rosters. */
const ALIKE: ReadonlySet<string> = new Set(['organization', 'roster', 'member', 'device', 'plan', 'emergency', 'what'])

/** Lets statements that came from another thread share what they say alike: each text came as one of its own, half of what they take. */
export class Alike {
  readonly #texts = new Map<string, string>()

  share({ file, at, statement }: Placed): Placed {
    const { id, kind, payload, device, hardware } = statement
    const said: [string, unknown][] = Object.entries<unknown>({ ...payload }).map(([name, value]) => [
      name,
      ALIKE.has(name) ? this.#one(value) : value,
    ])
    // Named one by one, in the order of parse(): a copy of another shape has V8 compile anew all that reads statements.
    const shared = {
      id,
      kind,
      payload: Object.fromEntries(said) as unknown,
      envelope: NOTHING,
      signedBytes: NOTHING,
      device: { keyid: this.#one(device.keyid), sig: device.sig } satisfies DeviceSignature,
      hardware: hardware && this.#hardware(hardware),
    } satisfies Record<keyof Statement, unknown>
    return { file, at, statement: shared as VerifiedStatement }
  }

  #hardware({ keyid, sig, authenticatorData, clientDataJSON }: HardwareSignature): HardwareSignature {
    return { keyid: this.#one(keyid), sig, authenticatorData, clientDataJSON }
  }

  #one<Text>(value: Text): Text {
    if (typeof value !== 'string') return value
    const known = this.#texts.get(value)
    if (known !== undefined) return known as typeof value
    this.#texts.set(value, value)
    return value
  }
}
