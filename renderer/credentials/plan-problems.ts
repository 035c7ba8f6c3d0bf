import { type PlanForm, planForm } from '../../shared/ipc-values.ts'

const FIELD_WORDS: Readonly<Record<string, string>> = {
  name: 'The plan needs a name of one line, at most 64 characters.',
  emergencies: 'Choose at least one emergency.',
  runbook: 'The runbook is too long, or contains characters that do not show.',
  credential: 'The credential needs a name.',
  'access.roleArn': 'The AWS role is written like arn:aws:iam::123456789012:role/emergency.',
  'access.sessionPolicy': 'The session policy has to be a JSON object of at most 2048 characters.',
  'access.regions': 'Each region is written like eu-west-1, with an https endpoint. One is needed.',
  'access.externalId': 'An external id is 2 to 256 letters, digits and _+=,.@:/-.',
  'access.chain': 'Roles on the way: up to three, one a line, each with its external id after a space if it has one.',
  'access.aftercare':
    'The roles for afterwards are written like arn:aws:iam::123456789012:role/lockbox-revoker, the user like lockbox-emergency, and IAM like us-east-1 with an https endpoint.',
  'access.mfa': 'The MFA device is written like arn:aws:iam::123456789012:mfa/emergency.',
  requesters: 'Choose at least one person who may ask.',
  custodians: 'Choose 2 to 15 custodians.',
  quorum: 'At least 2 approvals are needed, and whole numbers.',
  whyTight: 'The reason is too long.',
  durations: 'Choose at least one duration.',
  issuers: 'Choose at least one person whose device may issue.',
}

/** What keeps the form from being a plan at all, in words; whether the plan can work is main's to say. */
export function formProblems(form: PlanForm): string[] {
  const parsed = planForm.safeParse(form)
  const issues = parsed.success ? [] : parsed.error.issues
  const words = issues.map(({ path }) => {
    const [first, second] = path
    return FIELD_WORDS[`${String(first)}.${String(second)}`] ?? FIELD_WORDS[String(first)] ?? `Check ${path.join(' ')}.`
  })
  if (form.quorum.count > form.custodians.length) words.push('More approvals are needed than there are custodians.')
  return [...new Set(words)]
}
