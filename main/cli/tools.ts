import { bulkChecks } from '../bulk-checks.ts'
import { sha256 } from '../sha256.ts'

/** How the command line verifies: with OpenSSL, which is many times faster than what runs everywhere. */
export const tools = { checks: bulkChecks, sha256 }
