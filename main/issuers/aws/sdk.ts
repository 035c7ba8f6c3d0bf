// What we use of AWS's client library. Only types may be imported from here: all else comes by `sts()` of `load-sdk.ts`.
export {
  AssumeRoleCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts'
