import { z } from 'zod'

// Trusted Types in the window forbid `new Function`, which zod would probe for; both ends use the same zod.
z.config({ jitless: true })

export { z }
