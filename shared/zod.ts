import { config } from 'zod'

// Trusted Types in the window forbid `new Function`, which zod would probe for; both ends use the same zod.
config({ jitless: true })

export * from 'zod'
/** Nothing: `import * as z` instead, so that bundles hold what is used of zod and not its fifty languages. */
export type z = never
