import { boxesBy } from '../shared/secrets/box.ts'
import { hpke } from './hpke.ts'

/** Boxes as main, the worker and the command line seal and open them; see `Boxes`. */
export const { sealBox, sealBoxFrom, openBox, openBoxFrom } = boxesBy(hpke)
