// What we use of AWS's client library for CloudTrail; as `sdk.ts`, by `cloudTrail()` of `load-sdk.ts`.
export { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
