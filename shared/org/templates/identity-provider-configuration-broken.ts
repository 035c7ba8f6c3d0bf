import { MEND_SIGN_IN } from './session-policies.ts'
import { type PlanTemplate, runbook, SHORT } from './template.ts'

/** The provider works, but AWS no longer takes its word. */
export const IDENTITY_PROVIDER_CONFIGURATION_BROKEN: PlanTemplate = {
  emergency: 'identity-provider-configuration-broken',
  name: 'Identity provider configuration broken',
  says: 'The identity provider lets people in, but AWS refuses: a certificate ran out, or the connection was changed.',
  scope:
    'A role in the account that administers IAM Identity Center, or that holds the SAML provider, and in no other. It needs no more than to mend how people sign in.',
  sessionPolicy: MEND_SIGN_IN,
  durations: SHORT,
  need: 3,
  groups: [{ group: 'security', count: 1 }],
  veto: ['security'],
  requesters: { says: 'Those who look after sign-in, and those who lead incidents.', group: null },
  regions: ['eu-west-1', 'us-east-1'],
  runbook: runbook({
    'When to use this': [
      'People get through the identity provider, and AWS then refuses them all or shows them no accounts.',
      'Usual causes: the SAML certificate ran out, metadata or attribute mapping was changed, assignments were removed.',
      'Confirm it: two people who worked yesterday see the same refusal, and you know what ran out or who changed what.',
    ],
    'When not': [
      'The provider itself does not answer: use “Identity provider down”.',
      'AWS IAM Identity Center does not answer: use “Account or region access lost”.',
      'Nobody admits to the change: treat it as an attack and use “Suspected compromise”.',
      'A certificate that will run out, but has not: change it in working hours, the usual way.',
    ],
    'First steps': [
      '1. Open an incident. Its reference goes into the request.',
      '2. Ask the people who run the provider what changed, and for the new metadata or certificate.',
      '3. Compare the certificate’s fingerprint with them by phone: who may sign in to everything hangs on it.',
      '4. Approvers: call the requester back on a number you had before tonight. Security can stop this request with one denial.',
      '5. With the session, check where you are: aws sts get-caller-identity.',
      '6. Save the present configuration before you replace it.',
      '7. IAM Identity Center: Settings, Identity source, and there the metadata or certificate. A SAML provider in IAM: aws iam update-saml-provider.',
      '8. Change that one thing. Try it with one person before you tell everybody.',
    ],
    'What to watch': [
      'Put back what was there. Do not add providers, people or assignments to get around it: an attacker would do that.',
      'The alarm for this role should ring within minutes. If it does not, write that down.',
      'If the change does not help within the session, put the old configuration back and ask for other help.',
    ],
    'How to end': [
      '1. Let two people sign in and reach the accounts they had before.',
      '2. Say “I am done”.',
      '3. Remove the old certificate once nobody depends on it, in working hours.',
    ],
    'What follows': [
      'The credential is replaced and its new key deposited, within the time that the plan sets.',
      'Somebody who neither asked, approved nor issued reviews the case and compares CloudTrail with the one change that was agreed.',
      'Put a reminder before the next certificate runs out, where more than one person sees it.',
    ],
  }),
}
