const IAM = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/'

/** Who says that a set-up should be so. */
export const SOURCES = {
  /** Well-Architected, SEC03-BP03. */
  sec: 'https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_permissions_emergency_process.html',
  /** Fault isolation, appendix A. */
  fault:
    'https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/appendix-a---partitional-service-guidance.html',
  /** Organizing your AWS environment: break-glass access. */
  org: 'https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/break-glass-access.html',
  regional: 'https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html',
  time: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html',
  arn: `${IAM}reference-arns.html`,
  mfa: `${IAM}id_credentials_mfa_configure-api-require.html`,
  sid: `${IAM}id_credentials_temp_control-access_monitor.html`,
  ext: `${IAM}id_roles_common-scenarios_third-party.html`,
  revoke: `${IAM}id_roles_use_revoke-sessions.html`,
  rotate: `${IAM}id_credentials_access-keys.html`,
  keys: `${IAM}reference_iam-quotas.html`,
  least: `${IAM}best-practices.html`,
  assume: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html',
  /** Microsoft on emergency access: validate every 90 days. */
  drill: 'https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/security-emergency-access',
} as const
