/**
 * AWS's client library, loaded when it is first needed: it is as large as the rest of the app, and neither a window that
 * opens nor a deal waits for it.
 */
export function sts() {
  return import('./sdk.ts')
}

/** The same for IAM, which only ending a session and replacing a key take: whoever issues never loads it. */
export function iam() {
  return import('./sdk-iam.ts')
}

/** The same for CloudTrail, which only asking it for evidence takes. */
export function cloudTrail() {
  return import('./sdk-trail.ts')
}
