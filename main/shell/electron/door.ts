/** The one channel between the preload script and main: texts of the contract, both ways. */
export const CHANNEL = 'lockbox'
