/**
 * AWS's client library, loaded when it is first needed: it is as large as the rest of the app, and neither a window that
 * opens nor a deal waits for it.
 */
export function sts() {
  return import('./sdk.ts')
}
