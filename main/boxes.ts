import { boxesBy } from '../shared/secrets/box.ts'
import { nativeHpke } from './hpke.ts'

/** Boxes as main and the worker seal and open them, but for messages by relay, for which nobody waits; see `Boxes`. */
export const { sealBox, openBox } = boxesBy(nativeHpke)
