import { config } from 'zod'

// Zod can compile a schema to a function, by which objects are read in two thirds of the time. Trusted Types in the window forbid
// that, and already the probe for it, so it is for Node alone; what a schema takes and says is the same.
config({ jitless: !('process' in globalThis) || 'document' in globalThis })

export * from 'zod'
/** Nothing: `import * as z` instead, so that bundles hold what is used of zod and not its fifty languages. */
export type z = never
